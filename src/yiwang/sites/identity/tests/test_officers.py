from datetime import timedelta

import pytest
from django.test import Client

from yiwang.kernel.base.moments import now
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.org.models import Account
from yiwang.kernel.org.queries import actor_of
from yiwang.sites.identity.actions.officers import disable_account, reset_password, reset_second_factor
from yiwang.sites.identity.actions.own import use_second_factor
from yiwang.sites.identity.models import SignIn
from yiwang.sites.identity.refusals import NotSecurityOfficer, WrongCode
from yiwang.sites.identity.tests.people import PASSWORD, Browser, citizen, code_now, is_in, later, officer, staff

pytestmark = pytest.mark.django_db


def test_disabling_ends_at_once(browser: Browser) -> None:
    account = staff()
    browser.sign_in_staff(account)
    disable_account(actor=actor_of(officer()), account=account.pk, reason="调离")
    assert not is_in(browser)
    assert browser.password("chen").status_code == 400
    assert SignIn.objects.get().end == "disabled"


def test_a_lost_second_factor_is_reset_by_the_security_officer(browser: Browser) -> None:
    account = staff()
    browser.password("chen")
    browser.enrol()
    paper = browser.client.get("/id/codes/").context["codes"][0]
    old = browser.secret
    reset_second_factor(actor=actor_of(officer()), account=account.pk, reason="手机丢失")
    assert not is_in(browser)
    with later(minutes=2):
        for worthless in (code_now(old), paper):
            with pytest.raises(WrongCode):
                use_second_factor(actor=actor_of(account), code=worthless)
    assert browser.password("chen")["Location"] == "/id/enrol/"
    entry = Entry.objects.order_by("pk").last()
    assert entry is not None
    assert (entry.verb, entry.facts) == ("account.factor_reset", {"reason": "手机丢失", "sessions_ended": 1})


def test_one_changes_ones_own_authenticator(browser: Browser) -> None:
    account = staff()
    browser.sign_in_staff(account)
    old = browser.secret
    assert browser.client.post("/id/factor/", {"code": "000000"}).status_code == 400
    assert is_in(browser)
    with later(minutes=2):
        assert browser.client.post("/id/factor/", {"code": code_now(old)})["Location"] == "/id/enrol/"
        assert not is_in(browser)
        assert browser.enrol()["Location"] == "/id/codes/"
        assert browser.secret != old
    with later(minutes=4), pytest.raises(WrongCode):
        use_second_factor(actor=actor_of(account), code=code_now(old))
    assert [entry.verb for entry in Entry.objects.order_by("pk")] == [
        "account.factor_enrolled",
        "account.factor_given_up",
        "account.factor_enrolled",
    ]


def test_the_security_officer_unlocks(browser: Browser) -> None:
    account = staff()
    for _ in range(5):
        browser.password("chen", "wrong")
    assert browser.password("chen").status_code == 429
    chief = Browser(Client()).sign_in_staff(officer())
    assert chief.client.post(f"/id/officer/{account.pk}/unlock/", {"reason": ""}).status_code == 400
    assert browser.password("chen").status_code == 429
    assert chief.client.post(f"/id/officer/{account.pk}/unlock/", {"reason": "本人到场"}).status_code == 302
    assert browser.password("chen")["Location"] == "/id/enrol/"


def test_the_officers_page_lists_and_gives_a_password(browser: Browser) -> None:
    account = staff()
    browser.sign_in_staff(officer())
    assert "陈雨晴" in browser.client.get("/id/officer/", {"q": "陈"}).content.decode()
    assert "陈雨晴" not in browser.client.get("/id/officer/", {"q": "吴"}).content.decode()
    page = browser.client.post(f"/id/officer/{account.pk}/password/", {"reason": "忘记密码"})
    given = page.context["password"]
    assert Browser(Client()).password("chen").status_code == 400
    assert Browser(Client()).password("chen", given)["Location"] == "/id/enrol/"
    assert browser.client.post(f"/id/officer/{account.pk}/nonsense/", {"reason": "x"}).status_code == 404


def test_nobody_else_resets_and_no_officer_himself(browser: Browser) -> None:
    account = staff()
    browser.sign_in_staff(account)
    security = officer()
    for actor in (account, officer("system", "system"), officer("audit", "audit"), citizen()):
        with pytest.raises(NotSecurityOfficer):
            reset_second_factor(actor=actor_of(actor), account=account.pk, reason="x")
    with pytest.raises(NotSecurityOfficer):
        reset_password(actor=actor_of(security), account=security.pk, reason="x")
    assert is_in(browser)
    assert browser.client.get("/id/officer/").status_code == 403
    assert browser.client.post(f"/id/officer/{security.pk}/disable/", {"reason": "x"}).status_code == 403


def test_a_given_password_must_be_changed_first(browser: Browser) -> None:
    account = staff()
    given = reset_password(actor=actor_of(officer()), account=account.pk, reason="忘记密码")
    browser.password("chen", given)
    browser.enrol()
    assert browser.client.get("/id/codes/").status_code == 200
    assert browser.client.get("/id/sessions/")["Location"] == "/id/password/"
    again = browser.client.post("/id/password/", {"old": given, "password": given, "again": given})
    assert again.status_code == 400
    weak = browser.client.post("/id/password/", {"old": given, "password": "abc", "again": "abc"})
    assert weak.status_code == 400
    new = {"old": given, "password": "Baishi-2027!", "again": "Baishi-2027!"}
    assert browser.client.post("/id/password/", new)["Location"] == "/desk/"
    assert is_in(browser)


def test_an_old_password_must_be_changed(browser: Browser) -> None:
    account = staff()
    Account.objects.filter(pk=account.pk).update(password_changed=now() - timedelta(days=91))
    browser.password("chen")
    browser.enrol()
    assert browser.client.get("/id/sessions/")["Location"] == "/id/password/"


def test_former_passwords_are_refused_and_other_sessions_end(browser: Browser) -> None:
    account = staff()
    browser.sign_in_staff(account)
    other = Browser(Client())
    with later(minutes=2):
        other.password("chen")
        other.client.post("/id/second/", {"code": code_now(browser.secret)})
        assert is_in(other)
        first = {"old": PASSWORD, "password": "Baishi-2027!", "again": "Baishi-2027!"}
        assert browser.client.post("/id/password/", first).status_code == 302
        assert is_in(browser)
        assert not is_in(other)
        back = {"old": "Baishi-2027!", "password": PASSWORD, "again": PASSWORD}
        assert browser.client.post("/id/password/", back).status_code == 400
