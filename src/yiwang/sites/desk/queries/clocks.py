"""The limits panel of a case: one cell per working day, a sentence, and how it was counted."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from yiwang.kernel.clock.explanations import DayMark, Explanation, Sign
from yiwang.kernel.clock.limits import Unit
from yiwang.kernel.clock.models import Clock
from yiwang.kernel.clock.queries import clocks_of, explain
from yiwang.kernel.clock.standing import Phase
from yiwang.sites.desk.queries.dues import Due, Frame, due_words

SHORT = 8
LEGAL = (Clock.Name.STATUTORY, Clock.Name.ACCEPTANCE, Clock.Name.CORRECTIONS, Clock.Name.DELIVERY)
SHOWN = {Sign.COUNTED: "", Sign.PAUSED: "p", Sign.OVER: "o"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One counted, paused or overrun day; `shades` are the classes of the reference sheet."""

    shades: str
    day: DayMark


@dataclass(frozen=True, slots=True)
class ClockView:
    """A limit: what it is called, how long, what is left, its cells, and the explanation behind 怎么算的."""

    name: str
    title: str
    due: Due
    sentence: str
    cells: tuple[Cell, ...]
    explanation: Explanation
    is_running: bool

    @property
    def is_short(self) -> bool:
        """Whether its cells keep their width instead of filling the line."""
        return len(self.cells) <= SHORT


def clock_views(subject: int, frame: Frame) -> tuple[ClockView, ...]:
    """Every clock of a case, running ones first, then the latest that stopped."""
    views = [_view(clock, frame) for clock in clocks_of(subject)]
    views.sort(key=lambda view: not view.is_running)
    return tuple(views)


def _view(clock: Clock, frame: Frame) -> ClockView:
    told = explain(clock, frame.moment)
    is_running = told.standing.phase is not Phase.STOPPED
    due = due_words(clock.due_at, frame) if told.standing.phase is Phase.RUNNING else _still(told, clock.due_at, frame)
    return ClockView(clock.name, told.title, due, told.sentence, tuple(_cells(told, clock)), told, is_running)


def _still(told: Explanation, due_at: datetime, frame: Frame) -> Due:
    if told.standing.phase is Phase.PAUSED:
        return Due(lead=_("计时停止"), day=due_words(due_at, frame).day)
    late = told.standing.is_late
    return replace(Due("late" if late else "", _("超期办结") if late else _("按期办结")), day="")


def _cells(told: Explanation, clock: Clock) -> Iterator[Cell]:
    if told.standing.unit is Unit.HOUR:
        return
    mark = "mk-s" if clock.name in LEGAL else "mk"
    for day in told.days:
        if day.sign in SHOWN:
            yield Cell(" ".join(filter(None, (SHOWN[day.sign], _used(day, told), mark if day.is_due else ""))), day)


def _used(day: DayMark, told: Explanation) -> str:
    if day.sign is not Sign.COUNTED:
        return ""
    running = told.standing.phase is Phase.RUNNING
    if day.is_today and running:
        return "t"
    return "u" if day.is_past or (day.is_today and not running) else ""
