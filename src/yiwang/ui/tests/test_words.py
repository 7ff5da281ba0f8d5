"""Dates, limits and numbers in people's words."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from yiwang.ui.words import amount_words, day_words, full_day_words, left_words, moment_words, plain_number

TODAY = date(2026, 11, 21)


def drawn(source: str, **values: object) -> str:
    """A template with the tags of the design system."""
    return Template("{% load ui %}" + source).render(Context(values))


def test_days_carry_the_year_only_when_it_is_another() -> None:
    assert day_words(date(2026, 11, 25), TODAY) == "11月25日"
    assert day_words(date(2027, 3, 31), TODAY) == "2027年3月31日"
    assert full_day_words(date(2026, 11, 25)) == "2026年11月25日"


def test_moments_are_told_in_the_zone_of_the_node() -> None:
    assert moment_words(datetime(2026, 11, 20, 16, 5, tzinfo=UTC), TODAY) == "11月21日 00:05"


@pytest.mark.parametrize(("left", "words"), [(3, "还剩 3 个工作日"), (0, "今天到期"), (-2, "已超 2 个工作日")])
def test_what_is_left(left: int, words: str) -> None:
    assert left_words(left, "wd") == words


@pytest.mark.parametrize(
    ("unit", "words"), [("wd", "5 个工作日"), ("cd", "5 日"), ("hour", "5 小时"), ("month", "5 个月")]
)
def test_amounts(unit: str, words: str) -> None:
    assert amount_words(5, unit) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(31240, "31,240"), (Decimal("31240.500"), "31,240.5"), (Decimal("1E+3"), "1,000"), (0, "0"), (0.25, "0.25")],
)
def test_numbers(value: Decimal, words: str) -> None:
    assert plain_number(value) == words


@given(st.decimals(min_value=0, max_value=10**12, places=4, allow_nan=False, allow_infinity=False))
def test_a_number_in_words_is_the_same_number(value: Decimal) -> None:
    assert Decimal(plain_number(value).replace(",", "")) == value


def test_the_last_day_of_a_limit_that_ends_at_midnight_is_the_day_before() -> None:
    end = datetime(2026, 11, 25, 16, 0, tzinfo=UTC)  # 26 November, 00:00 in the node's zone
    assert "11月25日" in drawn("{{ end|last_day }}", end=end)


def test_codes_are_read_in_groups_of_four() -> None:
    assert drawn("{{ c|code_groups }}", c="9VB2F9HQTHE4V") == "9VB2-F9HQ-THE4V"
    assert drawn("{{ c|code_groups }}", c="") == ""


def test_text_stays_text_in_every_tag() -> None:
    evil = "<b>x</b>，"
    for tag in ("{{ t|keep }}", "{{ t|nowrap }}", "{{ t|mask_name }}", "{% icon t t %}", "{% qr 'a' t %}"):
        assert "<b>" not in drawn(tag, t=evil)


def test_a_title_may_break_after_punctuation_only() -> None:
    assert drawn("{{ t|keep }}", t="受理，审查") == "受理，<wbr>审查"
