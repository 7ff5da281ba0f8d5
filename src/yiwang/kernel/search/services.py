"""Steps that keep the index."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.search.grams import folded, grams, tidy
from yiwang.kernel.search.marks import marks_of
from yiwang.kernel.search.models import Card, Words
from yiwang.kernel.search.sources import Document, documents_of, noun_of
from yiwang.kernel.search.statements import DIALECTS

SEPARATOR = " · "
CARD = ("noun", "kind", "unit", "year", "at", "number", "title")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored of one subject: its card and its words."""

    card: Card
    words: Words

    @property
    def numbers(self) -> set[int]:
        """What the index holds of it; follows from card and words alone, so that old numbers can be told again."""
        return numbers_of(self.card, self.words.text)

    @property
    def values(self) -> list[object]:
        """Everything that is stored."""
        card, words = self.card, self.words
        narrowing = [card.noun, card.kind_id, card.unit, card.year]
        return [*narrowing, card.at, card.number, card.title, words.text, words.shown]


def numbers_of(card: Card, text: str) -> set[int]:
    """Grams of a folded text and marks of its card."""
    return grams(text) | marks_of(card.subject_id, card.noun, card.kind_id, card.unit, card.year)


def kept_of(subject: Subject, document: Document) -> Kept:
    """What is to be stored of a subject."""
    number, title = tidy(document.number)[:80], tidy(document.title)[:300]
    shown = tidy(SEPARATOR.join(filter(None, (number, title, *dict.fromkeys(document.texts)))))
    text = folded(shown)
    card = Card(
        subject_id=subject.pk,
        noun=noun_of(subject),
        kind_id=subject.kind_id,
        unit=subject.unit,
        year=timezone.localtime(document.at).year,
        at=document.at,
        number=number,
        title=title,
    )
    return Kept(card, Words(subject_id=subject.pk, text=text, shown="" if text == shown else shown))


def refresh(subjects: Iterable[Subject]) -> int:
    """Let locked subjects be found by what their nouns say of them now; how many had to be written."""
    held = {subject.pk: subject for subject in subjects}
    found = documents_of([*held.values()])
    gone = [subject for pk, subject in held.items() if pk not in found]
    return index({held[pk]: document for pk, document in found.items()}, gone)


def empty() -> None:
    """Forget everything, so that all is written anew; nothing is found until it is."""
    Card.objects.all().delete()
    Words.objects.all().delete()
    with connection.cursor() as cursor:
        for sql in DIALECTS[connection.vendor].empty:
            cursor.execute(sql)


def index(documents: Mapping[Subject, Document], gone: Iterable[Subject] = ()) -> int:
    """Let subjects be found by their documents from now on, those `gone` no longer; how many had to be written.

    The subjects are locked by the action: whoever reads a document and writes it does so under their locks.
    """
    before = stored([*documents, *gone])
    new = {subject.pk: kept_of(subject, document) for subject, document in documents.items()}
    changed = {pk: kept for pk, kept in new.items() if pk not in before or kept.values != before[pk].values}
    lost = [subject.pk for subject in gone if subject.pk in before]
    _write(changed)
    _number(before, changed, lost)
    Card.objects.filter(pk__in=lost).delete()
    Words.objects.filter(pk__in=lost).delete()
    return len(changed) + len(lost)


def stored(subjects: Iterable[Subject]) -> dict[int, Kept]:
    """What is stored of subjects, by id; two queries."""
    ids = [subject.pk for subject in subjects]
    words = Words.objects.in_bulk(ids)
    return {card.pk: Kept(card, words[card.pk]) for card in Card.objects.filter(pk__in=ids) if card.pk in words}


def _write(changed: Mapping[int, Kept]) -> None:
    if not changed:
        return
    Card.objects.bulk_create(
        [kept.card for kept in changed.values()],
        update_conflicts=True,
        unique_fields=["subject"],
        update_fields=list(CARD),
    )
    Words.objects.bulk_create(
        [kept.words for kept in changed.values()],
        update_conflicts=True,
        unique_fields=["subject"],
        update_fields=["text", "shown"],
    )


def _number(before: Mapping[int, Kept], changed: Mapping[int, Kept], lost: Iterable[int]) -> None:
    put = DIALECTS[connection.vendor].put
    with connection.cursor() as cursor:
        for pk in [*changed, *lost]:
            old, new = before.get(pk), changed.get(pk)
            numbers = new.numbers if new else set[int]()
            for sql, values in put(pk, old.numbers if old else (), numbers):
                cursor.execute(sql, values)
