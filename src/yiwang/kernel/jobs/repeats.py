"""Repeated jobs: rows of `Cron` follow the registry; a run that was missed comes once."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import get_default_timezone

from yiwang.kernel.base.moments import now
from yiwang.kernel.jobs.models import Cron
from yiwang.kernel.jobs.registry import JobKind, known_kinds
from yiwang.kernel.jobs.rules import next_after, parse_repeat
from yiwang.kernel.jobs.services import enqueue


def plan_repeats() -> None:
    """Make or correct the rows of the kinds this code knows; rows of unknown kinds belong to other versions."""
    rows = {row.name: row for row in Cron.objects.all()}
    for kind in _repeated():
        row = rows.get(kind.name)
        if row is None:
            Cron.objects.get_or_create(name=kind.name, defaults={"rule": kind.repeat, "next_due": _next(kind, now())})
        elif row.rule != kind.repeat or row.next_due > _next(kind, now()):  # new rule, or a clock set back
            _move(row, kind)


def put_off_due() -> int:
    """Enqueue every repeated job whose moment has come; how many were enqueued here."""
    known = {kind.name: kind for kind in _repeated()}
    due = Cron.objects.filter(next_due__lte=now(), name__in=known)
    return sum(_put_off(row, known[row.name]) for row in due)


def _put_off(row: Cron, kind: JobKind) -> bool:
    with transaction.atomic():
        if not _move(row, kind):
            return False
        enqueue(kind.name, args={"planned": row.next_due.isoformat()}, unique_key=f"cron:{kind.name}")
    return True


def _move(row: Cron, kind: JobKind) -> bool:
    """Set the next moment; False when another worker was faster."""
    same = Cron.objects.filter(pk=row.pk, next_due=row.next_due)
    return bool(same.update(rule=kind.repeat, next_due=_next(kind, now())))


def _repeated() -> list[JobKind]:
    return [kind for kind in known_kinds() if kind.repeat]


def _next(kind: JobKind, moment: datetime) -> datetime:
    return next_after(parse_repeat(kind.repeat), moment, get_default_timezone())
