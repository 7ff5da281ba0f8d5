"""A permit process small enough to follow, and what tests do to it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from yiwang.kernel.base.moments import as_of
from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.process import services
from yiwang.kernel.process.board import Outcome
from yiwang.kernel.process.models import Instance, StepRun, WorkItem
from yiwang.kernel.process.tests.boards import Rejected, Run, publish
from yiwang.kernel.process.tests.diagrams import Drawing


def permit() -> Drawing:
    """Intake with a supplement loop and silence, two checks by two people, sign, book, issue, make, deliver."""
    drawing = Drawing()
    drawing.variable("volume", "number")
    intake = drawing.task("intake", "accept:受理,correct:补正", limit="5wd")
    gate, accepted = drawing.plain("choice", "gate", default="f_accept"), drawing.plain("choice", "accepted")
    split, join = drawing.plain("parallel", "split"), drawing.plain("parallel", "join")
    decision = drawing.plain("choice", "decision", default="f_deny")
    drawing.chain(drawing.plain("start", "start"), intake, gate)
    drawing.flow(gate, accepted, "", "f_accept")
    drawing.flow(gate, drawing.task("supplement", unit="applicant", role="", act="supplement"), "intake == 'correct'")
    drawing.flow("supplement", intake)
    drawing.chain(drawing.timer(intake, "silence", duration="5wd"), accepted, split)
    drawing.chain(split, drawing.task("field"), drawing.task("confirm", separate="field"), join)
    drawing.chain(split, drawing.task("rules"), join, drawing.task("sign", "grant,deny", act="sign"), decision)
    drawing.flow(decision, drawing.plain("end", "end_denied", result="denied"), "", "f_deny")
    drawing.flow(decision, drawing.step("tests.book", "book"), "sign == 'grant' and volume < 100")
    drawing.chain("book", drawing.step("tests.issue", "issue"), drawing.step("tests.make", "make", waits=True))
    drawing.chain("make", drawing.task("deliver", act="deliver", limit="10wd"), drawing.plain("end", "end"))
    return drawing


def started() -> Run:
    """A permit just applied for."""
    run = Run(publish(permit().xml()))
    run.start()
    return run


def to_sign(run: Run) -> Run:
    """Everything done up to the signature."""
    for node, person in (("intake", 1), ("field", 1), ("rules", 2), ("confirm", 2)):
        run.take(node, "accept" if node == "intake" else "", person)
    return run


def to_delivery(run: Run) -> Run:
    """Signed, booked, issued and made."""
    to_sign(run).take("sign", "grant", 3, volume=Decimal("14.2"))
    complete(run, run.items()["make"])
    return run


def complete(run: Run, item: int) -> Outcome:
    """The reaction of this item reports."""
    with transaction.atomic():
        return services.complete_reaction(subject_id=run.subject, item_id=item, board=run.board, result={"file": "abc"})


def picture(run: Run) -> list[list[object]]:
    """Every row of the subject, to show that a refusal changed nothing."""
    items = WorkItem.objects.filter(subject=run.subject).order_by("pk")
    instances = Instance.objects.filter(subject=run.subject).order_by("pk")
    runs = StepRun.objects.filter(instance__subject=run.subject).order_by("pk")
    return [list(items.values()), list(instances.values()), list(runs.values())]


def refused(kind: type[Refusal], run: Run, call: Callable[[], object]) -> Refusal:
    """`call` is refused and has changed nothing."""
    before, booked = picture(run), list(run.board.booked)
    with pytest.raises(kind) as caught, transaction.atomic():
        call()
    assert picture(run) == before
    assert kind is Rejected or run.board.booked == booked
    return caught.value


def fire(run: Run, item: int, timer: str, later: timedelta) -> Outcome:
    """The alarm of this item rings so long after it opened."""
    with as_of(WorkItem.objects.get(pk=item).created + later), transaction.atomic():
        return services.fire_timer(subject_id=run.subject, item_id=item, timer=timer, board=run.board)
