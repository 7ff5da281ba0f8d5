"""All markings a graph can rest in: what is live, what waits in joins, which timers may still fire."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from yiwang.kernel.process.graph import JOINS, WAITS, Graph, Node, NodeKind

MAX_MARKINGS = 20_000

Place = tuple[str, str]
"""`(node, "")` a token at a step, `(timer, "armed")` a timer that may fire, `(join, flow)` an arrival."""
Marking = tuple[Place, ...]
TERMINATED: Marking = (("", "terminated"),)


@dataclass(slots=True)
class Exploration:
    """What exploring found: nodes where a token is stuck, runs twice or finds no end, and every node visited."""

    visited: set[str] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    endless: set[str] = field(default_factory=set)
    count: int = 0
    is_too_large: bool = False


def explore(graph: Graph) -> Exploration:
    """Visit every reachable marking, each gateway choosing freely, up to MAX_MARKINGS."""
    found = Exploration()
    try:
        edges = _edges(graph, found)
    except RecursionError:
        found.is_too_large = True
        return found
    found.count = len(edges)
    if not found.is_too_large:
        _judge(graph, found, edges)
    return found


def _edges(graph: Graph, found: Exploration) -> dict[Marking, set[Marking]]:
    settling = _Settling(graph, found)
    edges: dict[Marking, set[Marking]] = {}
    todo = list(settling.settle(graph.nodes[graph.start], ()))
    while todo:
        marking = todo.pop()
        if marking in edges:
            continue
        if len(edges) >= MAX_MARKINGS:
            found.is_too_large = True
            break
        following = set(settling.after(marking))
        edges[marking] = following
        todo.extend(following)
    return edges


def _judge(graph: Graph, found: Exploration, edges: dict[Marking, set[Marking]]) -> None:
    for marking in edges:
        if marking and not any(_is_live(graph, place) for place in marking):
            found.stuck.update(node for node, _flow in marking)
    if found.stuck or found.doubled:
        return
    ending = _ending(edges)
    for marking in edges:
        if marking not in ending:
            found.endless.update(place[0] for place in marking if _is_live(graph, place))


def _ending(edges: dict[Marking, set[Marking]]) -> set[Marking]:
    """Markings from which the empty one can be reached."""
    backwards: dict[Marking, list[Marking]] = {}
    for marking, following in edges.items():
        for one in following:
            backwards.setdefault(one, []).append(marking)
    seen: set[Marking] = {()}
    todo: list[Marking] = [()]
    while todo:
        fresh = [one for one in backwards.get(todo.pop(), ()) if one not in seen]
        seen.update(fresh)
        todo.extend(fresh)
    return seen


def _is_live(graph: Graph, place: Place) -> bool:
    return place[1] == "" and graph.nodes[place[0]].kind in WAITS


@dataclass(slots=True)
class _Settling:
    """Fires tokens until they rest; each exclusive gateway multiplies the outcomes."""

    graph: Graph
    found: Exploration
    known: dict[tuple[str, Marking], set[Marking]] = field(default_factory=dict)

    def after(self, marking: Marking) -> Iterator[Marking]:
        """Markings after one step is taken or one timer fires."""
        for place in marking:
            node = self.graph.nodes[place[0]]
            if _is_live(self.graph, place):
                yield from self.settle(node, self._without(marking, node))
            elif node.kind is NodeKind.BOUNDARY:
                host = self.graph.nodes[node.host]
                rest = self._without(marking, host) if node.interrupting else _minus(marking, place)
                yield from self.settle(node, rest)

    def settle(self, node: Node, marking: Marking) -> set[Marking]:
        """Every marking in which a token that leaves `node` can settle."""
        return {() if one == TERMINATED else one for one in self.leave(node, marking)}

    def leave(self, node: Node, marking: Marking) -> set[Marking]:
        """As `settle`, for each pair of node and marking once; TERMINATED swallows what comes after it."""
        key = (node.id, marking)
        if key not in self.known:
            self.known[key] = self._leave(node, marking)
        return self.known[key]

    def _leave(self, node: Node, marking: Marking) -> set[Marking]:
        self.found.visited.add(node.id)
        settled: set[Marking] = set()
        for flows in self._choices(node):
            settled |= self._arrive_all(flows, {_plus(marking, *self._skipped(node, flows))})
        return settled

    def _choices(self, node: Node) -> Iterator[tuple[str, ...]]:
        """Every set of flows a token may leave by."""
        if node.kind is NodeKind.CHOICE:
            yield from ((flow,) for flow in node.outgoing)
        elif node.kind is NodeKind.INCLUSIVE and len(node.outgoing) > 1:
            free = [flow for flow in node.outgoing if flow != node.default]
            yield (node.default,)
            for size in range(1, len(free) + 1):
                yield from combinations(free, size)
        else:
            yield node.outgoing

    def _skipped(self, node: Node, taken: tuple[str, ...]) -> list[Place]:
        """The arrivals of branches that are not taken."""
        if node.kind is not NodeKind.INCLUSIVE:
            return []
        bridges = [self.graph.bridges[flow] for flow in node.outgoing if flow not in taken]
        return [(self.graph.flows[bridge].target, bridge) for bridge in bridges]

    def _arrive_all(self, flows: tuple[str, ...], markings: set[Marking]) -> set[Marking]:
        for flow in flows:
            markings = {after for marking in markings for after in self._arrive(flow, marking)}
        return markings

    def _arrive(self, flow: str, marking: Marking) -> set[Marking]:
        if marking == TERMINATED:
            return {marking}
        node = self.graph.nodes[self.graph.flows[flow].target]
        self.found.visited.add(node.id)
        if node.kind in WAITS:
            return self._rest(node, marking)
        if node.kind is NodeKind.END:
            return {marking}
        if node.kind is NodeKind.TERMINATE:
            return {TERMINATED}
        if node.kind in JOINS and len(node.incoming) > 1:
            return self._join(node, flow, marking)
        return self.leave(node, marking)

    def _rest(self, node: Node, marking: Marking) -> set[Marking]:
        if (node.id, "") in marking:
            self.found.doubled.add(node.id)
            return set()
        return {_plus(marking, (node.id, ""), *((timer, "armed") for timer in node.timers))}

    def _join(self, node: Node, flow: str, marking: Marking) -> set[Marking]:
        if (node.id, flow) in marking:
            self.found.doubled.add(node.id)
            return set()
        full = _plus(marking, (node.id, flow))
        waiting = [place for place in full if place[0] == node.id]
        if len(waiting) < len(node.incoming):
            return {full}
        return self.leave(node, _minus(full, *waiting))

    def _without(self, marking: Marking, node: Node) -> Marking:
        """The marking without the token at `node` and its timers."""
        return tuple(place for place in marking if place[0] != node.id and place[0] not in node.timers)


def _plus(marking: Marking, *places: Place) -> Marking:
    return tuple(sorted((*marking, *places)))


def _minus(marking: Marking, *places: Place) -> Marking:
    return tuple(place for place in marking if place not in places)
