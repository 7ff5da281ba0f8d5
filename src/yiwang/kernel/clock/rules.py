"""How a limit is counted. Plain values in, plain values out.

The rule: the day of the start event does not count, counting begins on the next (民法典 art. 201). A month ends on the
corresponding day, or the last of the month where there is none (art. 202). A last day on a rest day moves to the next
working day, and the last day ends at 24:00 of the node's zone (art. 203). A pause covers the day on which it begins
and ends before the day on which it is ended, so that the limit goes on with that day.
"""

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from yiwang.kernel.clock.limits import Unit
from yiwang.kernel.clock.workdays import DAY, Workdays

Range = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Span:
    """What is counted: an amount from a start, in the zone of that start."""

    unit: Unit
    amount: int
    started: datetime
    moves: bool = True


@dataclass(frozen=True, slots=True)
class Stretch:
    """Time not counted: from `begun` to `ended`."""

    begun: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """The last day, the first moment after it, and whether a year not yet announced was used."""

    day: date
    moment: datetime
    provisional: bool


def due_of(span: Span, workdays: Workdays, pauses: Iterable[Stretch] = ()) -> Due:
    """When a limit runs out."""
    if span.unit is Unit.HOUR:
        return _due_by_hour(span, list(pauses))
    ranges = paused_ranges(pauses, span)
    last = last_counted(span, workdays, ranges)
    day = _moved(last, workdays, ranges) if span.moves and span.unit is not Unit.WORKING_DAY else last
    return Due(day, end_of_day(day, span.started), _is_provisional(span, workdays, last, day))


def end_of_day(day: date, like: datetime) -> datetime:
    """24:00 of a day in the zone of `like`."""
    return datetime.combine(day + DAY, time(), like.tzinfo)


def paused_ranges(pauses: Iterable[Stretch], span: Span) -> list[Range]:
    """Days not counted because of a pause: disjoint [from, to) in order, all later than the start day."""
    zone, floor = span.started.tzinfo, span.started.date() + DAY
    days = sorted((max(p.begun.astimezone(zone).date(), floor), p.ended.astimezone(zone).date()) for p in pauses)
    merged: list[Range] = []
    for begin, end in days:
        if begin >= end:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def counted(span: Span, workdays: Workdays, ranges: list[Range], until: date) -> int:
    """Days of the limit used up to and with `until`: working days, else calendar days, without paused ones."""
    start = span.started.date()
    if until <= start:
        return 0
    return _between(span, workdays, start, until) - _paused(span, workdays, ranges, until)


def add_months(day: date, months: int) -> date:
    """The corresponding day `months` later, or the last of that month (民法典 art. 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def is_paused(day: date, ranges: list[Range]) -> bool:
    """Whether a day lies in a pause."""
    return any(begin <= day < end for begin, end in ranges)


def last_counted(span: Span, workdays: Workdays, ranges: list[Range]) -> date:
    """The day on which the whole amount has been counted, before a move off a rest day."""

    def paused(until: date) -> int:
        return _paused(span, workdays, ranges, until)

    return _settled(_adder(span, workdays), paused)


def _adder(span: Span, workdays: Workdays) -> Callable[[int], date]:
    start = span.started.date()
    if span.unit is Unit.WORKING_DAY:
        return lambda more: workdays.add(start, span.amount + more)
    base = add_months(start, span.amount) if span.unit is Unit.MONTH else start + span.amount * DAY
    return lambda more: base + more * DAY


def _settled(add: Callable[[int], date], paused: Callable[[date], int]) -> date:
    """The smallest day that has the whole amount behind it: every round adds the paused days met so far."""
    day = add(0)
    while (later := add(paused(day))) != day:
        day = later
    return day


def _between(span: Span, workdays: Workdays, after: date, until: date) -> int:
    if span.unit is Unit.WORKING_DAY:
        return workdays.count(after, until)
    return max(0, (until - after).days)


def _paused(span: Span, workdays: Workdays, ranges: list[Range], until: date) -> int:
    return sum(_between(span, workdays, begin - DAY, min(end - DAY, until)) for begin, end in ranges)


def _moved(day: date, workdays: Workdays, ranges: list[Range]) -> date:
    while not workdays.is_work(day) or is_paused(day, ranges):
        day = workdays.next(day + DAY)
    return day


def _is_provisional(span: Span, workdays: Workdays, last: date, day: date) -> bool:
    if span.unit is Unit.WORKING_DAY:
        return not workdays.are_announced(span.started.date() + DAY, day)
    return span.moves and not workdays.are_announced(last, day)


def _due_by_hour(span: Span, pauses: list[Stretch]) -> Due:
    moment = base = span.started + timedelta(hours=span.amount)
    while (later := base + _overlap(span.started, moment, pauses)) != moment:
        moment = later
    day = (moment - timedelta(microseconds=1)).astimezone(span.started.tzinfo).date()
    return Due(day, moment, provisional=False)


def _overlap(start: datetime, until: datetime, pauses: list[Stretch]) -> timedelta:
    total, reached = timedelta(), start
    for pause in sorted(pauses, key=lambda p: p.begun):
        begin, end = max(pause.begun, reached), pause.ended
        if begin < until and begin < end:
            total, reached = total + end - begin, end
    return total
