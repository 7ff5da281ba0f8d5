import io
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiwang.kernel.outputs.seals import seal_svg

TEXT = "{http://www.w3.org/2000/svg}text"
NAMES = [
    "林业局",
    "青山县林业局",
    "青山市东坪镇人民政府林业工作站",
    "某某省某某市某某县国有东坪林场和自然保护区联合管理委员会办公室",
]


def letters(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.parse(io.StringIO(svg)).iter(TEXT))


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_stands_inside_the_ring_and_apart(name: str) -> None:
    found = [one for one in letters(seal_svg(name)) if one.text]
    assert "".join(one.text or "" for one in found) == name
    places = []
    for one in found:
        x, y = map(float, re.findall(r"translate\(([\d.]+) ([\d.]+)\)", one.get("transform", ""))[0])
        size = float(one.get("font-size", "0"))
        reach = ((x - 21) ** 2 + (y - 21) ** 2) ** 0.5
        assert reach + size * 1.12 / 2 < 21 - 1.2
        assert reach - size * 1.12 / 2 > 42 * 0.165
        places.append((x, y, size * float(re.findall(r"scale\(([\d.]+)", one.get("transform", ""))[0])))
    for (x, y, breadth), (other_x, other_y, _breadth) in pairwise(places):
        assert ((x - other_x) ** 2 + (y - other_y) ** 2) ** 0.5 > breadth * 0.98


def test_equal_input_gives_equal_output_and_the_line_below_is_printed() -> None:
    assert seal_svg("青山县林业局", sub="行政审批专用章") == seal_svg("青山县林业局", sub="行政审批专用章")
    assert letters(seal_svg("青山县林业局", sub="行政审批专用章"))[-1].text == "行政审批专用章"
    assert len(letters(seal_svg("青山县林业局"))) == 6


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60), st.text("&<>\"'章", max_size=30))
def test_any_name_is_text_and_never_markup(name: str, sub: str) -> None:
    tree = ElementTree.parse(io.StringIO(seal_svg(name, sub=sub, families=['A" onload="x'])))
    assert {one.tag.rpartition("}")[2] for one in tree.iter()} <= {"svg", "g", "circle", "polygon", "text"}
