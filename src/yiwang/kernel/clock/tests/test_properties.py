"""Whatever the calendar, the limit and the pauses: counts agree with a clerk who walks day by day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.clock.explanations import Sign, mark_days
from yiwang.kernel.clock.law import HolidayLaw
from yiwang.kernel.clock.limits import Unit
from yiwang.kernel.clock.rules import Span, Stretch, counted, due_of, paused_ranges
from yiwang.kernel.clock.standing import Reading, standing_of
from yiwang.kernel.clock.tests.calendars import CALENDAR, MARKS, at
from yiwang.kernel.clock.tests.naive import Naive
from yiwang.kernel.clock.workdays import Mark, Workdays

NO_LAW = HolidayLaw((), (), (), "")
DAYS = st.dates(date(2024, 1, 1), date(2026, 6, 30))
AMOUNTS = st.integers(1, 60)
UNITS = st.sampled_from([Unit.WORKING_DAY, Unit.DAY, Unit.MONTH])


@st.composite
def pauses_of(draw: st.DrawFn, start: date) -> list[Stretch]:
    found = []
    for begin, length in draw(st.lists(st.tuples(st.integers(-5, 90), st.integers(0, 20)), max_size=4)):
        begun = start + timedelta(days=begin)
        found.append(Stretch(at(begun, 9), at(begun + timedelta(days=length), 17)))
    return found


@st.composite
def cases(draw: st.DrawFn) -> tuple[Span, list[Stretch]]:
    start, unit = draw(DAYS), draw(UNITS)
    amount = draw(st.integers(1, 6)) if unit is Unit.MONTH else draw(AMOUNTS)
    return Span(unit, amount, at(start), draw(st.booleans())), draw(pauses_of(start))


@st.composite
def odd_calendars(draw: st.DrawFn) -> tuple[Workdays, Naive]:
    marks = draw(st.dictionaries(st.dates(date(2024, 12, 1), date(2026, 2, 28)), st.booleans(), max_size=60))
    named = {day: Mark(is_work, "x") for day, is_work in marks.items()}
    return Workdays(named, range(2020, 2031), NO_LAW), Naive(named)


@given(cases())
def test_due_agrees_with_the_clerk(case: tuple[Span, list[Stretch]]) -> None:
    span, pauses = case
    assert due_of(span, CALENDAR, pauses).day == Naive(MARKS).due(span, pauses)


@given(odd_calendars(), st.dates(date(2024, 12, 1), date(2025, 12, 31)), st.integers(0, 80))
def test_any_calendar_agrees_with_the_clerk(pair: tuple[Workdays, Naive], start: date, amount: int) -> None:
    workdays, clerk = pair
    day = workdays.add(start, amount)
    assert workdays.count(start, day) == clerk.count(start, day) == amount
    assert amount == 0 or clerk.works(day)
    assert workdays.is_work(workdays.next(start))
    assert not any(clerk.works(start + timedelta(days=n)) for n in range((workdays.next(start) - start).days))


@given(DAYS, AMOUNTS, AMOUNTS)
def test_adding_and_counting_are_inverse_and_monotone(start: date, one: int, two: int) -> None:
    assert CALENDAR.count(start, CALENDAR.add(start, one)) == one
    assert CALENDAR.add(CALENDAR.add(start, one), two) == CALENDAR.add(start, one + two)
    assert (CALENDAR.add(start, one) < CALENDAR.add(start, two)) is (one < two)
    later = start + timedelta(days=two)
    assert CALENDAR.add(start, one) <= CALENDAR.add(later, one)


@given(DAYS, DAYS, DAYS)
def test_counts_add_up(one: date, two: date, three: date) -> None:
    first, middle, last = sorted((one, two, three))
    assert CALENDAR.count(first, last) == CALENDAR.count(first, middle) + CALENDAR.count(middle, last)


@given(DAYS, AMOUNTS, st.integers(0, 59), st.integers(0, 30))
def test_a_pause_of_k_working_days_moves_the_due_by_k(start: date, amount: int, offset: int, length: int) -> None:
    before = due_of(Span(Unit.WORKING_DAY, amount, at(start)), CALENDAR).day
    begun = min(start + timedelta(days=1 + offset), before)
    ended = begun + timedelta(days=length)
    lost = CALENDAR.count(begun - timedelta(days=1), ended - timedelta(days=1))
    after = due_of(Span(Unit.WORKING_DAY, amount, at(start)), CALENDAR, [Stretch(at(begun), at(ended))]).day
    assert after == CALENDAR.add(before, lost)


@given(cases(), st.integers(-3, 120))
def test_the_explanation_agrees_with_the_due(case: tuple[Span, list[Stretch]], offset: int) -> None:
    span, pauses = case
    due, ranges = due_of(span, CALENDAR, pauses), paused_ranges(pauses, span)
    today = span.started.date() + timedelta(days=offset)
    days = list(mark_days(span, CALENDAR, ranges, due, today))
    within = [mark for mark in days if mark.day <= due.day]
    assert [mark.day for mark in within if mark.is_due] == [due.day] == [within[-1].day]
    numbers = [mark.number for mark in within if mark.sign is Sign.COUNTED]
    assert numbers == list(range(1, len(numbers) + 1))
    if span.unit is not Unit.MONTH:
        assert numbers[-1] == span.amount
    assert within[0].sign is Sign.START
    assert all(mark.note for mark in days if mark.sign is Sign.REST)
    clerk = Naive(MARKS)
    if span.unit is Unit.WORKING_DAY:
        assert all(clerk.works(mark.day) for mark in within if mark.sign is Sign.COUNTED)
    assert not any(clerk.paused(mark.day, pauses) for mark in within if mark.sign is Sign.COUNTED)


@given(cases(), st.integers(0, 120))
def test_used_and_left_make_up_the_whole(case: tuple[Span, list[Stretch]], offset: int) -> None:
    """On any day outside a pause, days used and days left of a working-day limit are the limit."""
    span, pauses = case
    ranges, due = paused_ranges(pauses, span), due_of(span, CALENDAR, pauses)
    today = span.started.date() + timedelta(days=offset)
    ended = [Stretch(p.begun, p.ended) for p in pauses if p.ended.date() <= today]
    if span.unit is not Unit.WORKING_DAY or today > due.day or len(ended) < len(pauses):
        return
    reading = Reading(span.unit, span.amount, span.started, due.day, due.moment)
    standing = standing_of(reading, CALENDAR, at(today, 15))
    assert standing.used == counted(span, CALENDAR, ranges, today)
    assert standing.used + standing.left == span.amount
    assert standing.over == 0
    assert not standing.is_late


@given(DAYS, AMOUNTS, st.integers(1, 40))
def test_over_counts_from_the_due_day(start: date, amount: int, late: int) -> None:
    due = due_of(Span(Unit.WORKING_DAY, amount, at(start)), CALENDAR)
    today = CALENDAR.add(due.day, late)
    reading = Reading(Unit.WORKING_DAY, amount, at(start), due.day, due.moment)
    standing = standing_of(reading, CALENDAR, at(today, 0, 1))
    assert (standing.over, standing.left, standing.is_late, standing.used) == (late, 0, True, amount)
