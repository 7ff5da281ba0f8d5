import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from tests.queries import CountQueries
from yiwang.kernel.base.moments import now
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.org.models import Account
from yiwang.kernel.org.queries import actor_of
from yiwang.sites.identity.actions.own import use_second_factor
from yiwang.sites.identity.models import SignIn
from yiwang.sites.identity.refusals import WrongCode
from yiwang.sites.identity.tests.people import PASSWORD, Browser, code_now, is_in, later, staff, verbs

pytestmark = pytest.mark.django_db


def test_first_sign_in_enrols_then_asks_for_codes(browser: Browser) -> None:
    account = staff()
    assert browser.password("chen")["Location"] == "/id/enrol/"
    assert not is_in(browser)
    assert browser.enrol()["Location"] == "/id/codes/"
    codes = browser.client.get("/id/codes/").context["codes"]
    assert len(codes) == 10
    assert browser.client.get("/id/codes/").status_code == 302  # once
    assert is_in(browser)
    assert Entry.objects.get().verb == "account.factor_enrolled"
    assert ("sign_in", True) in verbs()
    again = Browser(Client())
    assert again.password("QS-chen")["Location"] == "/id/second/"
    assert not is_in(again)
    with later(minutes=1):
        done = again.client.post("/id/second/", {"code": code_now(browser.secret)})
    assert done["Location"] == "/desk/"
    third = Browser(Client())
    third.password("chen")
    assert third.client.post("/id/second/", {"code": codes[0]})["Location"] == "/desk/"
    assert Account.objects.get(pk=account.pk).is_active


def test_a_code_is_good_once_over_all_sessions(browser: Browser) -> None:
    account = staff()
    browser.sign_in_staff(account)
    with later(minutes=2):
        code = code_now(browser.secret)
        first, second = Browser(Client()), Browser(Client())
        for each in (first, second):
            each.password("chen")
        assert first.client.post("/id/second/", {"code": code}).status_code == 302
        assert second.client.post("/id/second/", {"code": code}).status_code == 400
        assert not is_in(second)
        with pytest.raises(WrongCode):
            use_second_factor(actor=actor_of(account), code=code)


def test_a_paper_code_is_good_once(browser: Browser) -> None:
    account = staff()
    browser.password("chen")
    browser.enrol()
    paper = browser.client.get("/id/codes/").context["codes"][3]
    assert use_second_factor(actor=actor_of(account), code=f"{paper[:4]} {paper[4:]}") == "recovery_codes"
    with pytest.raises(WrongCode):
        use_second_factor(actor=actor_of(account), code=paper)


def test_the_second_step_cannot_be_skipped(browser: Browser) -> None:
    staff()
    browser.password("chen")
    assert browser.client.get("/id/codes/").status_code == 302
    assert browser.client.get("/id/sessions/")["Location"].startswith("/id/")
    assert browser.client.post("/id/second/", {"code": "000000"}).status_code == 400
    with later(minutes=11):
        assert browser.client.get("/id/enrol/")["Location"] == "/id/staff/"


def test_the_secret_is_shown_only_to_the_half_signed_in(browser: Browser) -> None:
    staff()
    assert browser.client.get("/id/enrol/qr.svg").status_code == 404
    browser.password("chen")
    browser.client.get("/id/enrol/")
    picture = browser.client.get("/id/enrol/qr.svg")
    assert picture["Content-Type"] == "image/svg+xml"
    assert "no-store" in picture["Cache-Control"]
    browser.enrol()
    assert browser.client.get("/id/enrol/qr.svg").status_code == 404
    assert not any(browser.secret in row.session_data for row in Session.objects.all())


def test_five_failures_lock_for_half_an_hour_whoever_tries(browser: Browser) -> None:
    staff()
    answers = [browser.password("chen", "wrong") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 400, 429]
    assert Browser(Client(REMOTE_ADDR="10.0.0.9")).password("chen").status_code == 429
    stranger = [Browser(Client()).password("nobody", "wrong") for _ in range(5)]
    assert [answer.status_code for answer in stranger] == [400, 400, 400, 400, 429]  # the same for strangers
    assert ("account_locked", False) in verbs()
    AccessAttempt.objects.update(attempt_time=now() - timedelta(minutes=31))
    assert browser.password("chen")["Location"] == "/id/enrol/"


def test_wrong_codes_lock_too_and_a_right_password_does_not_reset_them(browser: Browser) -> None:
    account = staff()
    browser.sign_in_staff(account)
    thief = Browser(Client())
    for n in range(4):
        thief.password("chen")
        assert thief.client.post("/id/second/", {"code": f"00000{n}"}).status_code == 400
    thief.password("chen")
    assert thief.client.post("/id/second/", {"code": "000009"}).status_code == 429
    assert thief.password("chen").status_code == 429


def test_an_answer_tells_nothing(browser: Browser) -> None:
    staff()
    disabled = staff("wu")
    Account.objects.filter(pk=disabled.pk).update(is_active=False)
    pages = [
        browser.password("chen", "wrong").content,
        browser.password("nobody", "wrong").content,
        browser.password("wu").content,
    ]
    plain = {re.sub(rb'value="[^"]*"', b"", page) for page in pages}
    assert len(plain) == 1


