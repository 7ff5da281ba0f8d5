import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pytest_django import Settings

from yiwang.kernel.base.moments import as_of, now
from yiwang.kernel.jobs.worker import drain
from yiwang.kernel.ledger.models import AccessEntry, Entry
from yiwang.kernel.org.models import Account, Party
from yiwang.kernel.org.queries import actor_of
from yiwang.sites.identity.actions.counter import Seen, confirm_identity
from yiwang.sites.identity.models import Confirmation, PhoneCode
from yiwang.sites.identity.refusals import NotAtCounter
from yiwang.sites.identity.tests.people import CARD, CREDIT, PASSWORD, PHONE, Answer, Browser, citizen, staff

pytestmark = pytest.mark.django_db

FORM = {
    "kind": "person",
    "name": "林志远",
    "id_number": CARD,
    "phone": PHONE,
    "password": PASSWORD,
    "again": PASSWORD,
    "agree": "on",
}
SCAN = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa3\x9a\xc5\xd2\x00\x00\x00\x00IEND\xaeB`\x82"
)


@pytest.fixture(autouse=True)
def _codes_on_page(settings: Settings) -> None:
    settings.IDENTITY = {"show_codes": True}


def register(client: Client, **changed: str) -> Answer:
    return client.post("/id/register/", {**FORM, **changed})


def code_for(client: Client) -> str:
    return str(client.get("/id/register/code/").context["shown"])


def test_registration_by_telephone(browser: Browser) -> None:
    assert register(browser.client)["Location"] == "/id/register/code/"
    assert not Party.objects.exists()
    page = browser.client.get("/id/register/code/")
    assert b"138****2607" in page.content
    assert PHONE.encode() not in page.content
    wrong = browser.client.post("/id/register/code/", {"code": "000000"})
    assert wrong.status_code == 400
    done = browser.client.post("/id/register/code/", {"code": code_for(browser.client)})
    assert done["Location"] == "/"
    party = Party.objects.get()
    assert (party.name, party.id_number, party.phone, party.level) == ("林志远", CARD, PHONE, 1)
    assert browser.client.get("/id/sessions/").status_code == 200
    assert [entry.verb for entry in Entry.objects.all()] == ["party.registered"]
    for login in (CARD, CARD.lower(), PHONE, " 13800002607 "):
        answer = Browser(Client()).password(login, door="/id/")
        assert answer["Location"] == "/", login


def test_a_firm_registers_by_its_credit_code(browser: Browser) -> None:
    assert register(browser.client, kind="firm", name="青山林业有限公司", id_number=CREDIT.lower()).status_code == 302
    browser.client.post("/id/register/code/", {"code": code_for(browser.client)})
    assert (Party.objects.get().kind, Party.objects.get().id_number) == ("firm", CREDIT)
    assert Browser(Client()).password(CREDIT, door="/id/").status_code == 302


def test_nothing_personal_lies_open(browser: Browser) -> None:
    register(browser.client)
    browser.client.post("/id/register/code/", {"code": code_for(browser.client)})
    Browser(Client()).password(CARD, "wrong", door="/id/")
    Browser(Client()).password("370802198001010000", "wrong", door="/id/")
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names(cursor)) - {"search_grams"}:  # keeps nothing to read back
            cursor.execute(f'SELECT * FROM "{table}"')
            text = str(cursor.fetchall())
            assert CARD not in text, table
            assert PHONE not in text, table
            assert "370802198001010000" not in text, table
            assert PASSWORD not in text, table


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id_number", "110105194912310021"),
        ("id_number", "<script>alert(1)</script>"),
        ("phone", "12345"),
        ("name", ""),
        ("kind", "robot"),
        ("password", "short"),
        ("again", "different"),
        ("agree", ""),
    ],
)
def test_wrong_fields_are_shown_and_nothing_is_kept(browser: Browser, field: str, value: str) -> None:
    page = register(browser.client, **{field: value})
    assert page.status_code == 400
    assert "has-error" in page.content.decode()
    assert b"<script>alert" not in page.content
    assert not PhoneCode.objects.exists()


def test_a_known_number_gets_the_same_answer_until_the_telephone_is_confirmed(browser: Browser) -> None:
    citizen()
    other = Browser(Client())
    fresh = register(browser.client, phone="13900001111", id_number="11010519491231002X")
    known = register(other.client, phone="13900002222", id_number="130503670401001")
    assert fresh.status_code == 302
    assert known.status_code == 400  # fifteen digits are no number
    page = browser.client.get("/id/register/code/").content.decode()
    assert "已经登记" not in page
    taken = browser.client.post("/id/register/code/", {"code": code_for(browser.client)})
    assert taken.status_code == 400
    assert "已经登记" in taken.content.decode()
    assert Party.objects.count() == Account.objects.count() == 1
    assert browser.client.get("/id/sessions/").status_code == 302


def test_a_code_is_good_once_for_ten_minutes_and_five_tries(browser: Browser) -> None:
    register(browser.client)
    code = code_for(browser.client)
    with as_of(now() + timedelta(minutes=11)):
        assert browser.client.post("/id/register/code/", {"code": code}).status_code == 400
    for n in range(4):
        browser.client.post("/id/register/code/", {"code": f"00000{n}"})
    late = browser.client.post("/id/register/code/", {"code": code})
    assert late.status_code in (302, 400)
    assert Party.objects.count() == (late.status_code == 302)


def test_telephones_are_bounded(browser: Browser, settings: Settings) -> None:
    settings.IDENTITY = {"show_codes": True, "codes_per_day": 2}
    assert [register(browser.client).status_code for _ in range(3)] == [302, 302, 400]
    assert PhoneCode.objects.count() == 2


def test_without_messages_one_registers_at_level_zero(browser: Browser, settings: Settings) -> None:
    settings.IDENTITY = {}
    first = register(browser.client)
    again = register(Client(), phone="13900001111", password="Other-2026-x", again="Other-2026-x")
    plain = [re.sub(r'(value|content)="[^"]*"', "", page.content.decode()) for page in (first, again)]
    assert plain[0] == plain[1]
    assert Party.objects.get().level == 0
    assert Browser(Client()).password(CARD, "Other-2026-x", door="/id/").status_code == 400
    assert Browser(Client()).password(CARD, door="/id/").status_code == 302


def test_codes_go_out_after_the_commit_and_only_to_those_who_match(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    citizen()
    drain()
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "yiwang.sites.identity.port.LogSender.send", lambda self, phone, code, minutes: sent.append((phone, code))
    )
    for number, phone in ((CARD, PHONE), (CARD, "13900001111"), ("110105194912310021", PHONE)):
        answer = Client().post("/id/forgot/", {"id_number": number, "phone": phone})
        assert answer["Location"] == "/id/forgot/code/"
    assert drain() == 3
    assert [phone for phone, _ in sent] == [PHONE]


def test_a_lost_password_is_replaced_and_sessions_end(browser: Browser) -> None:
    citizen()
    signed_in = Browser(Client())
    signed_in.password(CARD, door="/id/")
    browser.client.post("/id/forgot/", {"id_number": CARD, "phone": PHONE})
    code = browser.client.get("/id/forgot/code/").context["shown"]
    new = {"code": code, "password": "Heshui-2027!", "again": "Heshui-2027!"}
    assert browser.client.post("/id/forgot/code/", new)["Location"] == "/id/"
    assert signed_in.client.get("/id/sessions/").status_code == 302
    assert Browser(Client()).password(CARD, door="/id/").status_code == 400
    assert Browser(Client()).password(CARD, "Heshui-2027!", door="/id/").status_code == 302


def test_without_messages_no_code_is_made(browser: Browser, settings: Settings) -> None:
    citizen()
    settings.IDENTITY = {}
    before = PhoneCode.objects.count()
    assert "窗口" in browser.client.post("/id/forgot/", {"id_number": CARD, "phone": PHONE}).content.decode()
    assert PhoneCode.objects.count() == before


def test_signing_in_twice_in_one_session(browser: Browser) -> None:
    citizen()
    browser.password(CARD, door="/id/")
    assert browser.password(CARD, door="/id/").status_code == 302
    assert browser.client.get("/id/sessions/").status_code == 200


def test_strangers_fail_alike(browser: Browser) -> None:
    citizen()
    pages = [browser.password(login, "wrong", door="/id/").content for login in (CARD, "110105194912310021", "x")]
    assert len({re.sub(rb'value="[^"]*"', b"", page) for page in pages}) == 1
    assert not any(CARD in name or PHONE in name for name in AccessEntry.objects.values_list("name", flat=True))
    assert not any(CARD in str(row.username) for row in AccessAttempt.objects.all())


def test_a_telephone_shared_in_a_family_signs_nobody_in(browser: Browser) -> None:
    citizen()
    Party.objects.create(
        kind="person", name="林母", id_tag="other", phone=PHONE, phone_tag=Party.objects.get().phone_tag
    )
    mother = Party.objects.get(name="林母")
    Account.objects.create(username="p-mother", party=mother, password=Account.objects.get().password)
    assert browser.password(PHONE, door="/id/").status_code == 400
    assert browser.password(CARD, door="/id/").status_code == 302


def test_a_clerk_confirms_in_person(browser: Browser) -> None:
    citizen()
    clerk = staff()
    browser.sign_in_staff(clerk)
    page = browser.client.post("/id/counter/", {"id_number": CARD, "paper": "id_card"})
    assert page["Location"] == "/id/counter/"
    assert Party.objects.get().level == 2
    seen = Confirmation.objects.get()
    assert (seen.clerk_id, seen.paper, seen.unit) == (clerk.pk, "id_card", actor_of(clerk).unit)
    entry = Entry.objects.get(verb="party.confirmed")
    assert entry.facts == {"paper": "id_card", "level": 2, "handed_over": False}
    assert entry.author == clerk.pk


def test_a_new_telephone_at_the_counter_takes_the_account_over(browser: Browser) -> None:
    account = citizen()
    squatter = Browser(Client())
    squatter.password(CARD, door="/id/")
    party = confirm_identity(actor=actor_of(staff()), id_number=CARD, seen=Seen("id_card", "13900001111"))
    assert (party.level, party.phone) == (2, "13900001111")
    assert squatter.client.get("/id/sessions/").status_code == 302
    assert not Account.objects.get(pk=account.pk).has_usable_password()
    browser.client.post("/id/forgot/", {"id_number": CARD, "phone": "13900001111"})
    code = browser.client.get("/id/forgot/code/").context["shown"]
    new = {"code": code, "password": "Heshui-2027!", "again": "Heshui-2027!"}
    assert browser.client.post("/id/forgot/code/", new).status_code == 302


def test_only_clerks_sit_at_the_counter(browser: Browser) -> None:
    citizen()
    reviewer = staff("wu", role="reviewer")
    with pytest.raises(NotAtCounter):
        confirm_identity(actor=actor_of(reviewer), id_number=CARD, seen=Seen("id_card"))
    browser.password(CARD, door="/id/")
    assert browser.client.get("/id/counter/").status_code == 403
    assert browser.client.post("/id/counter/", {"id_number": CARD, "paper": "id_card"}).status_code == 403
    assert Client().get("/id/counter/").status_code == 302
    assert Party.objects.get().level == 1
    assert not Confirmation.objects.exists()


def villager_form(**changed: object) -> dict[str, object]:
    consent = SimpleUploadedFile("同意书.png", SCAN, "image/png")
    form = {"kind": "person", "name": "周大山", "id_number": CARD, "paper": "id_card", "phone": "", "address": "白石镇"}
    return {**form, "consent": consent, **changed}


def test_a_villager_without_telephone_is_registered_with_consent(browser: Browser) -> None:
    clerk = staff()
    browser.sign_in_staff(clerk)
    answer = browser.client.post("/id/counter/villager/", villager_form())
    assert answer["Location"] == "/id/counter/", answer.content.decode()
    party = Party.objects.get()
    assert (party.name, party.level, party.phone, party.address) == ("周大山", 2, "", "白石镇")
    consent = Confirmation.objects.get().consent
    assert consent is not None
    assert consent.name == "同意书.png"
    entry = Entry.objects.get(verb="party.registered_at_counter")
    assert entry.facts["consent"] == consent.blob.sha256
    assert "周" not in str(entry.facts)
    assert not Account.objects.filter(party=party).exists()


def test_nobody_takes_a_villagers_account_from_outside(browser: Browser) -> None:
    clerk = Browser(Client()).sign_in_staff(staff())
    clerk.client.post("/id/counter/villager/", villager_form(phone=PHONE))
    register(browser.client, phone="13900001111", name="周大山")
    taken = browser.client.post("/id/register/code/", {"code": code_for(browser.client)})
    assert "已经登记" in taken.content.decode()
    own = Browser(Client())
    register(own.client, phone=PHONE, name="周大山")
    assert own.client.post("/id/register/code/", {"code": code_for(own.client)}).status_code == 302
    assert Party.objects.get().level == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"consent": ""},
        {"consent": SimpleUploadedFile("同意书.png", b"", "image/png")},
        {"consent": SimpleUploadedFile("同意书.png", b"MZ\x90\x00program", "image/png")},
        {"id_number": "110105194912310021"},
        {"paper": "nothing"},
    ],
)
def test_without_consent_or_with_errors_nobody_is_registered(browser: Browser, changed: dict[str, object]) -> None:
    browser.sign_in_staff(staff())
    answer = browser.client.post("/id/counter/villager/", villager_form(**changed))
    assert answer.status_code == 400
    assert not Party.objects.exists()
    assert not Confirmation.objects.exists()
