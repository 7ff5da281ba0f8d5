"""Diagrams that must not be published, each refused by name; and good ones that must."""

from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest
from django.conf import settings

from yiwang.kernel.process.bpmn import read_graph
from yiwang.kernel.process.definitions import check_diagram
from yiwang.kernel.process.graph import Limit
from yiwang.kernel.process.refusals import DiagramRefused
from yiwang.kernel.process.tests import boards
from yiwang.kernel.process.tests.diagrams import HEAD, TAIL, Drawing

boards.register()


def straight(*middle: str, drawing: Drawing | None = None) -> Drawing:
    drawing = drawing or Drawing()
    drawing.chain(drawing.plain("start", "start"), *middle, drawing.plain("end", "end"))
    return drawing


def codes(xml: str) -> set[tuple[str, str]]:
    return {(finding.code, finding.node) for finding in check_diagram(xml)}


def test_a_straight_line_has_no_findings() -> None:
    drawing = Drawing()
    assert codes(straight(drawing.task("a"), drawing=drawing).xml()) == set()


def deadlock(drawing: Drawing) -> None:
    asked, gate, join = drawing.task("asked", "a,b"), drawing.plain("choice", "gate", default="f_b"), "join"
    drawing.plain("parallel", join)
    left, right = drawing.task("left"), drawing.task("right")
    straight(asked, gate, drawing=drawing)
    drawing.flows.pop()
    drawing.flow(gate, left, "asked == 'a'")
    drawing.flow(gate, right, "", "f_b")
    drawing.flow(left, join)
    drawing.flow(right, join)
    drawing.flow(join, "end")


def double_run(drawing: Drawing) -> None:
    split, merge = drawing.plain("parallel", "split"), drawing.plain("choice", "merge")
    after = drawing.task("after")
    straight(split, drawing.task("left"), merge, after, drawing=drawing)
    drawing.chain(split, drawing.task("right"), merge)


def double_arrival(drawing: Drawing) -> None:
    outer, inner, merge, join = (drawing.plain("parallel", "outer"), "inner", "merge", "join")
    drawing.plain("parallel", inner), drawing.plain("choice", merge), drawing.plain("parallel", join)
    straight(outer, inner, drawing.task("a"), merge, join, drawing=drawing)
    drawing.chain(inner, drawing.task("b"), merge)
    drawing.chain(outer, drawing.task("c"), join)


def unreachable(drawing: Drawing) -> None:
    straight(drawing.task("a"), drawing=drawing)
    drawing.chain(drawing.task("island"), drawing.plain("choice", "ring", default="f_r"))
    drawing.flow("ring", "island", "", "f_r")


def no_way_out(drawing: Drawing) -> None:
    gate, trap = drawing.plain("choice", "gate", default="f_out"), drawing.task("trap")
    straight(drawing.task("asked", "a,b"), gate, drawing=drawing)
    drawing.flows.pop()
    drawing.flow(gate, "end", "", "f_out")
    drawing.flow(gate, trap, "asked == 'a'")
    drawing.flow(trap, drawing.task("trap2"))
    drawing.flow("trap2", trap)


def endless(drawing: Drawing) -> None:
    merge, gate, step = (
        drawing.plain("choice", "merge"),
        drawing.plain("choice", "gate", default="f_on"),
        drawing.step(node="s"),
    )
    straight(drawing.task("asked", "a,b"), merge, step, gate, drawing=drawing)
    drawing.flows.pop()
    drawing.flow(gate, "end", "", "f_on")
    drawing.flow(gate, merge, "asked == 'a'")


def machines_only(drawing: Drawing) -> None:
    merge, gate = drawing.plain("choice", "merge"), drawing.plain("choice", "gate", default="f_on")
    make = drawing.step("tests.make", "make", waits=True)
    straight(drawing.task("asked", "a,b"), merge, make, gate, drawing=drawing)
    drawing.flows.pop()
    drawing.flow(gate, "end", "", "f_on")
    drawing.flow(gate, merge, "asked == 'a'")


def gate_without_default(drawing: Drawing) -> None:
    gate = drawing.plain("choice", "gate")
    straight(drawing.task("asked", "a,b"), gate, drawing=drawing)
    drawing.flow(gate, "end", "asked == 'a'")


def undeclared_name(drawing: Drawing) -> None:
    gate = drawing.plain("choice", "gate", default="f_d")
    straight(drawing.task("asked", "a,b"), gate, drawing=drawing)
    drawing.flows.pop()
    drawing.flow(gate, "end", "volume > 5", "f_v")
    drawing.flow(gate, "end", "", "f_d")


def code_in_condition(drawing: Drawing) -> None:
    gate = drawing.plain("choice", "gate", default="f_d")
    straight(drawing.task("asked", "a,b"), gate, drawing=drawing)
    drawing.flows.pop()
    drawing.flow(gate, "end", "().__class__.__base__.__subclasses__()", "f_x")
    drawing.flow(gate, "end", "", "f_d")


