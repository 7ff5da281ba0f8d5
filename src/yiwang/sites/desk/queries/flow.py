"""Where a case stands in its process, and where a move would lead."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from yiwang.kernel.cases.rules import SUPPLEMENT
from yiwang.kernel.process.graph import GATES, Graph, Node, NodeKind
from yiwang.kernel.process.models import WorkItem

LIVE = (WorkItem.State.OPEN, WorkItem.State.WAITING)


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One box of the flow: `phase` is `done`, `now` or empty."""

    name: str
    phase: str
    who: str
    at: datetime | None


def flow_of(graph: Graph, items: Iterable[WorkItem], names: Mapping[int, str]) -> tuple[FlowStep, ...]:
    """Every user step in the order of the process, with who did it; corrections only where there were any."""
    latest: dict[str, list[WorkItem]] = {}
    for item in items:
        if item.state in (*LIVE, WorkItem.State.DONE):
            latest[item.node] = [*together(latest.get(item.node, []), item), item]
    shown = [node for node in ordered(graph) if node in latest or graph.task(node).act != SUPPLEMENT]
    return tuple(_step(graph.nodes[node].label, latest.get(node, []), names) for node in shown)


def together(before: list[WorkItem], item: WorkItem) -> list[WorkItem]:
    """Of the items before this one those that belong to the same joint step."""
    return [one for one in before if item.group is not None and one.group == item.group]


def _step(name: str, items: list[WorkItem], names: Mapping[int, str]) -> FlowStep:
    if not items:
        return FlowStep(name, "", "", None)
    live = [item for item in items if item.state in LIVE]
    who = "、".join(filter(None, (names.get(item.person or 0, "") for item in live or items)))
    return FlowStep(name, "now" if live else "done", who, live[0].due if live else items[-1].done)


def ordered(graph: Graph) -> list[str]:
    """Ids of the user steps, breadth first from the start."""
    seen, queue, found = {graph.start}, [graph.start], []
    while queue:
        node = queue.pop(0)
        if graph.nodes[node].kind is NodeKind.USER:
            found.append(node)
        for target in _targets(graph, node):
            if target not in seen:
                seen.add(target)
                queue.append(target)
    return found


def _targets(graph: Graph, node: str) -> Iterator[str]:
    for flow in graph.nodes[node].outgoing:
        yield graph.flows[flow].target


def next_nodes(graph: Graph, node: str, values: Mapping[str, object]) -> tuple[Node, ...]:
    """The steps or ends that come next when a token leaves `node` with these values."""
    found: dict[str, Node] = {}
    seen: set[str] = set()
    queue = list(_targets(graph, node))
    while queue:
        current = graph.nodes[queue.pop(0)]
        if current.id in seen:
            continue
        seen.add(current.id)
        if current.kind in GATES or current.kind is NodeKind.STEP:
            queue += [graph.flows[flow].target for flow in graph.choose(current, values)]
        else:
            found[current.id] = current
    return tuple(found.values())
