"""What the address of a list asks for, and how it narrows a query."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from yiwang.kernel.org.actors import Actor
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.desk.queries.dues import Frame

COUNT_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Filters:
    """Every chip of the bar is one of these."""

    kind: int = 0
    step: str = ""
    unit: int = 0
    post: int = 0
    due: str = ""
    urgent: bool = False
    unread: bool = False
    words: str = ""

    @property
    def any(self) -> bool:
        """Whether anything is filtered out."""
        return self != Filters()


def mine(actor: Actor) -> list[Q]:
    """Conditions of the actor's work, one for each index branch: his own items, then the pool of each post."""
    own = [Q(person=actor.person)] if actor.person is not None else []
    return own + [Q(post=held.post, person__isnull=True) for held in actor.posts]


def narrowed(query: QuerySet[WorkItem], filters: Filters, frame: Frame) -> QuerySet[WorkItem]:
    """Only what the filters leave."""
    equal = {"kind": filters.kind, "label": filters.step, "unit": filters.unit, "post": filters.post}
    query = query.filter(**{name: value for name, value in equal.items() if value})
    if filters.urgent:
        query = query.filter(urgent__gt=0)
    if filters.unread:
        query = query.filter(read__isnull=True)
    if filters.words:
        query = query.filter(Q(title__icontains=filters.words) | Q(number__icontains=filters.words))
    return query.filter(_within(filters.due, frame)) if filters.due else query


def _within(bucket: str, frame: Frame) -> Q:
    bounds = {
        "late": Q(due__lte=frame.moment),
        "today": Q(due__gt=frame.moment, due__lte=frame.tonight),
        "near": Q(due__gt=frame.tonight, due__lte=frame.near_end),
        "later": Q(due__gt=frame.near_end) | Q(due__isnull=True),
    }
    return bounds.get(bucket, Q())


def capped(count: int) -> str:
    """Counts stop at 1,000: 「1 000+」."""
    return "1 000+" if count >= COUNT_LIMIT else str(count)
