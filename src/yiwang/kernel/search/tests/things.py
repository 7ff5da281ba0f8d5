"""Subjects of a noun of their own, for tests that need nothing but words."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from yiwang.kernel.access import services as access
from yiwang.kernel.access.principals import EVERYONE
from yiwang.kernel.base.moments import now
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import create_subject
from yiwang.kernel.search.services import index
from yiwang.kernel.search.sources import Document

NOUN = "thing"
TEXTS: dict[int, str] = {}


def make(
    text: str, *, key: int = EVERYONE, state: int = 0, unit: int = 1, kind: str = "search", at: datetime | None = None
) -> int:
    """A subject that is found by a text."""
    with transaction.atomic():
        subject = create_subject(f"{NOUN}:{kind}", unit=unit)
        access.grant(subject, [key], state=state, at=now())
        index({subject: Document(title="", at=at or now(), texts=[text])})
    return subject.pk


def bare(text: str) -> int:
    """A subject that should be found by a text and is not yet."""
    with transaction.atomic():
        subject = create_subject(f"{NOUN}:search", unit=1)
        access.grant(subject, [EVERYONE], state=0, at=now())
    TEXTS[subject.pk] = text
    return subject.pk


def write(pk: int, text: str) -> None:
    """Let a subject be found by another text."""
    with transaction.atomic():
        index({Subject.objects.get(pk=pk): Document(title="", at=now(), texts=[text])})


def documents_of(ids: Sequence[int]) -> Mapping[int, Document]:
    """The source of words of this noun."""
    moment = datetime.fromisoformat("2026-03-01T12:00:00+08:00")
    return {pk: Document(title="", at=moment, texts=[TEXTS[pk]]) for pk in ids if pk in TEXTS}
