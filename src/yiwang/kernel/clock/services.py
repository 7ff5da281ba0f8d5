"""Steps on the clocks of a subject, inside an action that holds the subject's lock.

Moments are aware; days are read off them in the node's zone. A moment earlier than what it ends (a clock of the
machine set back) counts as that moment, so that no limit ever runs backwards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError
from django.db.models import BooleanField, Case, DateTimeField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from yiwang.kernel.clock.calendars import stamp, workdays
from yiwang.kernel.clock.law import pause_kinds, refused_kinds
from yiwang.kernel.clock.limits import Limit, Unit, limit_of
from yiwang.kernel.clock.models import Clock, Pause
from yiwang.kernel.clock.refusals import (
    AlreadyExtended,
    AlreadyPaused,
    ClockRunning,
    ExtensionNotPermitted,
    ExtensionTooLate,
    NoSuchClock,
    NotExtendable,
    NothingToPause,
    NotPaused,
    PauseKindRefused,
)
from yiwang.kernel.clock.rules import Span, Stretch, due_of
from yiwang.kernel.org.actors import Actor

COUNTED = ("due", "due_at", "provisional", "stamp")


@dataclass(frozen=True, slots=True)
class PauseOrder:
    """Why time shall not count: a kind named by law, the reason, and the written notice to the party."""

    kind: str
    reason: str
    notice: str = ""


def start(subject: int, limits: Sequence[Limit], *, at: datetime, region: str = "", ref: str = "") -> list[Clock]:
    """Start one clock for each limit in one statement; `ref` tells apart clocks of one name, such as steps.

    Raises ClockRunning when one of that name runs already.
    """
    clocks = [_new_clock(subject, limit, at, region, ref) for limit in limits]
    try:
        return Clock.objects.bulk_create(clocks)
    except IntegrityError as error:
        raise ClockRunning(facts={"names": [limit.name for limit in limits]}) from error


def stop(subject: int, *names: str, at: datetime, ref: str | None = None) -> int:
    """Stop the named clocks, or every one and every pause; each notes for good whether it was late. Returns how many.

    One statement, or two for all.
    """
    clocks = _open(subject, names, ref)
    if not names and ref is None:
        _end_pauses(Pause.objects.filter(subject=subject, ended_at=None), at)
    moment = Value(at, output_field=DateTimeField())
    late = Case(When(due_at__lte=Coalesce("paused_at", moment), then=True), default=False, output_field=BooleanField())
    return clocks.update(stopped_at=Greatest("started_at", moment), late=late)


def reopen(subject: int, *names: str, ref: str | None = None) -> list[Clock]:
    """Let stopped clocks run on as if they had never been stopped; when a decision is rolled back."""
    stopped = Clock.objects.filter(_named(names, ref), subject=subject).exclude(stopped_at=None)
    latest = {(clock.name, clock.ref): clock for clock in stopped.order_by("pk")}
    clocks, pauses = list(latest.values()), _pauses(subject)
    for clock in clocks:
        clock.stopped_at = clock.late = clock.paused_at = None
        recount(clock, pauses)
    Clock.objects.bulk_update(clocks, ["stopped_at", "late", "paused_at", *COUNTED])
    return clocks


def pause(subject: int, order: PauseOrder, *, at: datetime, actor: Actor) -> Pause:
    """Stop the limits that the law lets this kind of pause stop.

    Raises PauseKindRefused, NothingToPause, AlreadyPaused.
    """
    _check_kind(order.kind)
    clocks = [clock for clock in _open(subject) if order.kind in terms(clock).pausable_by and clock.due_at > at]
    if not clocks:
        raise NothingToPause(facts={"kind": order.kind})
    row = Pause(subject_id=subject, begun_at=at, account=actor.account, **_fields(order))
    try:
        row.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyPaused(facts={"kind": order.kind}) from error
    Clock.objects.filter(pk__in=[clock.pk for clock in clocks], paused_at=None).update(paused_at=at)
    return row


def resume(subject: int, *, at: datetime, kind: str = "") -> list[Clock]:
    """End the pause of one kind, or every pause; a clock goes on once nothing stops it any more.

    Returns the clocks that run again, with their new due. Raises NotPaused.
    """
    pauses = _pauses(subject)
    ending = [row for row in pauses if row.ended_at is None and kind in ("", row.kind)]
    if not ending:
        raise NotPaused(facts={"kind": kind})
    for row in ending:
        row.ended_at = max(at, row.begun_at)
    Pause.objects.bulk_update(ending, ["ended_at"])
    return _go_on([clock for clock in _open(subject) if clock.paused_at], pauses)


def extend(subject: int, name: str, *, at: datetime, actor: Actor, ref: str = "") -> Clock:
    """Extend a limit once, by what the law grants, on approval of the holder of the role it names.

    Raises NoSuchClock, NotExtendable, AlreadyExtended, ExtensionNotPermitted, ExtensionTooLate.
    """
    clock = _open(subject, (name,), ref).first()
    if clock is None:
        raise NoSuchClock(facts={"name": name})
    clock.extension = _granted(clock, at, actor)
    recount(clock, _pauses(subject))
    clock.save(update_fields=["extension", *COUNTED])
    return clock


def recount(clock: Clock, pauses: Iterable[Pause]) -> bool:
    """Count the due of a clock anew under the calendar of today; not saved. Says whether the due moved."""
    before = (clock.due, clock.due_at)
    ended = [Stretch(row.begun_at, row.ended_at) for row in pauses if row.ended_at and stops(row, clock)]
    due = due_of(span_of(clock), workdays(clock.region), ended)
    clock.due, clock.due_at, clock.provisional = due.day, due.moment, due.provisional
    clock.stamp = stamp()
    return before != (clock.due, clock.due_at)


def stops(row: Pause, clock: Clock) -> bool:
    """Whether a pause is of a kind that may stop this clock."""
    return row.kind in terms(clock).pausable_by


def terms(clock: Clock) -> Limit:
    """The limit as it stood when the clock was started."""
    return limit_of(clock.terms)


def span_of(clock: Clock) -> Span:
    """What the clock counts, in the node's zone."""
    total = clock.amount + clock.extension
    return Span(Unit(clock.unit), total, local(clock.started_at), terms(clock).moves_to_working_day)


