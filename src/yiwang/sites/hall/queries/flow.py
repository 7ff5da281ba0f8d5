"""The flow of an item 办理流程 for applicants: only steps that people take, laid on a grid of ranks and lanes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from yiwang.kernel.clock.limits import Limit
from yiwang.kernel.process.graph import Graph, Node, NodeKind
from yiwang.sites.hall.queries.flow_drawing import Box, Drawing, Link, draw
from yiwang.ui.words import amount_words

SHOWN = frozenset({NodeKind.START, NodeKind.USER, NodeKind.END, NodeKind.TERMINATE})
ENDS = frozenset({NodeKind.END, NodeKind.TERMINATE})
UNITS = {"wd": "wd", "d": "cd", "h": "hour"}
Successors = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Flow:
    """The same flow drawn twice: lying for wide screens, standing for phones; `sentence` says it in words."""

    wide: Drawing
    tall: Drawing
    sentence: str


def flow_of(graph: Graph) -> Flow:
    """The flow of a published version."""
    plan = plan_of(graph)
    boxes = {node: _box(graph.nodes[node], plan) for node in plan.ranks}
    links = tuple(Link(boxes[one], boxes[two], (one, two) in plan.back) for one, two in plan.edges)
    drawn = tuple(boxes.values())
    names = "，".join(boxes[node].title for node in plan.main)
    return Flow(draw(drawn, links), draw(drawn, links, tall=True), _("流程：%(names)s") % {"names": names})


@dataclass(frozen=True)
class Plan:
    """Where every shown node stands, and the longest way to the end."""

    ranks: Mapping[str, int]
    lanes: Mapping[str, int]
    main: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    back: frozenset[tuple[str, str]]


def plan_of(graph: Graph) -> Plan:
    """Rank by the longest way from the start, lane 0 for the longest way to an end, others below."""
    after = {node: _next_shown(graph, node) for node in _reachable(graph)}
    back = frozenset(_back_edges(graph.start, after))
    forward = {node: tuple(t for t in targets if (node, t) not in back) for node, targets in after.items()}
    main = _longest(graph.start, forward)
    ranks = _ranks(graph.start, forward)
    _beside(ranks, forward, after, graph)
    edges = tuple((node, target) for node, targets in after.items() for target in targets)
    ends = frozenset(node for node in ranks if graph.nodes[node].kind in ENDS)
    return Plan(ranks, _lanes(ranks, main, ends), main, edges, back)


def _reachable(graph: Graph) -> list[str]:
    found, waiting = [graph.start], [graph.start]
    while waiting:
        for target in _next_shown(graph, waiting.pop(0)):
            if target not in found:
                found.append(target)
                waiting.append(target)
    return found


def _next_shown(graph: Graph, node: str) -> tuple[str, ...]:
    """Shown nodes after a node, through gateways, steps and timers."""
    found: dict[str, None] = {}
    waiting, seen = list(_targets(graph, node)), set()
    while waiting:
        target = waiting.pop(0)
        if graph.nodes[target].kind in SHOWN:
            found[target] = None
        elif target not in seen:
            seen.add(target)
            waiting.extend(_targets(graph, target))
    return tuple(found)


def _targets(graph: Graph, node: str) -> Iterator[str]:
    here = graph.nodes[node]
    yield from (graph.flows[flow].target for flow in here.outgoing)
    yield from here.timers


def _back_edges(start: str, after: Successors) -> Iterator[tuple[str, str]]:
    """Edges that lead back to a node on the way from the start."""
    path: list[str] = []
    done: set[str] = set()

    def visit(node: str) -> Iterator[tuple[str, str]]:
        path.append(node)
        for target in after.get(node, ()):
            if target in path:
                yield node, target
            elif target not in done:
                yield from visit(target)
        path.pop()
        done.add(node)

    return visit(start)


def _longest(start: str, forward: Successors) -> tuple[str, ...]:
    known: dict[str, tuple[str, ...]] = {}

    def way(node: str) -> tuple[str, ...]:
        if node not in known:
            known[node] = (node, *max((way(target) for target in forward.get(node, ())), key=len, default=()))
        return known[node]

    return way(start)


def _ranks(start: str, forward: Successors) -> dict[str, int]:
    ranks = {start: 0}
    waiting = [start]
    while waiting:
        node = waiting.pop(0)
        for target in forward.get(node, ()):
            if ranks.get(target, -1) <= ranks[node]:
                ranks[target] = ranks[node] + 1
                waiting.append(target)
    return ranks


def _beside(ranks: dict[str, int], forward: Successors, after: Successors, graph: Graph) -> None:
    """A step that only leads back, such as corrections, stands beside the step it leads back to."""
    for node in ranks:
        if not forward.get(node) and after.get(node) and graph.nodes[node].kind not in ENDS:
            ranks[node] = ranks[after[node][0]]


def _lanes(ranks: Mapping[str, int], main: tuple[str, ...], ends: frozenset[str]) -> dict[str, int]:
    """Work beside the main way stands nearer to it than an end does."""
    lanes = dict.fromkeys(main, 0)
    taken = {(ranks[node], 0) for node in main}
    for node in sorted((node for node in ranks if node not in lanes), key=lambda node: (ranks[node], node in ends)):
        lane = next(lane for lane in range(1, len(ranks) + 1) if (ranks[node], lane) not in taken)
        lanes[node] = lane
        taken.add((ranks[node], lane))
    return lanes


def _box(node: Node, plan: Plan) -> Box:
    is_last = node.id == plan.main[-1]
    look = "last" if is_last else "side" if node.kind in ENDS else "step"
    return Box(node.id, node.label, _remark(node), plan.ranks[node.id], plan.lanes[node.id], look)


def _remark(node: Node) -> str:
    limit = node.task.limit if node.task else None
    return amount_words(limit.amount, UNITS[limit.unit]) if limit else ""


def step_days(graph: Graph, promised: Limit) -> tuple[tuple[str, int], ...]:
    """Steps on the longest way with the days promised for each; the whole limit as one where they do not add up."""
    tasks = [(graph.nodes[node].label, graph.nodes[node].task) for node in plan_of(graph).main]
    parts = tuple(
        (label, task.limit.amount)
        for label, task in tasks
        if task and task.limit and task.limit.promise and task.limit.unit == promised.unit
    )
    whole = ((_("从受理到决定"), promised.amount),)
    return parts if sum(days for _label, days in parts) == promised.amount else whole
