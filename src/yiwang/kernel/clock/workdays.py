"""Working days of a region as sorted arrays of day numbers; no tables, no clock."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from yiwang.kernel.clock.law import HolidayLaw

WEEKEND = 5
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A day that has a name: holiday, or weekend worked in exchange for one."""

    is_work: bool
    name: str


class Workdays:
    """Working days 工作日 of one region.

    Announced years follow the table; others are Monday to Friday without the holidays whose date is certain, and
    whatever touches them is provisional.
    """

    def __init__(self, marks: Mapping[date, Mark], announced: Collection[int], law: HolidayLaw) -> None:
        self._marks = marks
        self._announced = frozenset(announced)
        self._fixed = {(holiday.month, holiday.day): holiday for holiday in law.fixed}
        self._dated = {day: Mark(False, name) for day, name in law.dated}
        self._years: dict[int, tuple[int, ...]] = {}

    def is_announced(self, year: int) -> bool:
        """Whether the arrangement of the year has been loaded."""
        return year in self._announced

    def are_announced(self, first: date, last: date) -> bool:
        """Whether every year from `first` to `last` has been loaded."""
        return all(year in self._announced for year in range(first.year, last.year + 1))

    def is_work(self, day: date) -> bool:
        """Whether people work on this day."""
        mark = self.mark(day)
        return day.weekday() < WEEKEND if mark is None else mark.is_work

    def mark(self, day: date) -> Mark | None:
        """The name of a day that has one."""
        mark = self._marks.get(day)
        return mark if mark or day.year in self._announced else self._certain(day)

    def _certain(self, day: date) -> Mark | None:
        if day in self._dated:
            return self._dated[day]
        holiday = self._fixed.get((day.month, day.day))
        return Mark(False, holiday.name) if holiday and day.year >= holiday.valid_from else None

    def add(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (which itself never counts); `day` for 0.

        Raises ValueError for a negative count.
        """
        if count < 0:
            raise ValueError("working days are counted forwards")
        year, place = day.year, bisect_right(self._year(day.year), day.toordinal())
        left = count - 1
        while left >= 0:
            days = self._year(year)
            if place + left < len(days):
                return date.fromordinal(days[place + left])
            left, year, place = left - (len(days) - place), year + 1, 0
        return day

    def count(self, after: date, until: date) -> int:
        """Working days later than `after`, up to and with `until`; 0 when `until` is not later."""
        if until <= after:
            return 0
        whole = sum(len(self._year(year)) for year in range(after.year, until.year))
        return whole + self._place(until) - self._place(after)

    def _place(self, day: date) -> int:
        return bisect_right(self._year(day.year), day.toordinal())

    def next(self, day: date) -> date:
        """`day` itself when it is a working day, else the first one after it."""
        days = self._year(day.year)
        place = bisect_left(days, day.toordinal())
        return date.fromordinal(days[place]) if place < len(days) else self.add(date(day.year, 12, 31), 1)

    def _year(self, year: int) -> tuple[int, ...]:
        if year not in self._years:
            first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            self._years[year] = tuple(n for n in range(first, last + 1) if self.is_work(date.fromordinal(n)))
        return self._years[year]