def unsigned_issue(drawing: Drawing) -> None:
    straight(drawing.task("review", act="review"), drawing.step("tests.issue", "issue"), drawing=drawing)


def timer_is_no_signature(drawing: Drawing) -> None:
    sign, merge = drawing.task("sign", act="sign"), drawing.plain("choice", "merge")
    straight(sign, merge, drawing.step("tests.issue", "issue"), drawing=drawing)
    drawing.chain(drawing.timer(sign, "late"), merge)


def unknown_step(drawing: Drawing) -> None:
    straight(drawing.task("a"), drawing.step("os.system", "evil"), drawing=drawing)


def step_as_reaction(drawing: Drawing) -> None:
    straight(drawing.task("a"), drawing.step("tests.book", "s", waits=True), drawing=drawing)


def missing_parameter(drawing: Drawing) -> None:
    straight(drawing.task("a"), drawing.step("tests.value", "s", value="1", extra="1"), drawing=drawing)


def two_ways_out(drawing: Drawing) -> None:
    straight(drawing.task("a"), drawing=drawing)
    drawing.flow("a", "end")


def timer_on_gateway(drawing: Drawing) -> None:
    straight(drawing.task("a"), drawing.plain("choice", "gate"), drawing=drawing)
    drawing.chain(drawing.timer("gate", "late"), "end")


def move_never_offered(drawing: Drawing) -> None:
    gate = drawing.plain("choice", "gate", default="f_d")
    straight(drawing.task("asked", "a,b"), gate, drawing=drawing)
    drawing.flows.pop()
    drawing.flow(gate, "end", "asked in ('c', 'a')")
    drawing.flow(gate, "end", "", "f_d")


def nobody(drawing: Drawing) -> None:
    straight(drawing.task("a", role=""), drawing=drawing)


def separate_from_nothing(drawing: Drawing) -> None:
    straight(drawing.task("a", separate="ghost"), drawing=drawing)


def bad_limit(drawing: Drawing) -> None:
    straight(drawing.task("a", limit="5 days"), drawing=drawing)


def bad_timer(drawing: Drawing) -> None:
    straight(drawing.task("a"), drawing.wait("w", "R/PT1S"), drawing=drawing)


def same_name(drawing: Drawing) -> None:
    drawing.variable("a")
    straight(drawing.task("a"), drawing=drawing)


def stray_condition(drawing: Drawing) -> None:
    straight(drawing.task("a"), drawing=drawing)
    drawing.flows[-1] = drawing.flows[-1].replace(
        "></bpmn:seq", "><bpmn:conditionExpression>True</bpmn:conditionExpression></bpmn:seq"
    )


def repeated(drawing: Drawing) -> None:
    straight(drawing.task("a"), drawing=drawing)
    drawing.task("a")


@pytest.mark.parametrize(
    ("draw", "code", "node"),
    [
        (deadlock, "deadlock", "join"),
        (double_run, "double-run", "after"),
        (double_arrival, "double-run", "join"),
        (unreachable, "unreachable", "island"),
        (no_way_out, "no-way-out", "trap"),
        (endless, "endless-loop", "gate"),
        (machines_only, "endless-loop", "make"),
        (gate_without_default, "no-default", "gate"),
        (undeclared_name, "bad-condition", "f_v"),
        (code_in_condition, "bad-condition", "f_x"),
        (unsigned_issue, "unsigned-issue", "issue"),
        (timer_is_no_signature, "unsigned-issue", "issue"),
        (unknown_step, "unknown-step", "evil"),
        (step_as_reaction, "unknown-step", "s"),
        (missing_parameter, "bad-parameter", "s"),
        (two_ways_out, "implicit-split", "a"),
        (timer_on_gateway, "bad-boundary", "late"),
        (move_never_offered, "unknown-move", "asked"),
        (nobody, "no-role", "a"),
        (separate_from_nothing, "bad-separate", "a"),
        (bad_limit, "bad-limit", "a"),
        (bad_timer, "bad-limit", "w"),
        (same_name, "name-clash", "a"),
        (stray_condition, "stray-condition", "a"),
        (repeated, "repeated-id", "a"),
    ],
)
def test_each_fault_is_named_at_its_node(draw: Callable[[Drawing], None], code: str, node: str) -> None:
    drawing = Drawing()
    draw(drawing)
    found = [finding for finding in check_diagram(drawing.xml()) if not finding.warning]
    assert (code, node) in {(finding.code, finding.node) for finding in found}
    assert all(str(finding.message) and str(finding.remedy) for finding in found)


