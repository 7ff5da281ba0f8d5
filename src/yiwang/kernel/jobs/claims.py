"""Taking, renewing, returning and striking off leases: the raw SQL of this package, the same on both engines.

Partial indexes serve these statements, so the states stand in them as literals.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction

from yiwang.kernel.base.moments import now
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.rules import LONGEST_PAUSE, pause_after

LEASE = timedelta(seconds=30)
BATCH = 50
KEPT_ERROR = 2000
SKEW = timedelta(minutes=1)

_dice = secrets.SystemRandom()

_READY = """
    j.state = 0 AND j.queue = %s AND j.due <= %s AND j.kind IN ({kinds}) AND j.tries {tries}
    AND (j.line IS NULL OR NOT EXISTS (
        SELECT 1 FROM jobs_job b WHERE b.kind = j.kind AND b.line = j.line AND b.id < j.id AND b.state < 2))
"""
_IS_READY = "SELECT 1 FROM jobs_job j WHERE {ready} LIMIT 1"
_CLAIM = """
    WITH picked AS MATERIALIZED (
        SELECT j.id FROM jobs_job j WHERE {ready} ORDER BY j.due, j.id LIMIT %s {skip})
    UPDATE jobs_job SET state = 1, owner = %s, lease_until = %s WHERE id IN (SELECT id FROM picked) RETURNING *
"""
_LOST = "SELECT * FROM jobs_job WHERE state = 1 AND (lease_until < %s OR lease_until > %s)"


_EARLY = """
    SELECT id FROM jobs_job WHERE state = 0 AND due > %s AND ((tries = 0 AND due = at) OR (tries > 0 AND due > %s))
"""

Plain = str | int | datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """What a lane asks for: queue, kinds its code knows, how many; jobs that never failed, or such as did."""

    queue: str
    kinds: Sequence[str]
    size: int = BATCH
    failed: bool = False


def is_ready(wish: Wish) -> bool:
    """Whether there is something to claim; reads only, so that an idle worker never asks for the write lock."""
    where, values = _ready(wish)
    with connection.cursor() as cursor:
        cursor.execute(_IS_READY.format(ready=where), values)
        return cursor.fetchone() is not None


def claim(wish: Wish, owner: str) -> list[Job]:
    """Lease jobs to `owner` in one statement, in the order in which they are to run; none may be taken twice."""
    where, values = _ready(wish)
    skip = "FOR UPDATE OF j SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    sql = _CLAIM.format(ready=where, skip=skip)
    rows = Job.objects.raw(sql, [*values, wish.size, owner, _plain(now() + LEASE)])
    return sorted(rows, key=lambda job: (job.due, job.pk))


def renew(held: Iterable[Job]) -> None:
    """Push the leases on."""
    by_owner: dict[str, list[int]] = {}
    for job in held:
        by_owner.setdefault(job.owner, []).append(job.pk)
    for owner, ids in by_owner.items():
        Job.objects.filter(pk__in=ids, owner=owner).update(lease_until=now() + LEASE)


def strike_off(done: Collection[Job]) -> None:
    """Delete finished jobs that are still ours, one statement per batch claimed."""
    by_owner: dict[str, list[int]] = {}
    for job in done:
        by_owner.setdefault(job.owner, []).append(job.pk)
    for owner, ids in by_owner.items():
        Job.objects.filter(pk__in=ids, owner=owner).delete()


def put_back(jobs: Collection[Job], pause: timedelta = timedelta()) -> None:
    """Return leased jobs that were not run, or met a busy database: this costs no try."""
    for job in jobs:
        _move(job, {"state": Job.State.WAITING, "due": now() + pause if pause else job.due})


def fail(job: Job, error: str, most: int) -> Job.State:
    """Count a failure: wait and try again, or, at the `most`-th, go to the dead list."""
    failures = job.tries + 1
    told = {"tries": failures, "error": error[-KEPT_ERROR:]}
    if failures >= most:
        _move(job, {"state": Job.State.DEAD, **told})
        return Job.State.DEAD
    due = now() + pause_after(failures, _dice.random())
    _move(job, {"state": Job.State.WAITING, "due": due, **told})
    return Job.State.WAITING


def lost_leases() -> list[Job]:
    """Running jobs whose lease ran out, or lies farther ahead than any lease can because a clock was set back."""
    moment = now()
    return list(Job.objects.raw(_LOST, [_plain(moment), _plain(moment + 2 * LEASE + SKEW)]))


def running_jobs() -> list[Job]:
    """Every leased job."""
    return list(Job.objects.raw("SELECT * FROM jobs_job WHERE state = 1"))


def pull_forward() -> int:
    """After a clock was set back: let jobs that were to start at once, or after a pause, not wait for the old time."""
    moment = now()
    with connection.cursor() as cursor:
        cursor.execute(_EARLY, [_plain(moment + SKEW), _plain(moment + 2 * LONGEST_PAUSE)])
        ids = [row[0] for row in cursor.fetchall()]
    return Job.objects.filter(pk__in=ids, state=Job.State.WAITING).update(due=moment, at=moment) if ids else 0


def _move(job: Job, values: dict[str, object]) -> None:
    mine = Job.objects.filter(pk=job.pk, owner=job.owner)
    try:
        with transaction.atomic():
            mine.update(owner="", lease_until=None, **values)
    except IntegrityError:  # a twin with the same unique key waits already and will do
        mine.delete()


def _ready(wish: Wish) -> tuple[str, list[Plain]]:
    kinds = ", ".join(["%s"] * len(wish.kinds)) or "NULL"
    where = _READY.format(kinds=kinds, tries="> 0" if wish.failed else "= 0")
    return where, [wish.queue, _plain(now()), *wish.kinds]


def _plain(moment: datetime) -> Plain:
    adapted: Plain | None = connection.ops.adapt_datetimefield_value(moment)
    return moment if adapted is None else adapted