def test_unknown_accounts_cost_a_hash_as_well(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    staff()
    hashed: list[str] = []

    def encode(self: object, password: str, salt: str) -> str:
        hashed.append(password)
        return f"md5${salt}$x"

    monkeypatch.setattr("django.contrib.auth.hashers.MD5PasswordHasher.encode", encode)
    browser.password("chen", "wrong-1")
    browser.password("nobody", "wrong-2")
    assert [hashed.count("wrong-1"), hashed.count("wrong-2")] == [1, 1]


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_nobody_is_led_elsewhere(browser: Browser, wanted: str) -> None:
    account = staff()
    browser.password("chen", next=wanted)
    browser.enrol()
    assert browser.client.get("/id/codes/").context["onward"] == "/desk/"
    assert browser.client.get("/id/staff/", {"next": wanted})["Location"] == "/desk/"
    assert account.pk


def test_one_is_led_back_to_ones_own_page(browser: Browser) -> None:
    staff()
    browser.password("chen", next="/id/sessions/?a=1")
    browser.enrol()
    assert browser.client.get("/id/codes/").context["onward"] == "/id/sessions/?a=1"


def test_the_session_key_changes_at_every_step(browser: Browser) -> None:
    staff()
    browser.client.get("/id/staff/")
    browser.password("chen")
    half = browser.client.session.session_key
    browser.enrol()
    assert browser.client.session.session_key != half
    assert not Session.objects.filter(session_key=half).exists()


def test_forged_forms_are_refused() -> None:
    staff()
    client = Client(enforce_csrf_checks=True)
    assert client.post("/id/staff/", {"login": "chen", "password": PASSWORD}).status_code == 403
    assert client.post("/id/out/").status_code == 403
    assert not AccessAttempt.objects.exists()


def test_signing_out_needs_post_and_ends_the_session(browser: Browser) -> None:
    browser.sign_in_staff(staff())
    assert browser.client.get("/id/out/").status_code == 405
    assert is_in(browser)
    assert browser.client.post("/id/out/")["Location"] == "/id/staff/"
    assert not is_in(browser)
    assert SignIn.objects.get().end == "out"


def test_signing_in_again_within_a_session(browser: Browser) -> None:
    account = staff()
    browser.sign_in_staff(account)
    with later(minutes=2):
        browser.password("chen")
        assert browser.client.post("/id/second/", {"code": code_now(browser.secret)}).status_code == 302
        assert is_in(browser)
    assert SignIn.objects.filter(ended=None).count() <= 2


def test_idle_and_long_sessions_end(browser: Browser) -> None:
    browser.sign_in_staff(staff())
    with later(minutes=29):
        assert is_in(browser)
    with later(minutes=58):
        assert is_in(browser)
    with later(minutes=89):
        answer = browser.client.get("/id/sessions/?page=2")
        assert answer["Location"] == "/id/staff/?next=%2Fid%2Fsessions%2F%3Fpage%3D2&over=idle"
        assert SignIn.objects.get().end == "idle"
    assert not is_in(browser)
    assert verbs()[-1] == ("session_over", True)


def test_what_was_typed_is_kept_for_its_owner_only(browser: Browser) -> None:
    account = staff()
    browser.sign_in_staff(account)
    with later(hours=1):
        answer = browser.client.post("/ui/elder/", {"opinion": "同意，<b>林地</b>", "tick": ["a", "b"]})
        assert answer["Location"] == "/id/staff/?next=%2Fid%2Fkept%2F&over=idle"
        assert not any("同意" in row.session_data for row in Session.objects.all())
        browser.password("chen", next="/id/kept/")
        browser.client.post("/id/second/", {"code": code_now(browser.secret)})
        page = browser.client.get("/id/kept/")
        assert page.context["kept"].fields == [["opinion", "同意，<b>林地</b>"], ["tick", "a"], ["tick", "b"]]
        assert b"&lt;b&gt;" in page.content
        assert browser.client.get("/id/kept/").status_code == 302


def test_a_kept_form_is_not_given_to_somebody_else(browser: Browser) -> None:
    browser.sign_in_staff(staff())
    other = staff("wu")
    with later(hours=1):
        browser.client.post("/ui/elder/", {"opinion": "同意"})
        browser.sign_in_staff(other)
        assert browser.client.get("/id/kept/")["Location"] == "/desk/"


def test_sessions_are_listed_and_ended(browser: Browser) -> None:
    account = staff()
    browser.sign_in_staff(account)
    other = Browser(Client(headers={"user-agent": "Firefox/140.0 (UOS)"}))
    stranger = Browser(Client()).sign_in_staff(staff("wu"))
    with later(minutes=2):
        other.password("chen")
        other.client.post("/id/second/", {"code": code_now(browser.secret)})
        row = SignIn.objects.get(agent="Firefox/140.0 (UOS)")
        assert "Firefox · 统信" in browser.client.get("/id/sessions/").content.decode()
        assert stranger.client.post(f"/id/sessions/{row.pk}/end/").status_code == 404
        assert is_in(other)
        browser.client.post(f"/id/sessions/{row.pk}/end/")
        assert not is_in(other)
        browser.client.post("/id/sessions/others/")
        assert is_in(browser)


def test_the_actor_costs_two_queries(browser: Browser, count_queries: CountQueries) -> None:
    browser.sign_in_staff(staff())
    with count_queries() as queries:
        browser.client.get("/id/password/")
    of_actor = [sql for sql in queries.sql if "org_account" in sql or "org_holding" in sql or "org_person" in sql]
    assert len(of_actor) == 2, str(queries)


def test_addresses_are_bounded(browser: Browser, settings: Settings) -> None:
    settings.IDENTITY = {"address_attempts": 3}
    answers = [browser.password(f"name{n}", "wrong").status_code for n in range(5)]
    assert answers == [400, 400, 400, 429, 429]
    assert Browser(Client(REMOTE_ADDR="10.0.0.9")).password("name9", "wrong").status_code == 400
