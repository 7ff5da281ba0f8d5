"""Steps that write grants, inside the action that changes who may see a subject."""

from collections.abc import Iterable
from datetime import datetime

from yiwang.kernel.access.models import Grant
from yiwang.kernel.ledger.models import Subject


def grant(subject: Subject, keys: Iterable[int], *, state: int, at: datetime) -> None:
    """Let principals see a subject; those who do already stay as they are."""
    rows = [
        Grant(key=key, state=state, kind_id=subject.kind_id, at=at, subject_id=subject.pk) for key in sorted(set(keys))
    ]
    Grant.objects.bulk_create(rows, ignore_conflicts=True)


def move(subject: Subject, *, state: int, at: datetime) -> None:
    """Note the new state and sorting moment in every grant of a subject."""
    Grant.objects.filter(subject=subject.pk).update(state=state, at=at)


def revoke(subject: Subject, keys: Iterable[int]) -> None:
    """Take sight of a subject from principals."""
    Grant.objects.filter(subject=subject.pk, key__in=list(keys)).delete()
