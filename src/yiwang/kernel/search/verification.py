"""Compares index, words and what the nouns say, and names every subject where they differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.search.services import Kept, kept_of, stored
from yiwang.kernel.search.sources import documents_of
from yiwang.kernel.search.statements import DIALECTS

BATCH = 500


@dataclass(frozen=True, slots=True)
class Flaw:
    """A subject that is not found by what it should be found by."""

    subject: int
    trouble: str

    def __str__(self) -> str:
        return f"subject {self.subject}: {self.trouble}"


def verify_index(after: int = 0) -> Iterator[Flaw]:
    """Every subject beyond `after`. One that changed in the last moments may be named: its delivery is on the way."""
    while rows := list(Subject.objects.filter(pk__gt=after).order_by("pk")[:BATCH]):
        after = rows[-1].pk
        yield from _flaws(rows)


def _flaws(rows: Sequence[Subject]) -> Iterator[Flaw]:
    documents, kept = documents_of(rows), stored(rows)
    held = _held(kept)
    for row in rows:
        document, found = documents.get(row.pk), kept.get(row.pk)
        if document is None:
            if found is not None:
                yield Flaw(row.pk, "left over, nothing stands behind it")
        elif found is None:
            yield Flaw(row.pk, "missing")
        elif found.values != kept_of(row, document).values:
            yield Flaw(row.pk, "words are not those of today")
        elif held.get(row.pk, 0) != len(found.numbers):
            yield Flaw(row.pk, f"index holds {held.get(row.pk, 0)} of {len(found.numbers)} numbers")


def _held(kept: dict[int, Kept]) -> dict[int, int]:
    if not kept:
        return {}
    numbers = set[int]().union(*(one.numbers for one in kept.values()))
    sql, values = DIALECTS[connection.vendor].held(list(kept), numbers)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return dict(cursor.fetchall())
