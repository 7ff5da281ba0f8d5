"""Returns on the tables: what is undone, what stands, what is refused."""

import pytest
from django.db import transaction

from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.queries import flow_view, return_targets
from yiwang.kernel.process.refusals import (
    IrreversiblePassed,
    ItemNotOpen,
    NotAnEarlierStep,
)
from yiwang.kernel.process.tests.boards import Run, publish
from yiwang.kernel.process.tests.diagrams import Drawing
from yiwang.kernel.process.tests.permits import complete, refused, started, to_delivery, to_sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    return started()


def test_a_reaction_rolled_back_meanwhile_is_told_so(run: Run) -> None:
    to_sign(run).take("sign", "grant", 3, volume=1)
    item = run.items()["make"]
    run.back(run.latest("sign"))
    outcome = complete(run, item)
    assert outcome.ignored
    assert list(run.items()) == ["sign"]


def test_a_return_undoes_steps_in_reverse_order_and_goes_to_who_did_it(run: Run) -> None:
    to_delivery(run)
    outcome = run.back(run.latest("rules"), run.items()["deliver"], note="李四退回")
    assert run.board.journal == ["+book", "+issue", "-make", "-issue", "-book"]
    assert outcome.undone == ("tests.make", "tests.issue", "tests.book")
    assert run.board.booked == []
    item = WorkItem.objects.get(pk=run.items()["rules"])
    assert (item.person, item.note) == (2, "李四退回")
    assert run.instance().marking["joins"].keys() == {"join"}
    assert "sign" not in run.instance().values
    assert outcome.left[0].move == "back"
    run.take("rules", "", 2)
    assert list(run.items()) == ["sign"]


def test_a_return_past_the_delivery_is_refused_with_the_procedure(run: Run) -> None:
    drawing = Drawing()
    drawing.chain(drawing.plain("start", "start"), drawing.task("a"), drawing.task("d", act="deliver"))
    drawing.chain("d", drawing.task("z"), drawing.plain("end", "end"))
    other = Run(publish(drawing.xml(), "other"))
    other.start()
    other.take("a")
    other.take("d")
    told = refused(IrreversiblePassed, other, lambda: other.back(other.latest("a"), other.items()["z"]))
    assert "撤销" in str(told.remedy)


def test_a_return_past_an_irreversible_step_is_refused_with_its_procedure() -> None:
    drawing = Drawing()
    drawing.chain(drawing.plain("start", "start"), drawing.task("a"), drawing.step("tests.burn", "burn"))
    drawing.chain("burn", drawing.task("z"), drawing.plain("end", "end"))
    other = Run(publish(drawing.xml(), "burning"))
    other.start()
    other.take("a")
    told = refused(IrreversiblePassed, other, lambda: other.back(other.latest("a"), other.items()["z"]))
    assert str(told.remedy) == "走撤销程序"


def test_only_done_steps_are_targets(run: Run) -> None:
    run.take("intake", "accept")
    live = run.items()
    refused(NotAnEarlierStep, run, lambda: run.back(live["rules"], live["field"]))
    refused(NotAnEarlierStep, run, lambda: run.back(live["rules"] + 999, live["field"]))
    refused(ItemNotOpen, run, lambda: run.back(run.latest("intake"), run.latest("intake")))


def test_targets_offered_are_the_causes_of_an_item(run: Run) -> None:
    run.take("intake", "correct")
    run.take("supplement")
    to_sign(run)
    targets = [item.node for item in return_targets(run.items()["sign"])]
    assert targets == ["supplement", "intake", "field", "rules", "confirm"]


def test_values_after_a_return_are_those_of_the_history_that_stands(run: Run) -> None:
    to_sign(run)
    with transaction.atomic():
        run.take("sign", "grant", 3, volume=20)
    run.back(run.latest("sign"))
    assert run.instance().values == {"intake": "accept", "field": "done", "rules": "done", "confirm": "done"}


def test_an_unfired_join_behind_a_fired_one_keeps_the_other_arrival() -> None:
    """A and B join, the token waits in an outer join for C; returning to A must leave B's arrival in the inner join."""
    drawing = Drawing()
    outer, inner = drawing.plain("parallel", "outer"), drawing.plain("parallel", "inner")
    first, last = drawing.plain("parallel", "first"), drawing.plain("parallel", "last")
    drawing.chain(drawing.plain("start", "start"), outer, inner, drawing.task("a"), first, last)
    drawing.chain(inner, drawing.task("b"), first)
    drawing.chain(outer, drawing.task("c"), last, drawing.task("z"), drawing.plain("end", "end"))
    run = Run(publish(drawing.xml(), "nested"))
    run.start()
    run.take("a")
    run.take("b")
    run.back(run.latest("a"))
    assert {join: len(flows) for join, flows in run.instance().marking["joins"].items()} == {"first": 1}
    run.take("a")
    run.take("c")
    assert list(run.items()) == ["z"]


def test_a_join_that_led_to_an_end_is_unfired_too() -> None:
    drawing = Drawing()
    outer, inner, join = (drawing.plain("parallel", name) for name in ("outer", "inner", "join"))
    drawing.chain(drawing.plain("start", "start"), outer, inner, drawing.task("a"), join, drawing.plain("end", "e1"))
    drawing.chain(inner, drawing.task("b"), join)
    drawing.chain(outer, drawing.task("c"), drawing.plain("end", "e2"))
    run = Run(publish(drawing.xml(), "ending"))
    run.start()
    run.take("a")
    run.take("b")
    run.back(run.latest("a"), run.items()["c"])
    assert list(run.instance().marking["joins"]["join"].values()) == [{"by": [run.latest("b")]}]
    run.take("a")
    assert run.take("c").ended == "e2"


def test_the_graph_view_tells_done_now_and_rolled(run: Run) -> None:
    to_sign(run)
    run.back(run.latest("field"))
    view = flow_view(run.subject)
    assert (sorted(view.now), sorted(view.rolled)) == (["field"], ["confirm", "sign"])
    assert {"intake", "rules"} <= view.done
