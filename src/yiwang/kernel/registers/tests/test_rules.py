"""Exact amounts, status by dates, and which quota is meant."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.registers.amounts import SCALE, AmountField, exact, plain, units
from yiwang.kernel.registers.refusals import AmountInvalid, CategoryInvalid, NoQuota, QuotaAmbiguous
from yiwang.kernel.registers.rules import (
    Candidate,
    Status,
    category_key,
    check_category,
    choose_quota,
    status_on,
)

MAIN = {"type": "main", "origin": "planted"}


@given(st.integers(-(10**17), 10**17))
def test_amounts_survive_the_database(count: int) -> None:
    number = plain(count)
    assert units(number) == count
    assert number * SCALE == count
    assert "E" not in str(number)
    assert AmountField().from_db_value(AmountField().get_prep_value(number), None, None) == number


@pytest.mark.parametrize(
    ("given_", "kept"), [("12.50", "12.5"), ("300", "300"), (7, "7"), ("0.0001", "0.0001"), ("1E2", "100")]
)
def test_exact_amounts(given_: str | int, kept: str) -> None:
    assert str(exact(given_)) == kept


@pytest.mark.parametrize("given_", [0.1, True, "12.34567", "NaN", "Infinity", "1e99", "", "十", None, [], "1e-5"])
def test_inexact_amounts_are_refused(given_: object) -> None:
    with pytest.raises(AmountInvalid):
        exact(given_)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "day", "status"),
    [
        ("issued", date(2026, 1, 1), Status.VALID),
        ("issued", date(2026, 12, 31), Status.VALID),
        ("issued", date(2027, 1, 1), Status.EXPIRED),
        ("issued", date(2025, 12, 31), Status.UPCOMING),
        ("revoked", date(2027, 1, 1), Status.REVOKED),
        ("void", date(2026, 6, 1), Status.VOID),
    ],
)
def test_status_is_read_off_the_dates(state: str, day: date, status: Status) -> None:
    assert status_on(state, date(2026, 1, 1), date(2026, 12, 31), day) is status


def test_without_an_end_it_never_expires() -> None:
    assert status_on("issued", date(2026, 1, 1), None, date(2999, 1, 1)) is Status.VALID


def test_the_nearest_unit_comes_before_the_closest_split() -> None:
    province, county = Candidate(1, 4, MAIN), Candidate(2, 12, {})
    assert choose_quota([province, county], MAIN) == 2
    closer = Candidate(3, 12, {"type": "main"})
    assert choose_quota([province, county, closer], MAIN) == 3
    assert choose_quota([province, county, closer], {"type": "tending"}) == 2


def test_a_split_for_other_values_is_no_quota() -> None:
    with pytest.raises(NoQuota):
        choose_quota([Candidate(1, 4, {"origin": "natural"})], MAIN)
    with pytest.raises(NoQuota):
        choose_quota([], MAIN)


def test_two_that_fit_alike_are_not_guessed_between() -> None:
    with pytest.raises(QuotaAmbiguous) as caught:
        choose_quota([Candidate(5, 12, {"origin": "planted"}), Candidate(4, 12, {"type": "main"})], MAIN)
    assert caught.value.facts["quotas"] == [4, 5]


def test_categories() -> None:
    dimensions = [{"key": "type", "values": ["main"]}]
    check_category(dimensions, {"type": "main"})
    for wrong in ({"type": "other"}, {"colour": "red"}):
        with pytest.raises(CategoryInvalid):
            check_category(dimensions, wrong)
    assert category_key({"b": "2", "a": "1"}) == "a=1;b=2"
