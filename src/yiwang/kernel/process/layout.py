"""The drawn positions of a diagram, for pictures made on the server: boxes, arrows and their labels, no JavaScript."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from yiwang.kernel.process.bpmn import parse_xml
from yiwang.kernel.process.graph import Graph

BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
MARGIN = 20


@dataclass(frozen=True, slots=True)
class Box:
    """A node as drawn; `kind` is the kind of the graph's node, `label` what people read."""

    node: str
    kind: str
    label: str
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """A flow as drawn, from the edge of its source to the edge of its target."""

    flow: str
    source: str
    target: str
    label: str
    points: tuple[tuple[float, float], ...]
    label_at: tuple[float, float]

    @property
    def path(self) -> str:
        """The `d` of an SVG path."""
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in self.points)


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything drawn, moved so that it starts at 0, with its size."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: float
    height: float


@lru_cache(maxsize=64)
def read_picture(xml: str, graph: Graph) -> Picture:
    """Positions of a diagram; nodes that were never drawn are left out. Raises DiagramRefused for unreadable XML."""
    root = parse_xml(xml)
    boxes = list(_boxes(root, graph))
    arrows = list(_arrows(root, graph))
    points = [point for arrow in arrows for point in arrow.points]
    left = min([box.x for box in boxes] + [x for x, _y in points], default=0) - MARGIN
    top = min([box.y for box in boxes] + [y for _x, y in points], default=0) - MARGIN
    right = max([box.x + box.width for box in boxes] + [x for x, _y in points], default=0) + MARGIN
    bottom = max([box.y + box.height for box in boxes] + [y for _x, y in points], default=0) + MARGIN
    return Picture(
        boxes=tuple(_moved_box(box, left, top) for box in boxes),
        arrows=tuple(_moved_arrow(arrow, left, top) for arrow in arrows),
        width=right - left,
        height=bottom - top,
    )


def _boxes(root: etree._Element, graph: Graph) -> Iterator[Box]:
    for shape in root.iter(f"{BPMNDI}BPMNShape"):
        node, bounds = graph.nodes.get(shape.get("bpmnElement") or ""), shape.find(f"{DC}Bounds")
        if node is not None and bounds is not None:
            yield Box(
                node.id, node.kind.value, node.name, *(_number(bounds, key) for key in ("x", "y", "width", "height"))
            )


def _arrows(root: etree._Element, graph: Graph) -> Iterator[Arrow]:
    for edge in root.iter(f"{BPMNDI}BPMNEdge"):
        flow = graph.flows.get(edge.get("bpmnElement") or "")
        points = tuple((_number(point, "x"), _number(point, "y")) for point in edge.findall(f"{DI}waypoint"))
        if flow is not None and len(points) > 1:
            yield Arrow(flow.id, flow.source, flow.target, flow.name, points, _label_at(edge, points))


def _label_at(edge: etree._Element, points: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    bounds = edge.find(f"{BPMNDI}BPMNLabel/{DC}Bounds")
    if bounds is not None:
        return _number(bounds, "x") + _number(bounds, "width") / 2, _number(bounds, "y") + _number(bounds, "height") / 2
    (x, y), (next_x, next_y) = points[0], points[1]
    return (x + next_x) / 2, (y + next_y) / 2


def _number(element: etree._Element, key: str) -> float:
    try:
        return float(element.get(key) or 0)
    except ValueError:
        return 0.0


def _moved_box(box: Box, left: float, top: float) -> Box:
    return Box(box.node, box.kind, box.label, box.x - left, box.y - top, box.width, box.height)


def _moved_arrow(arrow: Arrow, left: float, top: float) -> Arrow:
    points = tuple((x - left, y - top) for x, y in arrow.points)
    at = (arrow.label_at[0] - left, arrow.label_at[1] - top)
    return Arrow(arrow.flow, arrow.source, arrow.target, arrow.label, points, at)
