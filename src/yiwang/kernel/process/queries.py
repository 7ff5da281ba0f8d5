"""Reads for pages: worklists that join nothing, targets of a return, the state of a diagram."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from yiwang.kernel.process.definitions import graph_of
from yiwang.kernel.process.graph import Graph
from yiwang.kernel.process.models import Definition, Instance, WorkItem
from yiwang.kernel.process.rollback import return_targets

__all__ = ["WorkPage", "flow_view", "newest_definition", "open_items", "return_targets", "work_count", "work_page"]

COUNT_CAP = 1000
PAGE = 50


@dataclass(frozen=True, slots=True)
class WorkPage:
    """One page of a worklist, and where the next one starts; `after` is None on the last page."""

    items: Sequence[WorkItem]
    after: tuple[datetime | None, int] | None


@dataclass(frozen=True, slots=True)
class FlowView:
    """Which nodes of a diagram are done, live, or were rolled back and not done again."""

    graph: Graph
    done: frozenset[str]
    now: frozenset[str]
    rolled: frozenset[str]


def open_items(subject_id: int) -> QuerySet[WorkItem]:
    """Live items of one subject, oldest first; waiting ones included, questions left out."""
    return WorkItem.objects.filter(subject=subject_id, state__lte=WorkItem.State.WAITING, asking=0).order_by("pk")


def newest_definition(key: str) -> Definition | None:
    """The newest published version of a process."""
    published = Definition.objects.filter(key=key, status=Definition.Status.PUBLISHED)
    return published.order_by("-version").first()


def work_page(
    *,
    person: int | None,
    posts: Iterable[int],
    narrow: Q | None = None,
    after: tuple[datetime | None, int] | None = None,
    limit: int = PAGE,
) -> WorkPage:
    """The worklist of a person with these posts, what is due first on top, what has no due date last.

    One limited, index-ordered read a post and one for the person, merged; an item given to a person has left the pool.
    """
    branches = [Q(person=person)] if person is not None else []
    branches += [Q(post=post, person=None) for post in sorted(set(posts))]
    found = [item for branch in branches for item in _branch(branch & (narrow or Q()), after, limit + 1)]
    ordered = sorted(found, key=lambda item: (item.due is None, item.due, item.pk))
    last = ordered[limit - 1] if len(ordered) > limit else None
    return WorkPage(ordered[:limit], (last.due, last.pk) if last else None)


def work_count(*, person: int | None, posts: Iterable[int], cap: int = COUNT_CAP) -> int:
    """How much work is open, counted no further than `cap`."""
    mine = WorkItem.objects.filter(state=WorkItem.State.OPEN)
    total = mine.filter(person=person)[:cap].count() if person is not None else 0
    for post in sorted(set(posts)):
        total += mine.filter(post=post, person=None)[: cap - total].count() if total < cap else 0
    return total


def flow_view(subject_id: int) -> FlowView:
    """The state of the diagram of a subject's latest run, for its picture. Raises Instance.DoesNotExist."""
    instance = Instance.objects.filter(subject=subject_id).latest("pk")
    rows = WorkItem.objects.filter(instance=instance, asking=0).exclude(state=WorkItem.State.HANDED).order_by("pk")
    latest = _latest(rows.values_list("node", "group", "state"))
    return FlowView(
        graph=graph_of(instance.definition_id, instance.digest),
        done=frozenset(node for node, state in latest.items() if state == WorkItem.State.DONE),
        now=frozenset(node for node, state in latest.items() if state <= WorkItem.State.WAITING),
        rolled=frozenset(node for node, state in latest.items() if state == WorkItem.State.ROLLED),
    )


def _latest(rows: Iterable[tuple[str, int | None, int]]) -> dict[str, int]:
    """State of the latest time each node was live; of several signers the one furthest from done."""
    found: dict[str, tuple[int | None, int]] = {}
    for node, group, state in rows:
        before = found.get(node)
        same = before is not None and group is not None and before[0] == group
        found[node] = (group, min(before[1], state) if same and before else state)
    return {node: state for node, (_group, state) in found.items()}


def _branch(branch: Q, after: tuple[datetime | None, int] | None, limit: int) -> list[WorkItem]:
    """Dated items in order, then, when the page has room, those without a date."""
    mine = WorkItem.objects.filter(branch, state=WorkItem.State.OPEN)
    dated: list[WorkItem] = []
    if after is None or after[0] is not None:
        rest = mine.filter(due__isnull=False)
        if after is not None:
            rest = rest.filter(due__gte=after[0]).exclude(due=after[0], pk__lte=after[1])
        dated = list(rest.order_by("due", "pk")[:limit])
    if len(dated) == limit:
        return dated
    floor = after[1] if after is not None and after[0] is None else 0
    return dated + list(mine.filter(due=None, pk__gt=floor).order_by("pk")[: limit - len(dated)])
