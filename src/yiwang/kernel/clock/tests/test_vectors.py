"""Due dates worked out by hand on the calendar of the State Council."""

from datetime import date, timedelta

import pytest

from yiwang.kernel.clock.limits import Unit
from yiwang.kernel.clock.rules import Due, Span, Stretch, due_of
from yiwang.kernel.clock.tests.calendars import CALENDAR, ZONE, at

WD, CD, HOUR, MONTH = Unit.WORKING_DAY, Unit.DAY, Unit.HOUR, Unit.MONTH


def due(unit: Unit, amount: int, start: date, *pauses: tuple[date, date]) -> Due:
    stretches = [Stretch(at(begun), at(ended)) for begun, ended in pauses]
    return due_of(Span(unit, amount, at(start)), CALENDAR, stretches)


@pytest.mark.parametrize(
    ("start", "amount", "day"),
    [
        # Mid-autumn 25–27 September, National Day 1–7 October, made up on Sunday 20 September and Saturday 10 October
        (date(2026, 9, 24), 3, date(2026, 9, 30)),
        (date(2026, 9, 24), 4, date(2026, 10, 8)),
        (date(2026, 9, 24), 5, date(2026, 10, 9)),
        (date(2026, 9, 24), 6, date(2026, 10, 10)),
        (date(2026, 9, 24), 7, date(2026, 10, 12)),
        (date(2026, 9, 18), 1, date(2026, 9, 20)),
        (date(2026, 10, 3), 1, date(2026, 10, 8)),
        # Spring Festival 15–23 February, made up on the Saturdays 14 and 28 February
        (date(2026, 2, 11), 3, date(2026, 2, 14)),
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        (date(2026, 2, 11), 20, date(2026, 3, 17)),
        (date(2026, 2, 27), 1, date(2026, 2, 28)),
        # plain weeks: the example of the tracking page
        (date(2026, 11, 11), 10, date(2026, 11, 25)),
        (date(2026, 11, 11), 20, date(2026, 12, 9)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
    ],
)
def test_working_days(start: date, amount: int, day: date) -> None:
    assert due(WD, amount, start) == Due(day, at(day + timedelta(days=1), 0), provisional=False)


def test_turn_of_the_year_is_provisional() -> None:
    assert due(WD, 19, date(2026, 12, 4)).provisional is False
    found = due(WD, 20, date(2026, 12, 4))
    assert (found.day, found.provisional) == (date(2027, 1, 4), True)


def test_moving_holidays_of_a_checked_year_are_left_out_of_provisional_counts() -> None:
    """Spring Festival 2027 is certain (5 to 8 February), its make-up weekends are not."""
    assert due(WD, 1, date(2027, 2, 4)).day == date(2027, 2, 9)


@pytest.mark.parametrize(
    ("start", "amount", "day"),
    [
        (date(2026, 9, 20), 15, date(2026, 10, 8)),  # 5 October is National Day
        (date(2026, 9, 17), 30, date(2026, 10, 19)),  # 17 October is a Saturday
        (date(2026, 9, 10), 30, date(2026, 10, 10)),  # a Saturday on which people work
        (date(2026, 11, 2), 15, date(2026, 11, 17)),
    ],
)
def test_calendar_days_move_off_rest_days(start: date, amount: int, day: date) -> None:
    assert due(CD, amount, start).day == day


def test_a_limit_may_say_that_its_last_day_stays() -> None:
    span = Span(CD, 15, at(date(2026, 9, 20)), moves=False)
    assert due_of(span, CALENDAR).day == date(2026, 10, 5)


@pytest.mark.parametrize(
    ("start", "amount", "day"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),  # a Saturday on which people work
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 12, 31), 2, date(2024, 2, 29)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2026, 9, 1), 1, date(2026, 10, 8)),
        (date(2026, 7, 21), 3, date(2026, 10, 21)),
        (date(2025, 11, 15), 12, date(2026, 11, 16)),  # 15 November 2026 is a Sunday
    ],
)
def test_months(start: date, amount: int, day: date) -> None:
    assert due(MONTH, amount, start).day == day


def test_hours_run_through_nights_and_holidays() -> None:
    found = due_of(Span(HOUR, 24, at(date(2026, 10, 1), 10)), CALENDAR)
    assert found == Due(date(2026, 10, 2), at(date(2026, 10, 2), 10), provisional=False)


def test_hours_ending_at_midnight_belong_to_the_day_before() -> None:
    assert due_of(Span(HOUR, 14, at(date(2026, 10, 1), 10)), CALENDAR).day == date(2026, 10, 1)


def test_a_paused_hour_is_given_back() -> None:
    day = date(2026, 11, 20)
    pauses = [Stretch(at(day, 11), at(day, 12)), Stretch(at(day, 11, 30), at(day, 13))]
    assert due_of(Span(HOUR, 2, at(day, 10)), CALENDAR, pauses).moment == at(day, 14)


@pytest.mark.parametrize(
    ("pause", "day"),
    [
        ((date(2026, 11, 16), date(2026, 11, 19)), date(2026, 11, 30)),  # Monday to Wednesday not counted
        ((date(2026, 11, 13), date(2026, 11, 16)), date(2026, 11, 26)),  # only the Friday was worked
        ((date(2026, 11, 14), date(2026, 11, 16)), date(2026, 11, 25)),  # a weekend costs nothing
        ((date(2026, 11, 25), date(2026, 12, 1)), date(2026, 12, 1)),  # from the last day on: goes on with the 1st
        ((date(2026, 11, 26), date(2026, 12, 1)), date(2026, 11, 25)),  # too late to help
        ((date(2026, 11, 11), date(2026, 11, 12)), date(2026, 11, 25)),  # the start day does not count anyway
        ((date(2026, 11, 16), date(2026, 11, 16)), date(2026, 11, 25)),  # ended on the day it began
    ],
)
def test_pauses_of_ten_working_days_from_11_november(pause: tuple[date, date], day: date) -> None:
    assert due(WD, 10, date(2026, 11, 11), pause).day == day


def test_two_pauses_over_each_other_count_once() -> None:
    pauses = ((date(2026, 11, 16), date(2026, 11, 18)), (date(2026, 11, 17), date(2026, 11, 20)))
    assert due(WD, 10, date(2026, 11, 11), *pauses).day == date(2026, 12, 1)


def test_the_day_is_read_in_the_zone_of_the_node() -> None:
    """00:30 in Beijing is the next day there, though Greenwich still has the day before."""
    evening, night = at(date(2026, 11, 11), 23, 30), at(date(2026, 11, 12), 0, 30)
    assert due_of(Span(WD, 10, evening), CALENDAR).day == date(2026, 11, 25)
    assert due_of(Span(WD, 10, night), CALENDAR).day == date(2026, 11, 26)
    assert due_of(Span(WD, 10, night), CALENDAR).moment.tzinfo is ZONE
