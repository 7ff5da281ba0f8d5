"""The state of one instance while a step of the engine works on it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypedDict

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.process.board import Plain
from yiwang.kernel.process.graph import Graph
from yiwang.kernel.process.refusals import VariableUnknown
from yiwang.kernel.process.tokens import Arrival, Via

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
TYPES: dict[str, tuple[type, ...]] = {"text": (str,), "number": (int, float, Decimal), "boolean": (bool,)}


class Group(TypedDict):
    """The latest joint sign at a node 会签: who has signed, who comes later, and the token that waits for all."""

    number: int
    """The turn that opened it; its items carry it as `group`."""
    size: int
    signed: list[tuple[int, int | None, str]]
    """Item, person and move of each who has signed, in that order."""
    todo: list[tuple[int | None, int | None, int | None]]
    """Post, person and unit of each whose turn comes later."""
    due: str
    token: Arrival
    is_over: bool


class Marking(TypedDict, total=False):
    """What the column `marking` holds; empty parts are left out."""

    joins: Via
    live: list[str]
    timers: dict[str, dict[str, str]]
    doers: dict[str, int | list[int]]
    groups: dict[str, Group]
    ends: list[str]


@dataclass(slots=True)
class State:
    """Instance row, read once and written once; `turn` counts the steps of the engine."""

    instance: int
    subject: int
    turn: int
    graph: Graph
    values: dict[str, object]
    joins: Via = field(default_factory=dict)
    live: list[str] = field(default_factory=list)
    timers: dict[str, dict[str, str]] = field(default_factory=dict)
    doers: dict[str, int | list[int]] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    ends: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls, instance: int, subject: int, turn: int, graph: Graph, values: Mapping[str, object], marking: Marking
    ) -> "State":
        """The state from its stored parts."""
        return cls(instance, subject, turn, graph, dict(values), **marking)

    def marking(self) -> str:
        """The marking as stored, without empty parts."""
        parts = {
            "joins": self.joins,
            "live": self.live,
            "timers": self.timers,
            "doers": self.doers,
            "groups": self.groups,
            "ends": self.ends,
        }
        return dump({key: part for key, part in parts.items() if part})

    def close(self, node: str) -> None:
        """A node has no live item any more; its timers are dead."""
        self.live = [one for one in self.live if one != node]
        self.timers.pop(node, None)

    def arm(self, node: str, timer: str, at: datetime) -> None:
        """A timer of a live item is set."""
        self.timers.setdefault(node, {})[timer] = at.isoformat()

    def did(self, node: str) -> frozenset[int]:
        """The persons who did a step that is marked *separate* from another."""
        found = self.doers.get(node, [])
        return frozenset(found if isinstance(found, list) else [found])

    def live_group(self, node: str, number: int | None) -> Group | None:
        """The joint sign an item belongs to, while it is open."""
        group = self.groups.get(node)
        return group if group is not None and group["number"] == number and not group["is_over"] else None

    def learn(self, values: Mapping[str, Plain]) -> dict[str, object]:
        """Take over values of declared variables, and give them back as stored.

        Raises VariableUnknown for an undeclared name or a value of another type.
        """
        stored = {name: self._checked(name, value) for name, value in values.items()}
        self.values.update(stored)
        return stored

    def _checked(self, name: str, value: object) -> object:
        variable = self.graph.variables.get(name)
        known = "、".join(self.graph.variables) or "–"
        if variable is None:
            raise VariableUnknown(
                _("流程没有声明变量 %(name)s") % {"name": name}, remedy=_("已声明：%(known)s") % {"known": known}
            )
        is_typed = isinstance(value, TYPES[variable.type]) and (
            variable.type == "boolean" or not isinstance(value, bool)
        )
        if value is not None and not is_typed:
            raise VariableUnknown(_("变量 %(name)s 的类型不对") % {"name": name}, remedy=variable.type, field=name)
        return _stored(value)

    def result(self) -> str:
        """Of the ends reached, the first that carries a result, else the last."""
        results = [self.graph.nodes[end].result for end in self.ends if self.graph.nodes[end].result]
        return (results or self.ends[-1:] or [""])[0]


def _stored(value: object) -> object:
    """Decimals as the shortest number with the same digits; expressions read it back exactly."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def dump(value: object) -> str:
    """JSON as stored by both engines."""
    return _encode(value)


def load_values(text: str) -> dict[str, object]:
    """A JSON object as a raw cursor gives it: text on both engines."""
    found: dict[str, object] = json.loads(text)
    return found


def load_marking(text: str) -> Marking:
    """The marking as a raw cursor gives it."""
    found: Marking = json.loads(text)
    return found
