"""Where a clock stands at a moment: used, left, over. From the row alone, so that a list of clocks needs no query."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from yiwang.kernel.clock.limits import Unit
from yiwang.kernel.clock.workdays import DAY, Workdays

SOON = 3


class Phase(StrEnum):
    """Running, paused by law, or stopped."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class Urgency(StrEnum):
    """What a list shows beside the words: never by colour alone."""

    CALM = "calm"
    SOON = "soon"
    TODAY = "today"
    LATE = "late"
    PAUSED = "paused"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock's row says; moments in the node's zone, `total` with its extension."""

    unit: Unit
    total: int
    started: datetime
    due: date
    due_at: datetime
    provisional: bool = False
    paused_at: datetime | None = None
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a clock stands.

    `used`, `left` and `over` are in the clock's unit (months: days); for hours they are whole hours and `time_left`
    (negative when over) is exact. A clock that was stopped or paused in time is never late.
    """

    phase: Phase
    unit: Unit
    total: int
    used: int
    left: int
    over: int
    due: date
    due_at: datetime
    today: date
    provisional: bool
    is_late: bool
    time_left: timedelta

    @property
    def urgency(self) -> Urgency:
        """One word for lists and badges."""
        if self.phase is Phase.STOPPED:
            return Urgency.DONE
        if self.is_late:
            return Urgency.LATE
        if self.phase is Phase.PAUSED:
            return Urgency.PAUSED
        if self.due == self.today:
            return Urgency.TODAY
        return Urgency.SOON if self.left <= SOON and self.unit is not Unit.HOUR else Urgency.CALM


def standing_of(reading: Reading, workdays: Workdays, at: datetime) -> Standing:
    """Where the clock stands at `at` (in the node's zone)."""
    moment = reading.paused_at or reading.stopped_at or at
    phase = _phase(reading)
    reached = moment.date() - DAY if reading.paused_at else moment.date()
    left = _span(reading.unit, workdays, reached, reading.due)
    left = min(left, reading.total) if reading.unit is Unit.WORKING_DAY else left
    time_left = reading.due_at - moment
    hours = reading.unit is Unit.HOUR
    return Standing(
        phase=phase,
        unit=reading.unit,
        total=reading.total,
        used=_used(reading, moment, left),
        left=_hours(time_left) if hours else left,
        over=_hours(-time_left) if hours else _span(reading.unit, workdays, reading.due, reached),
        due=reading.due,
        due_at=reading.due_at,
        today=at.date(),
        provisional=reading.provisional and phase is not Phase.STOPPED,
        is_late=moment >= reading.due_at,
        time_left=time_left,
    )


def _phase(reading: Reading) -> Phase:
    if reading.stopped_at:
        return Phase.STOPPED
    return Phase.PAUSED if reading.paused_at else Phase.RUNNING


def _span(unit: Unit, workdays: Workdays, after: date, until: date) -> int:
    if unit is Unit.WORKING_DAY:
        return workdays.count(after, until)
    return max(0, (until - after).days)


def _used(reading: Reading, moment: datetime, left: int) -> int:
    if reading.unit is Unit.HOUR:
        return max(0, reading.total - _hours(reading.due_at - moment))
    if reading.unit is Unit.MONTH:
        return max(0, (min(moment.date(), reading.due) - reading.started.date()).days)
    return max(0, reading.total - left)


def _hours(span: timedelta) -> int:
    return max(0, -(-span // timedelta(hours=1)))
