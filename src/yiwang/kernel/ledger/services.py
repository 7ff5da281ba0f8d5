"""Steps of every action: name the subjects, lock them in one statement, append to their chains."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from django.conf import settings
from django.db.models import BinaryField, Case, IntegerField, Value, When

from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.jobs.services import Order, enqueue_all, finish_once
from yiwang.kernel.ledger.kinds import kind_id
from yiwang.kernel.ledger.models import Entry, Subject
from yiwang.kernel.ledger.reactions import reactions_to
from yiwang.kernel.ledger.rules import MAX_FACTS, Link, canonical, link_hash


class Author(Protocol):
    """Who acts, as the ledger keeps it: two plain numbers."""

    @property
    def account(self) -> int:
        """Account, 0 for the platform itself, -1 for an unknown visitor."""

    @property
    def post(self) -> int:
        """Post in which he acts, 0 for none."""


@dataclass(frozen=True)
class Event:
    """What happened to one subject."""

    subject: Subject
    verb: str
    facts: Mapping[str, object] = field(default_factory=dict)


def create_subject(kind: str, *, unit: int, node: int = 1, visibility: int = 0) -> Subject:
    """A new subject with an empty chain; held by the transaction that made it."""
    subject = Subject.objects.create(kind_id=kind_id(kind), unit=unit, node=node, visibility=visibility)
    return _held(subject)


def lock(*ids: int) -> dict[int, Subject]:
    """Lock subjects in one statement in id order, so that two actions never wait for each other in a ring.

    Raises NotFound when one does not exist.
    """
    rows = Subject.objects.select_for_update().filter(pk__in=set(ids)).order_by("pk")
    found = {row.pk: _held(row) for row in rows}
    if len(found) != len(set(ids)):
        raise NotFound()
    return found


def record(*events: Event, actor: Author, orders: Iterable[Order] = ()) -> list[Entry]:
    """Append events to the chains of their subjects and put a delivery off for every interested reaction.

    `orders` are further jobs of the same action, put off in the same statement. Every subject must have been locked
    or made in this transaction: RuntimeError when it was not; ValueError when the facts are larger than 2 KB.
    """
    entries = Entry.objects.bulk_create([_append(event, actor) for event in events])
    _move_heads({event.subject.pk: event.subject for event in events})
    enqueue_all([*orders, *_deliveries(entries)])
    finish_once()
    return entries


def _held(subject: Subject) -> Subject:
    subject.__dict__["held"] = True
    return subject


def _append(event: Event, actor: Author) -> Entry:
    subject = event.subject
    if not subject.__dict__.get("held"):
        raise RuntimeError(f"subject {subject.pk} was not locked before {event.verb}")
    if len(canonical(event.facts)) > MAX_FACTS:
        raise ValueError(f"facts of {event.verb} are larger than {MAX_FACTS} bytes")
    link = Link(subject.pk, subject.length + 1, event.verb, event.facts, actor.account, actor.post, now())
    subject.head = link_hash(settings.LEDGER_ALGORITHM, bytes(subject.head), link)
    subject.length = link.seq
    return _entry(link, bytes(subject.head))


def _entry(link: Link, head: bytes) -> Entry:
    return Entry(
        subject_id=link.subject,
        seq=link.seq,
        verb=link.verb,
        facts=dict(link.facts),
        author=link.author,
        post=link.post,
        at=link.at,
        algorithm=settings.LEDGER_ALGORITHM,
        hash=head,
    )


def _move_heads(subjects: Mapping[int, Subject]) -> None:
    if len(subjects) == 1:
        (subject,) = subjects.values()
        Subject.objects.filter(pk=subject.pk).update(head=subject.head, length=subject.length)
        return
    heads = [When(pk=pk, then=Value(bytes(row.head), output_field=BinaryField())) for pk, row in subjects.items()]
    lengths = [When(pk=pk, then=Value(row.length)) for pk, row in subjects.items()]
    Subject.objects.filter(pk__in=subjects).update(
        head=Case(*heads, output_field=BinaryField()), length=Case(*lengths, output_field=IntegerField())
    )


def _deliveries(entries: list[Entry]) -> list[Order]:
    return [
        Order(reaction.job_kind, ref=entry.pk, line=entry.subject_id)
        for entry in entries
        for reaction in reactions_to(entry.verb)
    ]
