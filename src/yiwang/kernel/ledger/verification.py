"""Finds any entry that was changed, removed or put elsewhere, and names it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.ledger.models import Entry, Root, Subject
from yiwang.kernel.ledger.queries import heads_of_day
from yiwang.kernel.ledger.rules import Link, link_hash, root_digest


@dataclass(frozen=True)
class Finding:
    """One place where the ledger is not what was written."""

    subject: int
    seq: int
    verb: str
    trouble: str

    def __str__(self) -> str:
        return f"subject {self.subject} entry {self.seq} {self.verb}: {self.trouble}"


@dataclass(frozen=True)
class RootFinding:
    """A day whose signed root does not fit the chains."""

    day: date
    trouble: str

    def __str__(self) -> str:
        return f"root of {self.day}: {self.trouble}"


def verify_chain(subject: Subject, entries: list[Entry]) -> Iterator[Finding]:
    """The first break of one chain, then the loss of its tail."""
    head = b""
    for place, entry in enumerate(entries, start=1):
        if entry.seq != place:
            yield Finding(subject.pk, place, "", f"missing, entry {entry.seq} stands in its place")
            return
        if link_hash(entry.algorithm, head, _link(entry)) != bytes(entry.hash):
            yield Finding(subject.pk, entry.seq, entry.verb, "changed or moved")
            return
        head = bytes(entry.hash)
    if len(entries) != subject.length or head != bytes(subject.head):
        yield Finding(subject.pk, len(entries) + 1, "", f"removed, the chain has {subject.length} entries")


def _link(entry: Entry) -> Link:
    return Link(entry.subject_id, entry.seq, entry.verb, entry.facts, entry.author, entry.post, entry.at)


def verify_chains(batch: int = 2000) -> Iterator[Finding]:
    """Every chain of the node, in batches of subjects."""
    last = 0
    while rows := list(Subject.objects.filter(pk__gt=last).order_by("pk")[:batch]):
        last = rows[-1].pk
        entries = Entry.objects.filter(subject__in=[row.pk for row in rows]).order_by("subject_id", "seq")
        chains = {key: list(group) for key, group in groupby(entries.iterator(), key=lambda entry: entry.subject_id)}
        for row in rows:
            yield from verify_chain(row, chains.get(row.pk, []))


def verify_roots() -> Iterator[RootFinding]:
    """Every signed root against the chains as they stand now."""
    before = b""
    for root in Root.objects.order_by("day"):
        expected = root_digest(root.algorithm, before, root.day, heads_of_day(root.day))
        if not keyring().verify(bytes(root.digest), bytes(root.signature), root.key_id):
            yield RootFinding(root.day, "signature does not fit")
        elif expected != bytes(root.digest):
            yield RootFinding(root.day, "the chains of that day were changed after it was signed")
        before = bytes(root.digest)
