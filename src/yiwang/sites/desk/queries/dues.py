"""Remaining time in people's words, and the groups of a worklist. Working days come from the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yiwang.ui.words import day_words

Tone = Literal["", "soon", "late"]
Between = Callable[[date, date], int]
SOON_WORKDAYS = 1
NEAR_WORKDAYS = 3
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Frame:
    """The moment a page is made for: `between(a, b)` counts working days after `a` up to and with `b`."""

    moment: datetime
    between: Between
    near: date

    @property
    def today(self) -> date:
        """The day of the node."""
        return localtime(self.moment).date()

    @property
    def tonight(self) -> datetime:
        """First moment after today."""
        return midnight_after(self.today)

    @property
    def near_end(self) -> datetime:
        """First moment after the third working day."""
        return midnight_after(self.near)


@dataclass(frozen=True, slots=True)
class Due:
    """「剩 3 工作日」: lead, figure and tail apart so that the figure can be bold; amber and red mean nothing else."""

    tone: Tone = ""
    lead: str = ""
    figure: str = ""
    tail: str = ""
    day: str = ""

    @property
    def icon(self) -> str:
        """A triangle when late, else a clock: state is never told by colour alone."""
        return "alert" if self.tone == "late" else "clock"

    def __str__(self) -> str:
        return f"{self.lead} {self.figure} {self.tail}".strip()


def midnight_after(day: date) -> datetime:
    """24:00 of a day, in the time zone of the node."""
    return make_aware(datetime.combine(day + timedelta(days=1), time.min))


def last_day(due: datetime) -> date:
    """The last day that counts: a limit that ends at 24:00 ends on the day before."""
    return localtime(due - INSTANT).date()


def due_words(due: datetime | None, frame: Frame) -> Due:
    """How long is left until `due`, the first moment that is too late."""
    if due is None:
        return Due(lead=_("不限时"))
    end, day = last_day(due), day_words(last_day(due), frame.today)
    if due <= frame.moment:
        return _over(due, frame, day)
    if end == frame.today:
        if due == frame.tonight:
            return _around("soon", _("今天 %(n)s 内"), "", day)
        return _around("soon", _("今天 %(n)s 前"), f"{localtime(due):%H:%M}", day)
    left = frame.between(frame.today, end)
    tone: Tone = "soon" if left <= SOON_WORKDAYS else ""
    return _around(tone, ngettext("剩 %(n)s 工作日", "剩 %(n)s 工作日", left), str(left), day)


def _over(due: datetime, frame: Frame, day: str) -> Due:
    days = frame.between(last_day(due), frame.today)
    if days:
        return _around("late", ngettext("超 %(n)s 工作日", "超 %(n)s 工作日", days), str(days), day)
    return Due("late", _("已超期"), day=day)


def _around(tone: Tone, words: str, figure: str, day: str) -> Due:
    lead, _figure, tail = words.partition("%(n)s")
    return Due(tone, lead.strip(), figure, tail.strip(), day)


def bucket_of(due: datetime | None, frame: Frame) -> str:
    """Group of a worklist line: `late`, `today`, `near` (up to the third working day) or `later`."""
    if due is None or due > frame.near_end:
        return "later"
    if due <= frame.moment:
        return "late"
    return "today" if due <= frame.tonight else "near"
