"""Counts beside the chips of the worklist, from one query over at most 1,000 open items."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Q

from yiwang.kernel.org.actors import Actor
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.desk.queries.dues import Frame, bucket_of
from yiwang.sites.desk.queries.filters import COUNT_LIMIT, Filters, capped, mine
from yiwang.sites.desk.queries.kinds import UNKNOWN, Mark

BUCKETS = ("late", "today", "near", "later")
STEPS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Facet:
    """One chip: what it filters by, how many lines it would leave."""

    value: str
    label: str
    count: str
    on: bool = False


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts of the whole list, not only of the page shown."""

    total: int = 0
    unread: int = 0
    urgent: int = 0
    timeless: int = 0
    buckets: dict[str, int] = field(default_factory=dict)
    kinds: tuple[Facet, ...] = ()
    steps: tuple[Facet, ...] = ()
    posts: tuple[Facet, ...] = ()

    @property
    def words(self) -> str:
        """The total, stopping at 1,000."""
        return capped(self.total)

    @property
    def may_have_timeless(self) -> bool:
        """Whether lines without a due date must be looked for."""
        return self.timeless > 0 or self.total >= COUNT_LIMIT

    @property
    def today(self) -> int:
        """What must be done today: late, or due by midnight."""
        return self.buckets.get("late", 0) + self.buckets.get("today", 0)


class Brief(NamedTuple):
    """The columns that are counted."""

    pk: int
    due: datetime | None
    kind: int
    label: str
    post: int | None
    urgent: int
    read: datetime | None


def briefs(actor: Actor) -> list[Brief]:
    """The counted columns of the actor's open work, at most 1,000 lines."""
    conditions = mine(actor)
    if not conditions:
        return []
    query = WorkItem.objects.filter(reduce(or_, conditions, Q()), state=WorkItem.State.OPEN)
    return [Brief(*row) for row in query.values_list(*Brief._fields)[:COUNT_LIMIT]]


def open_count(actor: Actor) -> str:
    """How much waits for the actor, for the rail."""
    conditions = mine(actor)
    if not conditions:
        return "0"
    query = WorkItem.objects.filter(reduce(or_, conditions, Q()), state=WorkItem.State.OPEN)
    return capped(query[:COUNT_LIMIT].count())


def facets_of(rows: list[Brief], actor: Actor, filters: Filters, frame: Frame, known: dict[int, Mark]) -> Facets:
    """Counts for the actor's open work; chips of other groups keep their own counts."""
    return Facets(
        total=len(rows),
        unread=sum(row.read is None for row in rows),
        urgent=sum(row.urgent > 0 for row in rows),
        timeless=sum(row.due is None for row in rows),
        buckets=dict(Counter(bucket_of(row.due, frame) for row in rows)),
        kinds=_kinds(rows, filters, known),
        steps=_steps(rows, filters),
        posts=_posts(rows, actor, filters),
    )


def _kinds(rows: Iterable[Brief], filters: Filters, known: dict[int, Mark]) -> tuple[Facet, ...]:
    counts = Counter(row.kind for row in rows)
    return tuple(
        Facet(str(kind), known.get(kind, UNKNOWN).name, capped(count), kind == filters.kind)
        for kind, count in counts.most_common()
    )


def _steps(rows: Iterable[Brief], filters: Filters) -> tuple[Facet, ...]:
    counts = Counter(row.label for row in rows if row.label)
    return tuple(
        Facet(label, label, capped(count), label == filters.step) for label, count in counts.most_common(STEPS_SHOWN)
    )


def _posts(rows: Iterable[Brief], actor: Actor, filters: Filters) -> tuple[Facet, ...]:
    counts = Counter(row.post for row in rows)
    return tuple(
        Facet(str(held.post), f"{held.unit_name} {held.name}", capped(counts[held.post]), held.post == filters.post)
        for held in actor.posts
    )