@pytest.mark.parametrize(
    ("element", "name"),
    [
        ('<bpmn:scriptTask id="evil"><bpmn:script>import os</bpmn:script></bpmn:scriptTask>', "scriptTask"),
        ('<bpmn:callActivity id="evil"/>', "callActivity"),
        ('<bpmn:subProcess id="evil"/>', "subProcess"),
        ('<bpmn:complexGateway id="evil"/>', "complexGateway"),
        ('<bpmn:manualTask id="evil"/>', "manualTask"),
        ('<bpmn:userTask id="evil" yw:role="r"><bpmn:standardLoopCharacteristics/></bpmn:userTask>', "standardLoop"),
        ('<bpmn:userTask id="evil" yw:role="r" yw:script="x"/>', "script"),
        ('<bpmn:startEvent id="evil"><bpmn:messageEventDefinition/></bpmn:startEvent>', "messageEventDefinition"),
        ('<bpmn:endEvent id="evil"><bpmn:errorEventDefinition/></bpmn:endEvent>', "errorEventDefinition"),
        ('<x:task xmlns:x="urn:other" id="evil"/>', "task"),
    ],
)
def test_unknown_elements_are_refused_by_name_with_node_and_line(element: str, name: str) -> None:
    drawing = Drawing()
    drawing.task("a")
    drawing.nodes.append("\n\n" + element)
    found = [finding for finding in check_diagram(straight("a", drawing=drawing).xml()) if finding.node == "evil"]
    assert any(name in str(finding.message) and finding.line == 3 for finding in found)


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><d>&c;</d>'
)


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (LAUGHS, "entities"),
        ('<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>', "entities"),
        ("", "xml"),
        ("<a><b></a>", "xml"),
        ("<html/>", "no-bpmn"),
        ("x" * 600_000, "too-large"),
        ('<?xml version="1.0" encoding="gb2312"?><d/>', "encoding"),
        (
            HEAD.replace("bpmn:process ", "bpmn:collaboration ") + "</bpmn:collaboration></bpmn:definitions>",
            "unknown-element",
        ),
        (HEAD + TAIL, "no-start-or-end"),
    ],
)
def test_texts_that_are_no_diagram(xml: str, code: str) -> None:
    with pytest.raises(DiagramRefused) as refused:
        read_graph(xml)
    findings = refused.value.facts["findings"]
    assert isinstance(findings, list)
    assert findings[0]["code"] == code


def test_five_hundred_nodes_are_refused() -> None:
    drawing = Drawing()
    xml = straight(*(drawing.task() for _ in range(500)), drawing=drawing).xml()
    assert {code for code, _node in codes(xml)} == {"too-many"}


def test_too_many_markings_are_refused_in_bounded_time() -> None:
    drawing = Drawing()
    split, join = drawing.plain("parallel", "split"), drawing.plain("parallel", "join")
    straight(split, drawing.task(), join, drawing=drawing)
    for _branch in range(11):
        drawing.chain(split, drawing.task(), drawing.task(), join)
    began = process_time()
    assert ("too-complex", "start") in codes(drawing.xml())
    assert process_time() - began < 20


def test_a_row_of_choices_without_people_is_explored_quickly() -> None:
    drawing = Drawing()
    nodes = [drawing.task("asked", "a,b")]
    for number in range(30):
        gate, merge = drawing.plain("choice", default=f"d{number}"), drawing.plain("choice")
        drawing.flow(nodes[-1], gate)
        drawing.flow(gate, merge, "asked == 'a'")
        drawing.flow(gate, merge, "", f"d{number}")
        nodes.append(merge)
    start, end = drawing.plain("start", "start"), drawing.plain("end", "end")
    drawing.chain(start, nodes[0])
    drawing.chain(nodes[-1], end)
    began = process_time()
    assert codes(drawing.xml()) == set()
    assert process_time() - began < 3


def test_moves_that_lead_the_same_way_are_a_warning() -> None:
    drawing = Drawing()
    drawing.variable("volume", "number")
    findings = check_diagram(straight(drawing.task("a", "yes:是,no:否"), drawing=drawing).xml())
    assert {(finding.code, finding.warning) for finding in findings} == {
        ("unused-move", True),
        ("unused-variable", True),
    }


def test_a_terminate_end_beside_a_running_branch_is_permitted() -> None:
    drawing = Drawing()
    split = drawing.plain("parallel", "split")
    straight(split, drawing.task("a"), drawing=drawing)
    drawing.chain(split, drawing.task("b"), drawing.terminate())
    assert codes(drawing.xml()) == set()


@pytest.fixture
def felling() -> str:
    return Path(settings.DEFINITIONS, "forestry/felling/process.bpmn").read_text("utf-8")


def test_the_felling_process_may_be_published(felling: str) -> None:
    assert check_diagram(felling) == []


def test_the_felling_process_keeps_the_promise(felling: str) -> None:
    graph = read_graph(felling)
    limits = {node.id: node.task.limit for node in graph.nodes.values() if node.task}
    branches = [["field_check", "field_confirm"], ["rule_check"]]
    ways = [[*branch, "review", "approve", "sign"] for branch in branches]
    for way in ways:
        parts = [limits[node] for node in way]
        assert all(part is not None and part.promise and part.unit == "wd" for part in parts)
        assert sum(part.amount for part in parts if part is not None) == 10
    assert graph.nodes["silence"].limit == Limit(5, "wd", basis="行政许可法第三十二条第四项")
    assert graph.task("field_confirm").separate == {"field_check"}
    assert graph.task("field_check").separate == {"field_confirm"}
    assert graph.task("deliver").irreversible
