"""The calendar as a page: years, what they follow, each month; what a new arrangement would change."""

import calendar as months_of
from dataclasses import dataclass
from datetime import date

from yiwang.kernel.base.moments import today
from yiwang.kernel.clock import calendars
from yiwang.kernel.clock.law import holiday_law
from yiwang.kernel.clock.models import Clock, Day, Year
from yiwang.kernel.clock.notices import parse_notice
from yiwang.kernel.clock.queries import days_of, missing_year, stale

OFF, MAKE_UP, REST, WORK = "off", "make-up", "rest", ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a month; `mark` is how it looks, `name` why."""

    day: int
    mark: str
    name: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month in weeks from Monday; None stands for days of its neighbours."""

    number: int
    weeks: tuple[tuple[Cell | None, ...], ...]


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """One year of the calendar of the node."""

    year: int
    loaded: tuple[Year, ...]
    source: str
    is_announced: bool
    missing: int | None
    months: tuple[Month, ...]
    days: tuple[Day, ...]
    open_clocks: int
    stale_clocks: int


@dataclass(frozen=True, slots=True)
class DayDifference:
    """A day that a new arrangement makes different."""

    day: date
    before: str
    after: str
    name: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What loading an arrangement would do."""

    year: int
    days: int
    differences: tuple[DayDifference, ...]
    clocks: int


def calendar_page(year: int) -> CalendarPage:
    """The year with its months, and how far the counting anew is."""
    loaded = tuple(Year.objects.filter(region="").order_by("-year"))
    days = {row.date: row for row in days_of(year)}
    open_clocks = Clock.objects.filter(stopped_at=None)
    return CalendarPage(
        year=year,
        loaded=loaded,
        source=next((row.source for row in loaded if row.year == year), ""),
        is_announced=calendars.workdays().is_announced(year),
        missing=missing_year(today()),
        months=tuple(_month(year, number, days) for number in range(1, 13)),
        days=tuple(days.values()),
        open_clocks=open_clocks.count(),
        stale_clocks=stale(calendars.stamp(), today()).count(),
    )


def _month(year: int, number: int, days: dict[date, Day]) -> Month:
    weeks = months_of.Calendar(0).monthdayscalendar(year, number)
    return Month(
        number, tuple(tuple(_cell(date(year, number, n), days) if n else None for n in week) for week in weeks)
    )


def _cell(day: date, days: dict[date, Day]) -> Cell:
    row, mark = days.get(day), _mark(day)
    return Cell(day.day, mark, row.name if row else "")


def _mark(day: date) -> str:
    is_work = calendars.workdays().is_work(day)
    if day.weekday() < 5:
        return WORK if is_work else OFF
    named = calendars.workdays().mark(day)
    return MAKE_UP if is_work else OFF if named is not None else REST


def preview(year: int, text: str) -> Preview:
    """What loading this arrangement would change. Raises CalendarRefused with every faulty line."""
    rows = parse_notice(text, year, holiday_law())
    wanted = {row.day: row for row in rows}
    held = Day.objects.filter(region="", notice=year).values_list("date", flat=True)
    now_work = calendars.workdays().is_work
    different = []
    for day in sorted({*wanted, *held}):
        row = wanted.get(day)
        after = row.is_work if row else day.weekday() < 5
        if after != now_work(day):
            different.append(DayDifference(day, _said(not after), _said(after), row.name if row else ""))
    clocks = Clock.objects.filter(stopped_at=None, due__gte=date(year - 1, 12, 1)).count()
    return Preview(year, len(rows), tuple(different), clocks)


def _said(is_work: bool) -> str:
    return "班" if is_work else "休"
