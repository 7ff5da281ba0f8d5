"""Positions of the shipped felling diagram: everything is drawn, nothing overlaps, arrows touch what they join."""

from itertools import combinations
from pathlib import Path

import pytest
from django.conf import settings

from yiwang.kernel.process.bpmn import read_graph
from yiwang.kernel.process.graph import Graph, NodeKind
from yiwang.kernel.process.layout import Box, Picture, read_picture
from yiwang.kernel.process.tests.diagrams import Drawing


@pytest.fixture(scope="module")
def graph() -> Graph:
    return read_graph(text())


@pytest.fixture(scope="module")
def picture(graph: Graph) -> Picture:
    return read_picture(text(), graph)


def text() -> str:
    return Path(settings.DEFINITIONS, "forestry/felling/process.bpmn").read_text("utf-8")


def test_everything_is_drawn_inside_the_picture(graph: Graph, picture: Picture) -> None:
    assert {box.node for box in picture.boxes} == set(graph.nodes)
    assert {arrow.flow for arrow in picture.arrows} == set(graph.flows)
    corners = [(box.x, box.y) for box in picture.boxes]
    corners += [(box.x + box.width, box.y + box.height) for box in picture.boxes]
    corners += [point for arrow in picture.arrows for point in arrow.points]
    assert all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in corners)


def test_no_two_steps_overlap(picture: Picture) -> None:
    solid = [box for box in picture.boxes if box.kind != NodeKind.BOUNDARY]
    assert not [(one.node, two.node) for one, two in combinations(solid, 2) if overlap(one, two)]


def overlap(one: Box, two: Box) -> bool:
    return (
        one.x < two.x + two.width
        and two.x < one.x + one.width
        and one.y < two.y + two.height
        and two.y < one.y + one.height
    )


def test_arrows_touch_what_they_join(picture: Picture) -> None:
    boxes = {box.node: box for box in picture.boxes}
    for arrow in picture.arrows:
        assert touches(boxes[arrow.source], arrow.points[0]), arrow
        assert touches(boxes[arrow.target], arrow.points[-1]), arrow


def touches(box: Box, point: tuple[float, float]) -> bool:
    x, y = point
    return box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height


def test_the_path_is_svg(picture: Picture) -> None:
    arrow = next(arrow for arrow in picture.arrows if arrow.flow == "flow_corrected")
    assert arrow.path.startswith("M")
    assert arrow.path.count("L") == len(arrow.points) - 1


def test_a_diagram_never_drawn_has_an_empty_picture() -> None:
    drawing = Drawing()
    drawing.chain(drawing.plain("start", "start"), drawing.task("a"), drawing.plain("end", "end"))
    picture = read_picture(drawing.xml(), read_graph(drawing.xml()))
    assert (picture.boxes, picture.arrows) == ((), ())
