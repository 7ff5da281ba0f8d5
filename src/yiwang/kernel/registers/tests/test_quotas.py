"""Quotas: booked in the signing transaction, never exceeded, every line of the account kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from pytest_django import Settings

from tests.queries import CountQueries
from yiwang.kernel.access.models import Grant
from yiwang.kernel.base.refusals import InvalidInput, NotFound, NotPermitted
from yiwang.kernel.ledger.models import Entry as LedgerEntry
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import lock
from yiwang.kernel.ledger.verification import verify_chains
from yiwang.kernel.org.actors import SYSTEM, Actor
from yiwang.kernel.registers import bookings, queries
from yiwang.kernel.registers.actions import NewQuota, adjust_limit, correct_quota, set_quota
from yiwang.kernel.registers.bookings import Ask, Booking
from yiwang.kernel.registers.models import Quota, QuotaEntry, QuotaRequest
from yiwang.kernel.registers.refusals import (
    AlreadyBooked,
    AmountInvalid,
    CategoryInvalid,
    CorrectionBelowBookings,
    LimitBelowUse,
    NoQuota,
    PeriodInvalid,
    QuotaAmbiguous,
    QuotaExceeded,
    QuotaExists,
)
from yiwang.kernel.registers.tests.conftest import Land, ask, because, keeper, new_case, quota

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("scheme")]


def book(case: Subject, *asks: Ask) -> list[Booking]:
    with transaction.atomic():
        held = lock(case.pk)[case.pk]
        return bookings.book_quota(held, asks, because())


def release(case: Subject) -> list[Booking]:
    with transaction.atomic():
        return bookings.release_quota(lock(case.pk)[case.pk], because("退回"))


def everything() -> list[object]:
    tables = (Quota, QuotaEntry, QuotaRequest, Subject, Grant, LedgerEntry)
    return [list(table._default_manager.order_by("pk").values_list()) for table in tables]


def refused(refusal: type[Exception], act: Callable[[], object]) -> Exception:
    before = everything()
    with pytest.raises(refusal) as caught:
        act()
    assert everything() == before
    return caught.value


def test_booked_and_given_back(land: Land, case: Subject, count_queries: CountQueries, settings: Settings) -> None:
    settings.DIRECTORY_REFRESH = 60
    row = quota(land.county, "1000.5")
    with transaction.atomic():
        held = lock(case.pk)[case.pk]
        with count_queries() as sent:
            (booking,) = bookings.book_quota(held, [ask(land.county, "12.3456")], because())
    assert sent.count == 4, str(sent)
    assert (booking.quota, str(booking.left)) == (row.pk, "988.1544")
    assert booking.facts() == {"quota": row.pk, "amount": "12.3456", "left": "988.1544"}
    (back,) = release(case)
    assert str(back.left) == "1000.5"
    assert release(case) == []  # undo twice = undo once
    row.refresh_from_db()
    assert row.used == 0
    kinds = list(queries.account_of(row).values_list("kind", "amount", "balance"))
    assert [(kind, str(amount), str(balance)) for kind, amount, balance in kinds] == [
        ("limit", "1000.5", "1000.5"),
        ("booking", "12.3456", "12.3456"),
        ("release", "-12.3456", "0"),
    ]


def test_floating_point_would_have_refused_this(land: Land, case: Subject) -> None:
    """0.1 + 0.2 is more than 0.3 in binary."""
    quota(land.county, "0.3")
    book(new_case(land.county), ask(land.county, "0.1"))
    assert str(book(new_case(land.county), ask(land.county, "0.2"))[0].left) == "0"
    refused(QuotaExceeded, lambda: book(case, ask(land.county, "0.0001")))


@pytest.fixture
def case(land: Land) -> Subject:
    """A case of the county."""
    return new_case(land.county)


def test_what_is_left_and_asked_is_named_with_the_law(land: Land, case: Subject) -> None:
    quota(land.county, "10")
    refusal = refused(QuotaExceeded, lambda: book(case, ask(land.county, "10.0001")))
    assert str(refusal) == "年限额不足：还剩 10 m³，需要 10.0001 m³ 森林法第五十九条"


def test_all_or_nothing(land: Land, case: Subject) -> None:
    quota(land.county, "10", type="main")
    quota(land.county, "1", type="tending")
    asks = (ask(land.county, "5", type="main"), ask(land.county, "2", type="tending"))
    refused(QuotaExceeded, lambda: book(case, *asks))
    assert len(book(case, asks[0], ask(land.county, "1", type="tending"))) == 2
    assert len(release(case)) == 2


def test_a_case_books_once_until_it_gave_back(land: Land, case: Subject) -> None:
    quota(land.county, "10")
    book(case, ask(land.county, "3"))
    refused(AlreadyBooked, lambda: book(case, ask(land.county, "3")))
    release(case)
    assert str(book(case, ask(land.county, "4"))[0].left) == "6"


@pytest.mark.parametrize("amount", ["0", "-1", "0.00001", "NaN"])
def test_odd_amounts(land: Land, case: Subject, amount: str) -> None:
    quota(land.county, "10")
    refused(AmountInvalid, lambda: book(case, ask(land.county, amount)))


def test_the_quota_of_the_nearest_unit_is_used(land: Land, case: Subject) -> None:
    province, county = quota(land.province, "1000"), quota(land.county, "10")
    assert book(case, ask(land.township, "1"))[0].quota == county.pk
    neighbour = new_case(land.neighbour)
    assert book(neighbour, ask(land.neighbour, "1"))[0].quota == province.pk


def test_no_quota_names_the_law(land: Land, case: Subject) -> None:
    quota(land.county, "10", type="main")
    refusal = refused(NoQuota, lambda: book(case, ask(land.county, "1", type="tending")))
    assert "森林法第五十九条" in str(refusal)
    past = Ask("volume", land.county.pk, 2025, Decimal(1), date(2025, 11, 1), {"type": "main"})
    refused(NoQuota, lambda: book(case, past))
    late = Ask("volume", land.county.pk, 2026, Decimal(1), date(2027, 1, 1), {"type": "main"})
    refused(NoQuota, lambda: book(case, late))


def test_ambiguous_splits_are_refused(land: Land, case: Subject) -> None:
    quota(land.county, "10", type="main")
    quota(land.county, "10", origin="planted")
    refused(QuotaAmbiguous, lambda: book(case, ask(land.county, "1", type="main", origin="planted")))


def test_the_board_shows_limit_used_in_progress_and_left(land: Land, count_queries: CountQueries) -> None:
    quota(land.county, "100")
    quota(land.neighbour, "7")
    book(new_case(land.county), ask(land.county, "40"))
    for amount in ("10", "5.5"):
        with transaction.atomic():
            bookings.note_request(new_case(land.township), ask(land.township, amount), because())
    with count_queries() as sent:
        rows = queries.board("volume", 2026)
    assert sent.count == 1
    told = [
        (row.quota.unit.name, str(row.limit), str(row.used), str(row.in_progress), row.cases, str(row.left))
        for row in rows
    ]
    assert told == [("青山县林业局", "100", "40", "15.5", 2, "60"), ("白水县林业局", "7", "0", "0", 0, "7")]
    assert rows[0].share == 40
    assert len(queries.board("volume", 2026, land.county)) == 1


def test_a_request_leaves_the_board_when_it_is_booked_or_dropped(land: Land) -> None:
    quota(land.county, "100")
    for end in (lambda case: book(case, ask(land.county, "5")), lambda case: bookings.drop_request(case)):
        case = new_case(land.county)
        with transaction.atomic():
            bookings.note_request(case, ask(land.county, "5"), because())
            bookings.note_request(case, ask(land.county, "6"), because())
        assert str(queries.board("volume", 2026)[0].in_progress) == "6"
        end(case)
        assert queries.board("volume", 2026)[0].cases == 0


def test_checks_by_rule_learn_what_is_left_and_why_there_is_none(land: Land, case: Subject) -> None:
    assert isinstance(queries.quota_left(ask(land.county, "1")).refusal, NoQuota)
    quota(land.county, "100")
    book(case, ask(land.county, "40"))
    found = queries.quota_left(ask(land.township, "1"))
    assert (str(found.left), found.refusal) == ("60", None)


def test_limits_and_corrections_are_lines_of_the_account(land: Land, case: Subject) -> None:
    row, actor = quota(land.county, "100"), keeper(land.city)
    book(case, ask(land.county, "40"))
    adjust_limit(actor=actor, quota=row.pk, by=Decimal(-50), reason="省局调减〔2026〕8号")
    correct_quota(actor=actor, quota=row.pk, by=Decimal(5), reason="补记漏登")
    row.refresh_from_db()
    assert (str(row.limit), str(row.used)) == ("50", "45")
    refused(LimitBelowUse, lambda: adjust_limit(actor=actor, quota=row.pk, by=Decimal("-5.0001"), reason="x"))
    refused(QuotaExceeded, lambda: correct_quota(actor=actor, quota=row.pk, by=Decimal("5.0001"), reason="x"))
    refused(QuotaExceeded, lambda: correct_quota(actor=actor, quota=row.pk, by=Decimal("-45.0001"), reason="x"))
    refused(CorrectionBelowBookings, lambda: correct_quota(actor=actor, quota=row.pk, by=Decimal("-6"), reason="x"))
    refused(AmountInvalid, lambda: correct_quota(actor=actor, quota=row.pk, by=Decimal(0), reason="x"))
    refused(InvalidInput, lambda: correct_quota(actor=actor, quota=row.pk, by=Decimal(1), reason=" "))
    refused(NotFound, lambda: correct_quota(actor=actor, quota=0, by=Decimal(1), reason="x"))
    verbs = LedgerEntry.objects.filter(subject=row.subject).order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["quota.set", "quota.adjusted", "quota.corrected"]
    assert list(verify_chains()) == []


def test_only_the_keeper_of_the_unit_or_above_sets_quotas(land: Land) -> None:
    new = NewQuota("volume", land.county.pk, 2026, Decimal(10), "市局下达", opening=Decimal(3))
    stranger, clerk = keeper(land.neighbour), Actor(4, "经办人")
    refused(NotPermitted, lambda: set_quota(actor=stranger, new=new))
    refused(NotPermitted, lambda: set_quota(actor=clerk, new=new))
    row = set_quota(actor=keeper(land.city), new=new)
    assert str(row.left) == "7"
    refused(QuotaExists, lambda: set_quota(actor=keeper(land.city), new=new))
    adjust = adjust_limit
    refused(NotPermitted, lambda: adjust(actor=keeper_with_sight(land), quota=row.pk, by=Decimal(1), reason="x"))
    refused(NotFound, lambda: adjust(actor=clerk, quota=row.pk, by=Decimal(1), reason="x"))


def keeper_with_sight(land: Land) -> Actor:
    """Sees the county's papers, but keeps only the neighbour's quotas."""
    actor = keeper(land.neighbour)
    sight = replace(actor.posts[0], role="reader", unit=land.county.pk, unit_path=land.county.path)
    return replace(actor, posts=(*actor.posts, sight))


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"scheme": "nothing"}, NotFound),
        ({"category": {"type": "other"}}, CategoryInvalid),
        ({"limit": Decimal(-1)}, AmountInvalid),
        ({"opening": Decimal(11)}, AmountInvalid),
        ({"source": " "}, InvalidInput),
        ({"valid_from": date(2026, 5, 1), "valid_to": date(2026, 4, 1)}, PeriodInvalid),
    ],
)
def test_faulty_quotas(land: Land, fields: dict[str, Any], refusal: type[Exception]) -> None:
    good = NewQuota("volume", land.county.pk, 2026, Decimal(10), "文件")
    refused(refusal, lambda: set_quota(actor=SYSTEM, new=replace(good, **fields)))


def test_the_database_itself_refuses_to_pass_the_limit(land: Land) -> None:
    row = quota(land.county, "10")
    for values in ({"used": Decimal("10.0001")}, {"used": Decimal("-0.0001")}, {"limit": Decimal(-1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Quota.objects.filter(pk=row.pk).update(**values)


def test_the_account_adds_up(land: Land, case: Subject) -> None:
    row = quota(land.county, "100")
    book(case, ask(land.county, "0.0001"))
    lines = QuotaEntry.objects.filter(quota=row).exclude(kind="limit")
    assert str(lines.aggregate(total=Sum("amount"))["total"]) == "0.0001"
