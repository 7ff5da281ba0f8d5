"""An independent model: walks day by day, knows no arrays, ranges or fix-points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from yiwang.kernel.clock.limits import Unit
from yiwang.kernel.clock.rules import Span, Stretch
from yiwang.kernel.clock.workdays import Mark

ONE = timedelta(days=1)


@dataclass(frozen=True)
class Naive:
    """Counts as a clerk with a paper calendar does."""

    marks: Mapping[date, Mark]

    def works(self, day: date) -> bool:
        if day in self.marks:
            return self.marks[day].is_work
        return day.weekday() not in (5, 6)

    def paused(self, day: date, pauses: Sequence[Stretch]) -> bool:
        return any(pause.begun.date() <= day < pause.ended.date() for pause in pauses)

    def due(self, span: Span, pauses: Sequence[Stretch]) -> date:
        start = span.started.date()
        day = self._count_off(span, start, pauses)
        if span.moves and span.unit is not Unit.WORKING_DAY:
            while not self.works(day) or self.paused(day, pauses):
                day += ONE
        return day

    def _count_off(self, span: Span, start: date, pauses: Sequence[Stretch]) -> date:
        left = span.amount if span.unit is not Unit.MONTH else (self._corresponding(start, span.amount) - start).days
        day = start
        while left:
            day += ONE
            counts = self.works(day) if span.unit is Unit.WORKING_DAY else True
            left -= counts and not self.paused(day, pauses)
        return day

    def _corresponding(self, start: date, months: int) -> date:
        year, month = start.year, start.month
        for _ in range(months):
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        day = start.day
        while True:
            try:
                return date(year, month, day)
            except ValueError:
                day -= 1

    def count(self, after: date, until: date) -> int:
        total, day = 0, after
        while day < until:
            day += ONE
            total += self.works(day)
        return total
