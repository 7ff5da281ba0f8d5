"""Steps that put work off until after the commit, and that finish it."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

from django.db import connection, transaction
from django.db.models import F

from yiwang.kernel.base.moments import now
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import JobKind, kind_named

MAX_ARGS = 1024
HOLD = timedelta(days=36_500)
_hold: ContextVar[timedelta] = ContextVar("yiwang_held_jobs", default=timedelta())


class LostLease(Exception):
    """Another worker has taken the job meanwhile: whatever this one did must be rolled back."""


@dataclass(frozen=True)
class Order:
    """One job to be done: kind, reference, ordering line, small arguments, earliest moment, key held while waiting."""

    kind: str
    ref: int | None = None
    line: int | None = None
    args: Mapping[str, object] = field(default_factory=dict)
    due: datetime | None = None
    unique_key: str | None = None


def enqueue(
    kind: str,
    *,
    ref: int | None = None,
    line: int | None = None,
    args: Mapping[str, object] | None = None,
    due: datetime | None = None,
    unique_key: str | None = None,
) -> None:
    """Put one job off; see `enqueue_all`."""
    enqueue_all([Order(kind, ref, line, args or {}, due, unique_key)])


def enqueue_all(orders: Iterable[Order]) -> None:
    """Put jobs off in one statement; they exist when the surrounding transaction commits.

    Jobs of one kind on one line run in this order, provided that whoever enqueues on the line holds a lock that stands
    for it (an action holds its subjects). While a job with the same unique key waits, a second one is dropped; one that
    has started may have read what changed since, so the new one is kept and runs after it.
    Raises LookupError for an unknown kind, ValueError when the arguments are larger than 1 KB of JSON.
    """
    moment = now()
    rows = [_row(order, moment) for order in orders]
    if rows:
        Job.objects.bulk_create(rows, ignore_conflicts=any(row.unique_key for row in rows))


def _row(order: Order, moment: datetime) -> Job:
    args = dict(order.args)
    if len(json.dumps(args, ensure_ascii=False).encode()) > MAX_ARGS:
        raise ValueError(f"arguments of {order.kind} are larger than {MAX_ARGS} bytes")
    return Job(
        queue=kind_named(order.kind).queue,
        kind=order.kind,
        unique_key=order.unique_key,
        ref=order.ref,
        line=_line(order),
        args=args,
        at=moment,
        due=(order.due or moment) + _hold.get(),
    )


@contextmanager
def held() -> Iterator[None]:
    """Keep every job put off inside from the workers until `release_held`; for data filled in at past moments."""
    token = _hold.set(HOLD)
    try:
        yield
    finally:
        _hold.reset(token)


def release_held() -> int:
    """Let held jobs go, each due when it was meant to be; how many there were."""
    waiting = Job.objects.filter(due__gt=now() + HOLD / 2)
    return waiting.update(due=F("due") - HOLD)


def _line(order: Order) -> int | None:
    """Jobs with a key but no line get one made from the key, so that twins never run side by side."""
    if order.line is not None or order.unique_key is None:
        return order.line
    return int.from_bytes(blake2b(order.unique_key.encode(), digest_size=8).digest(), "big", signed=True)


@dataclass
class Claim:
    """A job while it is run here: whose it is, and whether a transaction has finished it."""

    job: Job
    kind: JobKind
    committed: bool = False
    mark: Callable[[], None] = field(init=False)

    def __post_init__(self) -> None:
        self.mark = self._commit

    def _commit(self) -> None:
        self.committed = True

    @property
    def is_finishing(self) -> bool:
        """Whether the running transaction has struck the job off already."""
        return any(entry[1] is self.mark for entry in connection.run_on_commit)


_current: ContextVar[Claim | None] = ContextVar("yiwang_job", default=None)


@contextmanager
def running(claim: Claim) -> Iterator[None]:
    """Let `finish_in_transaction` mean this job."""
    token = _current.set(claim)
    try:
        yield
    finally:
        _current.reset(token)


def finish_in_transaction() -> None:
    """Strike the running job off in the present transaction: either both happen, or neither, so never twice.

    Does nothing outside a job. Raises LostLease when another worker has the job by now (let it roll the transaction
    back), RuntimeError outside a transaction or in a second transaction of the same job.
    """
    claim = _current.get()
    if claim is None or claim.is_finishing:
        return
    if claim.committed:
        raise RuntimeError(f"{claim.job} was finished by an earlier transaction: one action a job")
    if not connection.in_atomic_block:
        raise RuntimeError("a job is finished inside the transaction of its action")
    if not Job.objects.filter(pk=claim.job.pk, owner=claim.job.owner).delete()[0]:
        raise LostLease(str(claim.job))
    transaction.on_commit(claim.mark)


def finish_once() -> None:
    """What every recording action does: finish the running job here if its kind says `once`."""
    claim = _current.get()
    if claim is not None and claim.kind.once:
        finish_in_transaction()


def retry_dead(*ids: int) -> int:
    """Give dead jobs another life at the end of their lines; how many were dead."""
    with transaction.atomic():
        dead = list(Job.objects.select_for_update().filter(pk__in=ids, state=Job.State.DEAD).order_by("pk"))
        Job.objects.filter(pk__in=[row.pk for row in dead]).delete()
        enqueue_all(Order(row.kind, row.ref, row.line, row.args, unique_key=row.unique_key) for row in dead)
    return len(dead)


def discard_dead(*ids: int) -> int:
    """Drop dead jobs for good; how many were dead."""
    return Job.objects.filter(pk__in=ids, state=Job.State.DEAD).delete()[0]
