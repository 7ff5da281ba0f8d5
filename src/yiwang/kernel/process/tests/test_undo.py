"""Hypothesis drives takes, returns and reports in any order: what is booked is what stands, nothing is undone twice."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.process.models import StepRun, WorkItem
from yiwang.kernel.process.tests.boards import Run, publish
from yiwang.kernel.process.tests.diagrams import Drawing
from yiwang.kernel.process.tests.permits import complete

pytestmark = pytest.mark.django_db
BOOKING = ("tests.book", "tests.issue")


def licence() -> str:
    """Booking inside a parallel branch, an issue behind the signature, a paper made after it."""
    drawing = Drawing()
    split, join = drawing.plain("parallel", "split"), drawing.plain("parallel", "join")
    gate, merge = drawing.plain("choice", "gate", default="f_deny"), drawing.plain("choice", "merge")
    drawing.chain(drawing.plain("start", "start"), drawing.task("intake"), split)
    drawing.chain(split, drawing.task("field"), drawing.step("tests.book", "hold"), join)
    drawing.chain(split, drawing.task("rules"), join, drawing.task("sign", "grant,deny", act="sign"), gate)
    drawing.flow(gate, drawing.step("tests.book", "book"), "sign == 'grant'")
    drawing.chain("book", drawing.step("tests.issue", "issue"), drawing.step("tests.make", "make", waits=True), merge)
    drawing.flow(gate, merge, "", "f_deny")
    drawing.chain(merge, drawing.task("file"), drawing.plain("end", "end"))
    return drawing.xml()


ACTS = st.lists(
    st.tuples(st.sampled_from(["take", "take", "take", "back", "report", "report again"]), st.integers(0, 50)),
    max_size=30,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_bookings_are_the_runs_that_stand(db: None, acts: list[tuple[str, int]]) -> None:
    run = Run(publish(licence(), "licence"))
    run.start()
    for act, number in acts:
        try:
            _do(run, act, number)
        except Refusal:
            continue
        _check(run)


def _do(run: Run, act: str, number: int) -> None:
    items = WorkItem.objects.filter(subject=run.subject).order_by("pk")
    if act == "take":
        opened = list(items.filter(state=WorkItem.State.OPEN))
        if opened:
            item = opened[number % len(opened)]
            run.take_item(item.pk, ("grant" if number % 4 else "deny") if item.node == "sign" else "")
        return
    pool = list(items) if act == "back" else list(items.filter(node="make"))
    if not pool:
        return
    chosen = pool[number % len(pool)].pk
    if act == "back":
        run.back(chosen)
        return
    complete(run, chosen)
    if act == "report again":
        complete(run, chosen)


def _check(run: Run) -> None:
    standing = StepRun.objects.filter(instance__subject=run.subject, state=StepRun.State.DONE, name__in=BOOKING)
    serials = [result["serial"] for result in standing.values_list("result", flat=True)]
    assert sorted(serials) == sorted(run.board.booked)
    done = [word[1:] for word in run.board.journal if word[0] == "+"]
    undone = [word[1:] for word in run.board.journal if word[0] == "-" and word != "-make"]
    assert len(done) - len(undone) == len(run.board.booked)
    states = WorkItem.objects.filter(subject=run.subject, state__lte=WorkItem.State.WAITING).values_list(
        "node", flat=True
    )
    assert len(states) == len(set(states))


def test_a_second_return_undoes_nothing_a_second_time(db: None) -> None:
    run = Run(publish(licence(), "licence"))
    run.start()
    for node in ("intake", "field", "rules"):
        run.take(node)
    run.take("sign", "grant")
    run.back(run.latest("sign"))
    assert run.board.journal == ["+hold", "+book", "+issue", "-issue", "-book"]
    run.back(run.latest("rules"))
    assert run.board.journal == ["+hold", "+book", "+issue", "-issue", "-book"]
    run.back(run.latest("intake"))
    assert run.board.journal == ["+hold", "+book", "+issue", "-issue", "-book", "-hold"]
    assert run.board.booked == []
