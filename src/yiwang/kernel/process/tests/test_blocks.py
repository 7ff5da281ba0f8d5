"""Inclusive pairs and joint steps as drawn: what may be published, what is refused and where; pairs on the tables."""

from collections.abc import Callable

import pytest

from yiwang.kernel.process.definitions import check_diagram
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.queries import return_targets
from yiwang.kernel.process.tests.boards import Run, publish
from yiwang.kernel.process.tests.diagrams import Drawing


def pair(drawing: Drawing) -> Drawing:
    """Ask, then forest, water or both, else nobody; then end."""
    split, join = drawing.plain("inclusive", "split", default="f_none"), drawing.plain("inclusive", "join")
    drawing.chain(drawing.plain("start", "start"), drawing.task("ask", "forest,water,both,none"), split)
    drawing.flow(split, drawing.task("forest"), "ask in ('forest', 'both')")
    drawing.flow(split, drawing.task("water"), "ask in ('water', 'both')")
    drawing.flow(split, join, "", "f_none")
    drawing.chain("forest", join)
    drawing.chain("water", join)
    drawing.chain(join, drawing.step("tests.book", "book"), drawing.task("sum"), drawing.plain("end", "end"))
    return drawing


def faults(drawing: Drawing) -> set[tuple[str, str]]:
    return {(one.code, one.node) for one in check_diagram(drawing.xml()) if not one.warning}


def without_default(drawing: Drawing) -> None:
    pair(drawing)
    drawing.nodes = [node.replace(' default="f_none"', "") for node in drawing.nodes]


def unclosed(drawing: Drawing) -> None:
    split = drawing.plain("inclusive", "split", default="f_d")
    drawing.chain(drawing.plain("start", "start"), drawing.task("ask", "a,b"), split)
    merge = drawing.plain("choice", "merge")
    drawing.flow(split, drawing.task("left"), "ask == 'a'")
    drawing.flow(split, drawing.task("right"), "", "f_d")
    drawing.chain("left", merge, drawing.plain("end", "end"))
    drawing.chain("right", merge)


def unopened(drawing: Drawing) -> None:
    split, join = drawing.plain("parallel", "split"), drawing.plain("inclusive", "join")
    drawing.chain(drawing.plain("start", "start"), split, drawing.task("left"), join, drawing.plain("end", "end"))
    drawing.chain(split, drawing.task("right"), join)


def ending_inside(drawing: Drawing) -> None:
    pair(drawing)
    gate = drawing.plain("choice", "gate", default="f_on")
    drawing.flows = [flow for flow in drawing.flows if 'sourceRef="water"' not in flow]
    drawing.flow("water", gate)
    drawing.flow(gate, "join", "", "f_on")
    drawing.flow(gate, drawing.plain("end", "early"), "water == 'done'")


def looping_out(drawing: Drawing) -> None:
    pair(drawing)
    before, gate = drawing.plain("choice", "before"), drawing.plain("choice", "gate", default="f_on")
    drawing.flows = [
        flow.replace('targetRef="ask"', 'targetRef="before"')
        for flow in drawing.flows
        if 'sourceRef="water"' not in flow
    ]
    drawing.flow(before, "ask")
    drawing.flow("water", gate)
    drawing.flow(gate, "join", "", "f_on")
    drawing.flow(gate, before, "water == 'done'")


def two_ways_in(drawing: Drawing) -> None:
    pair(drawing)
    gate = drawing.plain("choice", "gate", default="f_on")
    drawing.flows = [flow for flow in drawing.flows if 'sourceRef="water"' not in flow]
    drawing.flow("water", gate)
    drawing.flow(gate, "join", "", "f_on")
    drawing.flow(gate, "join", "water == 'done'")


def mixed_branches(drawing: Drawing) -> None:
    pair(drawing)
    drawing.flows = [flow for flow in drawing.flows if 'sourceRef="water"' not in flow]
    merge = drawing.plain("choice", "merge")
    drawing.flows = [flow for flow in drawing.flows if 'sourceRef="forest"' not in flow]
    drawing.chain("water", merge, "join")
    drawing.flow("forest", merge)


def crowded(drawing: Drawing) -> None:
    pair(drawing)
    for _number in range(6):
        more = drawing.task()
        drawing.flow("split", more, "ask == 'both'")
        drawing.flow(more, "join")


def split_and_join_in_one(drawing: Drawing) -> None:
    pair(drawing)
    drawing.flow("join", "end")


@pytest.mark.parametrize(
    ("draw", "code", "node"),
    [
        (without_default, "no-default", "split"),
        (unclosed, "bad-inclusive", "split"),
        (unopened, "bad-inclusive", "join"),
        (ending_inside, "bad-inclusive", "early"),
        (looping_out, "bad-inclusive", "split"),
        (two_ways_in, "bad-inclusive", "join"),
        (mixed_branches, "bad-inclusive", "merge"),
        (crowded, "bad-inclusive", "split"),
        (split_and_join_in_one, "no-default", "join"),
    ],
)
def test_what_is_no_pair_is_refused_at_its_node(draw: Callable[[Drawing], None], code: str, node: str) -> None:
    drawing = Drawing()
    draw(drawing)
    assert (code, node) in faults(drawing)


