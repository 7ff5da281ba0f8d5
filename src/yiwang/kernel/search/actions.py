"""Keeping the index: what a subject is found by, and writing it all anew."""

from collections.abc import Sequence

from django.db import transaction

from yiwang.kernel.base.moments import now
from yiwang.kernel.jobs.services import enqueue, finish_once
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import lock
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.search.models import Reindexing
from yiwang.kernel.search.services import empty, refresh

REINDEX = "search.reindex"
BATCH = 25
"""Subjects of one transaction: short enough not to keep the one writer of SQLite from others."""


@transaction.atomic(durable=True)
def index_subjects(*, actor: Actor, subjects: Sequence[int]) -> int:
    """Let subjects be found by what their nouns say of them now; how many had to be written. Raises NotFound."""
    written = refresh(lock(*subjects).values())
    finish_once()
    return written


@transaction.atomic(durable=True)
def begin_reindex(*, actor: Actor, is_anew: bool = False) -> Reindexing:
    """Begin to look at every subject; one that has begun and not ended goes on where it is.

    With `is_anew` everything is forgotten first and nothing is found until it is written again.
    """
    running = Reindexing.objects.select_for_update().filter(ended=None).first()
    if running is not None and not is_anew:
        enqueue(REINDEX, unique_key=REINDEX)
        return running
    Reindexing.objects.all().delete()
    if is_anew:
        empty()
    last = Subject.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    enqueue(REINDEX, unique_key=REINDEX)
    return Reindexing.objects.create(until=last, begun=now())


@transaction.atomic(durable=True)
def reindex_batch(*, actor: Actor) -> Reindexing | None:
    """Look at the next subjects and put the following batch off; None when nothing is being re-indexed."""
    running = Reindexing.objects.select_for_update().filter(ended=None).first()
    if running is not None:
        _next(running)
    finish_once()
    if running is not None and running.ended is None:
        enqueue(REINDEX, unique_key=REINDEX)
    return running


def _next(running: Reindexing) -> None:
    rows = Subject.objects.filter(pk__gt=running.after, pk__lte=running.until).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:BATCH])
    if ids:
        running.changed += refresh(lock(*ids).values())
        running.looked_at += len(ids)
        running.after = ids[-1]
    if len(ids) < BATCH:
        running.ended = now()
    running.save()
