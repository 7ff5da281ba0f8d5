"""How a due date came about: which days counted, which did not, and why 怎么算的."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.translation import gettext as _

from yiwang.kernel.clock.limits import Unit
from yiwang.kernel.clock.rules import Due, Range, Span, counted, is_paused, last_counted
from yiwang.kernel.clock.standing import Standing
from yiwang.kernel.clock.workdays import DAY, Mark, Workdays

MAX_OVER = 62


class Sign(StrEnum):
    """What became of a day."""

    START = "start"
    COUNTED = "counted"
    REST = "rest"
    PAUSED = "paused"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class DayMark:
    """One day of an explanation: `number` of days counted with it, `left` of days left before it."""

    day: date
    sign: Sign
    number: int
    left: int
    note: str
    is_today: bool
    is_due: bool
    is_past: bool
    is_moved: bool = False
    holiday: str = ""


@dataclass(frozen=True, slots=True)
class PauseText:
    """A pause as it is told: kind and reason by name, from a day, maybe to a day, and the article."""

    name: str
    reason: str
    begun: date
    ended: date | None
    basis: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything a page shows of one clock: headline, paragraph, days, pauses, legal basis."""

    title: str
    standing: Standing
    started: date
    sentence: str
    how: str
    basis: str
    pauses: tuple[PauseText, ...]
    days: tuple[DayMark, ...]
    is_recounted: bool

    def weeks(self) -> list[list[DayMark | None]]:
        """The days in rows of seven from Monday, with gaps as None."""
        if not self.days:
            return []
        cells: list[DayMark | None] = [None] * self.days[0].day.weekday() + list(self.days)
        cells += [None] * (-len(cells) % 7)
        return [cells[n : n + 7] for n in range(0, len(cells), 7)]


def mark_days(span: Span, workdays: Workdays, ranges: list[Range], due: Due, today: date) -> Iterator[DayMark]:
    """Every day from the start to the due day, and on to today when that is later (two months at most)."""
    if span.unit is Unit.HOUR:
        return
    last, total = last_counted(span, workdays, ranges), counted_total(span, workdays, ranges)
    end = max(due.day, min(today, due.day + MAX_OVER * DAY))
    number = over = 0
    for day in _days(span.started.date(), end):
        sign = _sign(day, span, workdays, ranges, due.day)
        sign = Sign.REST if sign is Sign.COUNTED and day > last else sign
        number += sign is Sign.COUNTED
        over += sign is Sign.OVER
        left = total - number + (sign is Sign.COUNTED)
        is_moved = last < day <= due.day
        mark = workdays.mark(day)
        note = _("顺延") if is_moved else _note(sign, mark)
        name = mark.name if mark and not mark.is_work and sign is Sign.REST else ""
        flags = (day == today, day == due.day, day < today, is_moved)
        yield DayMark(day, sign, over or number, left, note, *flags, name)


def counted_total(span: Span, workdays: Workdays, ranges: list[Range]) -> int:
    """How many days a limit holds: its amount, or the days of its months."""
    if span.unit is not Unit.MONTH:
        return span.amount
    return counted(span, workdays, ranges, last_counted(span, workdays, ranges))


def rest_names(days: Iterable[DayMark]) -> list[str]:
    """Names of the holidays that were met, in order, each once."""
    return list(dict.fromkeys(day.holiday for day in days if day.holiday and not day.is_moved))


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY


def _sign(day: date, span: Span, workdays: Workdays, ranges: list[Range], due: date) -> Sign:
    if day == span.started.date():
        return Sign.START
    counts = span.unit is not Unit.WORKING_DAY or workdays.is_work(day)
    if day > due:
        return Sign.OVER if counts else Sign.REST
    if is_paused(day, ranges):
        return Sign.PAUSED
    return Sign.COUNTED if counts else Sign.REST


def _note(sign: Sign, mark: Mark | None) -> str:
    if sign is Sign.REST:
        return mark.name if mark else _("周末")
    return _("调休上班") if mark and mark.is_work else ""