def joint(**said: str) -> set[str]:
    drawing, moves = Drawing(), said.pop("moves", "")
    drawing.chain(drawing.plain("start", "start"), drawing.task("draft"), drawing.joint("panel", moves, False, **said))
    drawing.chain("panel", drawing.plain("end", "end"))
    return {code for code, node in faults(drawing) if node == "panel"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"complete": "most"}, "bad-joint"),
        ({"complete": "ratio", "moves": "a,b"}, "bad-joint"),
        ({"complete": "ratio", "ratio": "3/2", "moves": "a,b"}, "bad-joint"),
        ({"complete": "ratio", "ratio": "0.5", "moves": "a,b"}, "bad-joint"),
        ({"ratio": "1/2", "moves": "a,b"}, "bad-joint"),
        ({"complete": "one_veto"}, "joint-moves"),
        ({"complete": "ratio", "ratio": "1/2", "moves": "a"}, "joint-moves"),
        ({"signers": "friends"}, "bad-signers"),
        ({"signers": "named"}, "bad-signers"),
        ({"signers": "posts:draft"}, "bad-signers"),
        ({"signers": "named:ghost"}, "bad-signers"),
        ({"signers": "named:panel"}, "bad-signers"),
        ({"act": "intake"}, "joint-act"),
        ({"act": "deliver"}, "joint-act"),
        ({"unit": "applicant"}, "joint-act"),
        ({"form": "field_check"}, "joint-act"),
        ({"role": ""}, "no-role"),
    ],
)
def test_a_joint_step_that_cannot_be_carried_out_is_refused(said: dict[str, str], code: str) -> None:
    assert code in joint(**said)


def test_a_joint_step_that_can_is_published() -> None:
    assert joint(moves="a,b,c", complete="ratio", ratio="2/3") == set()
    assert joint(signers="named:draft", role="") == set()
    assert joint(signers="posts") == set()


def test_signing_rules_on_a_step_of_one_person_are_refused() -> None:
    drawing = Drawing()
    drawing.chain(drawing.plain("start", "start"), drawing.task("a", complete="all"), drawing.plain("end", "end"))
    assert ("bad-joint", "a") in faults(drawing)


@pytest.mark.parametrize("inside", ["<bpmn:loopCardinality>9</bpmn:loopCardinality>", "<bpmn:completionCondition/>"])
def test_the_words_of_the_standard_that_hold_code_are_refused_by_name(inside: str) -> None:
    drawing = Drawing()
    drawing.chain(drawing.plain("start", "start"), drawing.joint("panel"), drawing.plain("end", "end"))
    closed = f'isSequential="false">{inside}</bpmn:multiInstanceLoopCharacteristics>'
    drawing.nodes = [node.replace('isSequential="false"/>', closed) for node in drawing.nodes]
    assert ("unknown-element", "panel") in faults(drawing)


def test_signers_must_have_been_named_on_every_path() -> None:
    drawing = Drawing()
    gate, merge = drawing.plain("choice", "gate", default="f_d"), drawing.plain("choice", "merge")
    drawing.chain(drawing.plain("start", "start"), drawing.task("ask", "a,b"), gate)
    drawing.flow(gate, drawing.task("draft"), "ask == 'a'")
    drawing.flow(gate, merge, "", "f_d")
    drawing.chain("draft", merge, drawing.joint("panel", signers="named:draft"), drawing.plain("end", "end"))
    assert ("no-signers", "panel") in faults(drawing)


def test_a_reminder_on_a_joint_step_and_a_result_it_never_has_are_refused() -> None:
    drawing = Drawing()
    gate = drawing.plain("choice", "gate", default="f_d")
    drawing.chain(drawing.plain("start", "start"), drawing.joint("panel", "yes,no,abstain"), gate)
    drawing.flow(gate, drawing.plain("end", "end"), "panel == 'abstain'")
    drawing.flow(gate, "end", "", "f_d")
    assert ("unknown-move", "panel") in faults(drawing)
    drawing.chain(drawing.timer("panel", "remind", interrupting=False), "end")
    assert ("joint-timer", "remind") in faults(drawing)


@pytest.fixture
def run(db: None) -> Run:
    drawing = pair(Drawing())
    assert faults(drawing) == set()
    run = Run(publish(drawing.xml(), "pair"))
    run.start()
    return run


@pytest.mark.parametrize(
    ("move", "opened"),
    [("forest", ["forest"]), ("water", ["water"]), ("both", ["forest", "water"]), ("none", ["sum"])],
)
def test_only_what_is_asked_is_opened_and_waited_for(run: Run, move: str, opened: list[str]) -> None:
    run.take("ask", move)
    assert sorted(run.items()) == opened
    for node in opened:
        run.take(node)
    assert list(run.items()) in (["sum"], [])
    assert run.board.booked == [1]
    assert "joins" not in run.instance().marking


def test_a_return_into_a_branch_waits_for_that_branch_alone(run: Run) -> None:
    run.take("ask", "both")
    run.take("forest")
    run.take("water")
    assert [item.node for item in return_targets(run.items()["sum"])] == ["ask", "forest", "water"]
    run.back(run.latest("forest"))
    assert (list(run.items()), run.board.booked) == (["forest"], [])
    run.take("forest")
    assert list(run.items()) == ["sum"]
    run.back(run.latest("ask"))
    assert "joins" not in run.instance().marking
    run.take("ask", "water")
    run.take("water")
    assert list(run.items()) == ["sum"]
    assert WorkItem.objects.filter(subject=run.subject, node="forest", state=WorkItem.State.OPEN).count() == 0