def local(moment: datetime) -> datetime:
    """A moment in the zone of the node. Raises ValueError for a moment without zone."""
    return timezone.localtime(moment, timezone.get_default_timezone())


def _new_clock(subject: int, limit: Limit, at: datetime, region: str, ref: str) -> Clock:
    days = workdays(region)
    due = due_of(Span(limit.unit, limit.amount, local(at), limit.moves_to_working_day), days)
    return Clock(
        subject_id=subject,
        name=limit.name,
        ref=ref,
        unit=str(limit.unit),
        amount=limit.amount,
        region=region,
        started_at=at,
        due=due.day,
        due_at=due.moment,
        provisional=due.provisional,
        terms=limit.as_data(),
        stamp=stamp(),
    )


def _named(names: Sequence[str], ref: str | None) -> Q:
    named = Q(name__in=names) if names else Q()
    return named if ref is None else named & Q(ref=ref)


def _open(subject: int, names: Sequence[str] = (), ref: str | None = None) -> QuerySet[Clock]:
    return Clock.objects.filter(_named(names, ref), subject=subject, stopped_at=None)


def _pauses(subject: int) -> list[Pause]:
    return list(Pause.objects.filter(subject=subject).order_by("begun_at"))


def _end_pauses(pauses: QuerySet[Pause], at: datetime) -> None:
    pauses.update(ended_at=Greatest(F("begun_at"), Value(at, output_field=DateTimeField())))


def _fields(order: PauseOrder) -> dict[str, str]:
    return {"kind": order.kind, "reason": order.reason, "notice": order.notice}


def _check_kind(kind: str) -> None:
    known = refused_kinds().get(kind)
    if known is not None:
        raise PauseKindRefused(known.because, rule=str(known.basis), field="kind", facts={"kind": kind})
    if kind not in pause_kinds():
        raise PauseKindRefused(field="kind", facts={"kind": kind})


def _go_on(clocks: Sequence[Clock], pauses: Sequence[Pause]) -> list[Clock]:
    still = [row for row in pauses if row.ended_at is None]
    free = [clock for clock in clocks if not any(stops(row, clock) for row in still)]
    for clock in free:
        clock.paused_at = None
        recount(clock, pauses)
    Clock.objects.bulk_update(free, ["paused_at", *COUNTED])
    return free


def _granted(clock: Clock, at: datetime, actor: Actor) -> int:
    extension = terms(clock).extension
    if extension is None:
        raise NotExtendable(facts={"name": clock.name})
    if clock.extension:
        raise AlreadyExtended(rule=str(extension.basis), facts={"name": clock.name})
    if not actor.has_role(extension.approver):
        raise ExtensionNotPermitted(rule=str(extension.basis), facts={"role": extension.approver})
    if (clock.paused_at or at) >= clock.due_at:
        raise ExtensionTooLate(rule=str(extension.basis), facts={"due": clock.due.isoformat()})
    return extension.amount
