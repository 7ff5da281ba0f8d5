"""What a return takes back: everything caused by the target, and nothing else. Plain values in and out.

An item is caused by its `parents`. Rolling back to an item undoes every item, run and arrival it caused, directly or
not. A join that fired on an undone arrival is un-fired: the arrivals of untouched branches wait in it again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from yiwang.kernel.process.tokens import Arrival, Via


@dataclass(frozen=True, slots=True)
class Past:
    """An item or run that has not been rolled back, as far as causes are concerned."""

    id: int
    parents: Sequence[int]
    via: Via


@dataclass(frozen=True, slots=True)
class Rollback:
    """The plan: items to roll back, runs to undo (last first), the joins as they stand afterwards."""

    items: frozenset[int]
    runs: tuple[int, ...]
    joins: Via


def plan_rollback(targets: Collection[int], items: Iterable[Past], runs: Iterable[Past], joins: Via) -> Rollback:
    """Plan the return to a step: `targets` is its item, or the items of everybody who signed it together.

    `items` and `runs` are those that stand, in the order of their ids.
    """
    known = list(items)
    gone = descendants(targets, known)
    undone = [run for run in runs if gone.intersection(run.parents)]
    kept: Via = {}
    for join, waiting in joins.items():
        _keep(kept, join, waiting, gone)
    for past in (*(item for item in known if item.id in gone and item.id not in targets), *undone):
        _unfire(kept, past.via, gone)
    return Rollback(frozenset(gone), tuple(run.id for run in reversed(undone)), kept)


def descendants(targets: Iterable[int], items: Iterable[Past]) -> set[int]:
    """`targets` and every item they caused; ids grow along causes, so one pass is enough."""
    gone = set(targets)
    for item in items:
        if gone.intersection(item.parents):
            gone.add(item.id)
    return gone


def ancestors(item: int, parents: Mapping[int, Sequence[int]]) -> set[int]:
    """Every item that caused `item`, directly or not."""
    found: set[int] = set()
    todo = list(parents.get(item, ()))
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo.extend(parents.get(one, ()))
    return found


def _keep(kept: Via, join: str, waiting: Mapping[str, Arrival], gone: set[int]) -> None:
    for flow, arrival in waiting.items():
        if gone.isdisjoint(arrival["by"]):
            kept.setdefault(join, {})[flow] = arrival
        else:
            _unfire(kept, arrival.get("via", {}), gone)


def _unfire(kept: Via, via: Via, gone: set[int]) -> None:
    for join, consumed in via.items():
        _keep(kept, join, consumed, gone)
