"""Entries through their whole life: numbers without gaps, versions without overwriting, verification."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from tests.queries import CountQueries
from yiwang.kernel.access.models import Grant
from yiwang.kernel.base.moments import as_of
from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.ledger.kinds import known_kind
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import Event, lock, record
from yiwang.kernel.ledger.verification import verify_chains
from yiwang.kernel.org.actors import SYSTEM, Actor
from yiwang.kernel.registers import queries, services
from yiwang.kernel.registers.models import Entry, EntryVersion, Series, VoidNumber
from yiwang.kernel.registers.refusals import EntryNotValid, NoRegister, NumberPatternInvalid, NumberTaken, PeriodInvalid
from yiwang.kernel.registers.rules import Status
from yiwang.kernel.registers.services import Declaration, Issued, declare
from yiwang.kernel.registers.tests.conftest import DAY, Land, because, new_case, order
from yiwang.kernel.registers.verification import check_tag, fits_code, verification_tag

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("register")]
MORNING = datetime.fromisoformat("2026-11-21T09:00:00+08:00")


def issue(land: Land, **fields: Any) -> Issued:
    with as_of(MORNING), transaction.atomic():
        issued = services.issue_entry(order(land, **fields), because())
        record(issued.event, actor=SYSTEM)
    return issued


def held(entry: Entry) -> Subject:
    return lock(entry.subject_id)[entry.subject_id]


def change(entry: Entry, act: Callable[[Subject], Event | None]) -> None:
    with as_of(MORNING), transaction.atomic():
        event = act(held(entry))
        if event is not None:
            record(event, actor=SYSTEM)
    entry.refresh_from_db()


def everything() -> list[object]:
    tables = (Entry, EntryVersion, Series, VoidNumber, Subject, Grant)
    return [list(table._default_manager.order_by("pk").values_list()) for table in tables]


def test_an_entry_has_number_code_subject_and_first_version(
    land: Land, count_queries: CountQueries, settings: Settings
) -> None:
    settings.DIRECTORY_REFRESH = 60
    case = new_case(land.county)
    issue(land)
    known_kind("register:permit")  # as after the first commit: a number not committed yet is read again each time
    with as_of(MORNING), transaction.atomic(), count_queries() as sent:
        issued = services.issue_entry(order(land), because(case=case.pk))
    assert sent.count == 6, str(sent)
    entry = issued.entry
    assert entry.number == "青林采字〔2026〕第000002号"
    assert list(queries.entries_of_case(case.pk)) == [entry]
    version = EntryVersion.objects.get(entry=entry)
    assert (version.version, version.change, version.state, version.case_id) == (1, "issued", "issued", case.pk)
    assert issued.event.verb == "entry.issued"
    assert entry.holder_name not in str(issued.event.facts)
    seen_by = Grant.objects.filter(subject=entry.subject_id).values_list("key", flat=True)
    assert len(seen_by) == 4  # county, city, province, holder


def test_every_unit_has_its_own_run_and_every_year_starts_anew(land: Land) -> None:
    assert issue(land).entry.seq == 1
    assert issue(land, issuer=land.neighbour.pk).entry.number == "白林采字〔2026〕第000001号"
    assert issue(land).entry.seq == 2
    with as_of(MORNING + timedelta(days=60)), transaction.atomic():
        assert services.issue_entry(order(land), because()).entry.number == "青林采字〔2027〕第000001号"


def test_the_year_of_a_number_is_that_of_the_node(land: Land) -> None:
    """17:00 on 31 December in Greenwich is New Year in China."""
    eve = datetime.fromisoformat("2026-12-31T17:00:00+00:00")
    with as_of(eve), transaction.atomic():
        assert "〔2027〕" in services.issue_entry(order(land), because()).entry.number


def test_a_number_whose_transaction_failed_is_given_again(land: Land) -> None:
    before = everything()
    with transaction.atomic():
        assert services.issue_entry(order(land), because()).entry.seq == 1
        transaction.set_rollback(True)
    assert everything() == before
    assert issue(land).entry.seq == 1


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"register": "nothing"}, NoRegister),
        ({"valid_to": DAY - timedelta(days=1)}, PeriodInvalid),
        ({"values": {"word": ""}}, NumberPatternInvalid),
    ],
)
def test_refused_issues_change_nothing(land: Land, fields: dict[str, Any], refusal: type[Exception]) -> None:
    issue(land)
    before = everything()
    with pytest.raises(refusal), transaction.atomic():
        services.issue_entry(order(land, **fields), because())
    assert everything() == before


def test_a_pattern_that_cannot_tell_issuers_apart_is_caught(land: Land) -> None:
    declare(Declaration("flat", "混号", "{word}{division}-{seq}"))
    issue(land, register="flat", values={"word": "青", "division": "林1"})
    with pytest.raises(NumberTaken), transaction.atomic():
        services.issue_entry(order(land, register="flat", values={"word": "青林", "division": "1"}), because())


def test_declaring_again_changes_the_rule_and_keeps_what_was_given(land: Land) -> None:
    first = issue(land).entry
    declare(Declaration("permit", "示例许可证（新）", "{word}许〔{year}〕{seq}号"))
    with pytest.raises(NumberPatternInvalid):
        declare(Declaration("permit", "x", "{seq}{evil}"))
    second = issue(land).entry
    first.refresh_from_db()
    assert (first.number, second.number) == ("青林采字〔2026〕第000001号", "青林许〔2026〕2号")


def test_numbers_that_are_no_register(land: Land) -> None:
    with transaction.atomic():
        found = [
            services.next_number("case-type", land.county, "{word}申〔{year}〕{seq:05d}号", at=MORNING) for _ in "ab"
        ]
    assert found == ["青林申〔2026〕00001号", "青林申〔2026〕00002号"]


def test_every_change_is_a_version_and_nothing_is_overwritten(land: Land) -> None:
    entry = issue(land).entry
    first = list(EntryVersion.objects.values_list())
    longer = date(2027, 11, 20)
    change(entry, lambda s: services.amend_entry(s, because("准予延续"), valid_to=longer))
    change(entry, lambda s: services.amend_entry(s, because("变更小地名"), data={"place": "南坡"}))
    change(entry, lambda s: services.revoke_entry(s, because("以欺骗手段取得")))
    assert list(EntryVersion.objects.filter(version=1).values_list()) == first
    told = EntryVersion.objects.order_by("version").values_list("version", "change", "state", "valid_to", "data")
    old = {"place": "三叉垄", "phone": "13800002607"}
    assert list(told) == [
        (1, "issued", "issued", date(2027, 5, 20), old),
        (2, "amended", "issued", longer, old),
        (3, "amended", "issued", longer, {"place": "南坡"}),
        (4, "revoked", "revoked", longer, {"place": "南坡"}),
    ]
    assert (entry.version, entry.state) == (4, "revoked")
    assert list(verify_chains()) == []


@pytest.mark.parametrize("ending", [services.revoke_entry, services.cancel_entry])
def test_what_is_ended_can_be_neither_changed_nor_ended_again(land: Land, ending: Callable[..., Event]) -> None:
    entry = issue(land).entry
    change(entry, lambda s: ending(s, because("依据")))
    assert set(Grant.objects.filter(subject=entry.subject_id).values_list("state", flat=True)) == {1}
    before = everything()
    acts: list[Callable[[Subject], object]] = [
        lambda s: services.revoke_entry(s, because()),
        lambda s: services.cancel_entry(s, because()),
        lambda s: services.amend_entry(s, because(), data={}),
        lambda s: services.replace_entry(s, order(land), because()),
        lambda s: services.void_entry(s, because()),
    ]
    for act in acts:
        with pytest.raises(EntryNotValid), transaction.atomic():
            act(held(entry))
    assert everything() == before


def test_a_voided_number_is_kept_with_its_reason_and_never_used_again(land: Land) -> None:
    entry = issue(land).entry
    change(entry, lambda s: services.void_entry(s, because("退回重审")))
    before = everything()
    change(entry, lambda s: services.void_entry(s, because("再次退回")))  # undo twice = undo once
    assert everything() == before
    void = VoidNumber.objects.get()
    assert (void.number, void.reason) == (entry.number, "退回重审")
    assert issue(land).entry.seq == 2


def test_replaced_and_the_replacement_undone(land: Land) -> None:
    old = issue(land).entry
    with as_of(MORNING), transaction.atomic():
        new, event = services.replace_entry(held(old), order(land), because("遗失补发"))
        record(event, new.event, actor=SYSTEM)
    old.refresh_from_db()
    assert (old.state, old.replaced_by) == ("replaced", new.entry)
    verdict = queries.verdict_on(queries.find_for_verification(old.number)[0])
    assert (verdict.status, verdict.replaced_by) == (Status.REPLACED, new.entry.number)
    for expected in (2, 0):
        with as_of(MORNING), transaction.atomic():
            subjects = lock(old.subject_id, new.entry.subject_id)
            pair = (subjects[old.subject_id], subjects[new.entry.subject_id])
            events = services.undo_replacement(*pair, because("撤回补发"))
            record(*events, actor=SYSTEM) if events else None
        assert len(events) == expected
    old.refresh_from_db()
    assert (old.state, old.replaced_by, old.version) == ("issued", None, 3)
    assert list(verify_chains()) == []


def test_expiry_needs_no_write(land: Land) -> None:
    entry = issue(land).entry
    assert queries.status_of(entry, date(2027, 5, 20)) is Status.VALID
    assert queries.status_of(entry, date(2027, 5, 21)) is Status.EXPIRED
    assert list(queries.in_force("permit", date(2027, 5, 20))) == [entry]
    assert not queries.in_force("permit", date(2027, 5, 21)).exists()
    assert not queries.in_force("permit", DAY - timedelta(days=1)).exists()


def test_verified_by_number_and_code_as_people_type_them(land: Land) -> None:
    issued = issue(land)
    code = issued.code
    spaced = f"{code[:4].lower()}-{code[4:8]} {code[8:]}"
    with as_of(MORNING):
        verdict = queries.verify(" 青林采字[2026]第000001号", code=spaced)
    assert verdict is not None
    assert (verdict.status, verdict.holder, verdict.issuer) == (Status.VALID, "林**", "青山县林业局")
    assert verdict.data == (("place", "三叉垄"),)
    assert "13800002607" not in str(verdict)


def test_two_registers_may_know_the_same_number(land: Land) -> None:
    declare(Declaration("other", "另一种证", "{word}采字〔{year}〕第{seq:06d}号"))
    one, two = issue(land), issue(land, register="other")
    assert one.entry.number == two.entry.number
    found = [queries.verify(one.entry.number, code=issued.code) for issued in (one, two)]
    assert [verdict.register if verdict else "" for verdict in found] == ["示例许可证", "另一种证"]


def test_unknown_and_wrong_are_told_alike(land: Land) -> None:
    issued, other = issue(land), issue(land)
    number = issued.entry.number
    assert queries.verify(number, code=other.code) is None
    assert queries.verify(number, code="") is None
    assert queries.verify(number) is None
    assert queries.verify("不存在", code=issued.code) is None
    assert queries.verify("", code="") is None
    assert queries.verify("号" * 500, code=issued.code) is None
    assert fits_code(None, "") is False


def test_the_code_is_in_the_table_neither_plain_nor_hashed_without_key(land: Land) -> None:
    issued = issue(land)
    row = Entry.objects.filter(pk=issued.entry.pk).values_list("code_hash", flat=True).get()
    assert issued.code not in row
    assert row.startswith(f"{keyring().current}:")
    assert Entry.objects.get(pk=issued.entry.pk).code == issued.code  # for printing again
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM registers_entry")
        assert issued.code.encode() not in bytes(cursor.fetchone()[0])


def test_the_qr_tag_is_64_bits_of_this_node_for_this_entry(land: Land) -> None:
    entry, other = issue(land).entry, issue(land).entry
    tag = verification_tag(entry)
    key_id, _, body = tag.partition(".")
    assert (key_id, len(body)) == (keyring().current, 13)
    assert check_tag(entry, tag)
    assert check_tag(entry, tag.lower().replace(key_id.lower(), key_id, 1))
    assert not check_tag(other, tag)
    assert not check_tag(entry, f"{key_id}.{'A' * 13}")
    for forged in ("", ".", "nokey.ABC", f"{key_id}.", "密.钥", tag + "A"):
        assert not check_tag(entry, forged)
        assert not check_tag(None, forged)
    assert queries.verify(entry.number, tag=tag) is not None
    assert queries.verify(other.number, tag=tag) is None


def test_lists_show_only_what_the_actor_may_see(land: Land) -> None:
    entry = issue(land).entry
    holder = Actor(5, "林志远", party=land.holder.pk)
    stranger = Actor(6, "别人", party=land.holder.pk + 1)
    assert list(queries.entries(holder)) == [entry]
    assert list(queries.entries(stranger)) == []
