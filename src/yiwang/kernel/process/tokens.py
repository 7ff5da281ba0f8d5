"""Moves tokens through a graph, in memory. No tables, no clock: what it meets is told to the caller."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NotRequired, TypedDict

from yiwang.kernel.process.graph import JOINS, WAITS, Graph, Node, NodeKind

MAX_MOVES = 2000


class Arrival(TypedDict):
    """A token that waits in a join: the items it came from, and the joins fired since them."""

    by: list[int]
    via: NotRequired["Via"]
    skipped: NotRequired[bool]
    """A branch of an inclusive split that was not taken."""


Via = dict[str, dict[str, Arrival]]
"""Join firings between an item and its parents: join -> flow -> the arrival consumed there."""


class MarkingBroken(RuntimeError):
    """Two tokens where one may be: the diagram was never verified, or rows were changed by hand."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token under way: the items that caused it and the join firings since."""

    by: tuple[int, ...] = ()
    via: Via = field(default_factory=dict)

    @classmethod
    def of(cls, arrival: Arrival) -> "Token":
        """The token that waited."""
        return cls(tuple(arrival["by"]), arrival.get("via", {}))

    def arrival(self) -> Arrival:
        """As it is kept while it waits in a join."""
        return {"by": list(self.by), "via": self.via} if self.via else {"by": list(self.by)}


@dataclass(slots=True)
class Walk:
    """One advance: from a node until every token rests in an item, a join or an end.

    `joins` is changed in place. `run` is called for every step task, in the order met; it may change the values
    that later gateways read.
    """

    graph: Graph
    joins: Via
    values: dict[str, object]
    run: Callable[[Node, Token], None]
    opened: list[tuple[Node, Token]] = field(default_factory=list)
    ended: list[tuple[Node, Token]] = field(default_factory=list)
    terminated: bool = False

    def send(self, node: Node, token: Token) -> None:
        """Let `token` leave `node` and everything that follows at once happen."""
        todo = deque(self._leaving(node, token))
        for _move in range(MAX_MOVES):
            if not todo or self.terminated:
                return
            flow_id, token = todo.popleft()
            todo.extend(self._arrive(flow_id, token))
        raise MarkingBroken(f"a token runs in circles behind {node.id}")

    def _leaving(self, node: Node, token: Token) -> list[tuple[str, Token]]:
        taken = self.graph.choose(node, self.values)
        if node.kind is NodeKind.INCLUSIVE:
            self._skip([flow for flow in node.outgoing if flow not in taken], token)
        return [(flow, token) for flow in taken]

    def _skip(self, flows: list[str], token: Token) -> None:
        """Branches that are not taken arrive at once in the join of their block."""
        for flow in flows:
            bridge = self.graph.bridges[flow]
            waiting = self.joins.setdefault(self.graph.flows[bridge].target, {})
            waiting[bridge] = {**token.arrival(), "skipped": True}

    def _arrive(self, flow_id: str, token: Token) -> list[tuple[str, Token]]:
        node = self.graph.nodes[self.graph.flows[flow_id].target]
        kind = node.kind
        if kind in WAITS:
            self.opened.append((node, token))
            return []
        if kind in (NodeKind.END, NodeKind.TERMINATE):
            self.ended.append((node, token))
            self.terminated = kind is NodeKind.TERMINATE
            return []
        if kind in JOINS and len(node.incoming) > 1:
            return self._join(node, flow_id, token)
        if kind is NodeKind.STEP:
            self.run(node, token)
        return self._leaving(node, token)

    def _join(self, node: Node, flow_id: str, token: Token) -> list[tuple[str, Token]]:
        waiting = self.joins.setdefault(node.id, {})
        if flow_id in waiting:
            raise MarkingBroken(f"two tokens on {flow_id} before {node.id}")
        waiting[flow_id] = token.arrival()
        if len(waiting) < len(node.incoming):
            return []
        del self.joins[node.id]
        causes = sorted({item for arrival in waiting.values() for item in arrival["by"]})
        return self._leaving(node, Token(tuple(causes), {node.id: waiting}))
