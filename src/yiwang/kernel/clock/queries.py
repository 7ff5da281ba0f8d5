"""Reading clocks: where they stand, how they were counted, which are due."""

from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yiwang.kernel.base.moments import now
from yiwang.kernel.clock.calendars import workdays
from yiwang.kernel.clock.explanations import Explanation, PauseText, mark_days
from yiwang.kernel.clock.law import pause_kinds
from yiwang.kernel.clock.limits import Unit
from yiwang.kernel.clock.models import Clock, Day, Pause
from yiwang.kernel.clock.rules import Due, Stretch, due_of, end_of_day, paused_ranges
from yiwang.kernel.clock.services import local, span_of, stops, terms
from yiwang.kernel.clock.standing import Reading, Standing, standing_of
from yiwang.kernel.clock.wording import amount_text, headline, how_text

WARN_FROM = 11


def clocks_of(subject: int) -> list[Clock]:
    """Every clock a subject ever had, in order of start; one query."""
    return list(Clock.objects.filter(subject=subject).order_by("started_at", "pk"))


def clock_of(subject: int, name: str, ref: str = "") -> Clock | None:
    """The latest clock of that name."""
    return Clock.objects.filter(subject=subject, name=name, ref=ref).order_by("-pk").first()


def state_of(clock: Clock, at: datetime | None = None) -> Standing:
    """Where a clock stands; no query once the calendar is in memory."""
    reading = Reading(
        unit=Unit(clock.unit),
        total=clock.amount + clock.extension,
        started=local(clock.started_at),
        due=clock.due,
        due_at=local(clock.due_at),
        provisional=clock.provisional,
        paused_at=local(clock.paused_at) if clock.paused_at else None,
        stopped_at=local(clock.stopped_at) if clock.stopped_at else None,
    )
    return standing_of(reading, workdays(clock.region), local(at or now()))


def sentence_of(clock: Clock, at: datetime | None = None) -> str:
    """「还剩 3 个工作日（至 11 月 25 日）」."""
    return headline(state_of(clock, at))


def remaining(due: date, *, region: str = "", at: datetime | None = None) -> Standing:
    """Where a bare due day stands in working days; for work items, which carry nothing else."""
    moment = local(at or now())
    days = workdays(region)
    total = days.count(moment.date(), due)
    reading = Reading(Unit.WORKING_DAY, total, moment, due, end_of_day(due, moment))
    return standing_of(reading, days, moment)


def explain(clock: Clock, at: datetime | None = None) -> Explanation:
    """How the due of a clock came about, day by day; one query."""
    moment = local(at or now())
    pauses = [row for row in Pause.objects.filter(subject=clock.subject_id).order_by("begun_at") if stops(row, clock)]
    span, days = span_of(clock), workdays(clock.region)
    stretches = [Stretch(row.begun_at, row.ended_at or max(moment, row.begun_at)) for row in pauses]
    ended = [Stretch(row.begun_at, row.ended_at) for row in pauses if row.ended_at]
    due = due_of(span, days, stretches)
    until = local(clock.stopped_at).date() if clock.stopped_at else moment.date()
    marks = tuple(mark_days(span, days, paused_ranges(stretches, span), due, until))
    texts = tuple(_pause_text(row) for row in pauses)
    limit = terms(clock)
    return Explanation(
        title=limit.title or title_of(clock.name),
        standing=state_of(clock, moment),
        started=span.started.date(),
        sentence=sentence_of(clock, moment),
        how=how_text(limit.title or title_of(clock.name), _total(clock), span.started.date(), marks, texts),
        basis=str(limit.basis),
        pauses=texts,
        days=marks,
        is_recounted=_differs(clock, due_of(span, days, ended)),
    )


def title_of(name: str) -> str:
    """The title of a clock that its definition gives none."""
    return str(dict(Clock.Name.choices).get(name, name))


def _total(clock: Clock) -> str:
    text = amount_text(Unit(clock.unit), clock.amount)
    if not clock.extension:
        return text
    more = amount_text(Unit(clock.unit), clock.extension)
    return _("%(text)s（延长 %(more)s）") % {"text": text, "more": more}


def _differs(clock: Clock, due: Due) -> bool:
    return (clock.due, clock.due_at) != (due.day, due.moment)


def _pause_text(row: Pause) -> PauseText:
    kind = pause_kinds().get(row.kind)
    ended = local(row.ended_at).date() if row.ended_at else None
    name, basis = (kind.name, str(kind.basis)) if kind else (row.kind, "")
    return PauseText(name, row.reason, local(row.begun_at).date(), ended, basis)


def missing_year(day: date) -> int | None:
    """The coming year, from November on, while its arrangement is not loaded: dues in it are provisional."""
    return None if day.month < WARN_FROM or workdays().is_announced(day.year + 1) else day.year + 1


def days_of(year: int, region: str = "") -> list[Day]:
    """Named days of a year as the table has them, for the page where they are kept."""
    return list(Day.objects.filter(region=region, date__year=year).order_by("date"))


def run_out(at: datetime, *names: str) -> QuerySet[Clock]:
    """Running clocks whose limit had run out at `at`, longest overdue first; paused ones are not among them."""
    return Clock.objects.filter(name__in=names, stopped_at=None, paused_at=None, due_at__lte=at).order_by("due_at")


def running_out(at: datetime, until: datetime, *names: str) -> QuerySet[Clock]:
    """Running clocks that run out after `at` and not later than `until`."""
    return Clock.objects.filter(
        name__in=names, stopped_at=None, paused_at=None, due_at__gt=at, due_at__lte=until
    ).order_by("due_at")


def stale(stamp: int, since: date) -> QuerySet[Clock]:
    """Open clocks counted under another calendar whose due lies where days may have changed."""
    return Clock.objects.filter(stopped_at=None, due__gte=since).exclude(stamp=stamp).order_by("pk")
