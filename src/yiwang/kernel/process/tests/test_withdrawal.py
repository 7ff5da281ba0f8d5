"""Taking back one's last step: what is undone, who is told that he is too late, and that others' work stands."""

from functools import partial

import pytest
from django.db import transaction

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.process import services
from yiwang.kernel.process.board import Assignment
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.refusals import (
    AlreadyFollowed,
    InstanceSuspended,
    IrreversiblePassed,
    NothingToWithdraw,
    NotRunning,
    NotWhoDidIt,
)
from yiwang.kernel.process.tests.boards import Person, Run, publish
from yiwang.kernel.process.tests.diagrams import Drawing
from yiwang.kernel.process.tests.permits import complete, refused, started, to_sign
from yiwang.kernel.process.tests.test_joint import begun, panel, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    return started()


def late(run: Run, item: int, person: int = 1) -> Refusal:
    return refused(AlreadyFollowed, run, lambda: run.withdraw(item, person))


def test_the_last_step_opens_anew_for_who_did_it(run: Run) -> None:
    run.take("intake", "accept", 4)
    item = run.latest("intake")
    outcome = run.withdraw(item, 4)
    assert (outcome.left[0].move, [leg.node for leg in outcome.entered]) == ("withdraw", ["intake"])
    again = WorkItem.objects.get(pk=run.items()["intake"])
    assert (again.person, again.state, run.instance().values) == (4, WorkItem.State.OPEN, {})
    run.take("intake", "correct", 4)
    assert list(run.items()) == ["supplement"]


def test_service_steps_and_a_waiting_reaction_are_undone(run: Run) -> None:
    to_sign(run).take("sign", "grant", 3, volume=1)
    waiting = run.items()["make"]
    run.withdraw(run.latest("sign"), 3)
    assert run.board.journal == ["+book", "+issue", "-issue", "-book"]
    assert (run.board.booked, complete(run, waiting).ignored, list(run.items())) == ([], True, ["sign"])


def test_a_token_that_waits_in_a_join_is_called_back(run: Run) -> None:
    run.take("intake", "accept")
    run.take("rules", "", 2)
    run.withdraw(run.latest("rules"), 2)
    assert "joins" not in run.instance().marking
    assert sorted(run.items()) == ["field", "rules"]


def test_who_has_opened_what_follows_is_named(run: Run) -> None:
    run.take("intake", "accept", 4)
    services.mark_read(item_id=run.items()["rules"], person=8)
    told = late(run, run.latest("intake"), 4)
    assert "第8号已经打开过“rules”" in str(told.message)
    assert told.facts["person"] == 8


def test_who_did_or_took_over_what_follows_is_named(run: Run) -> None:
    run.take("intake", "accept", 4)
    with transaction.atomic():
        services.transfer(
            subject_id=run.subject,
            item_id=run.items()["rules"],
            actor=Person(7),
            to=Assignment(person=9),
            board=run.board,
        )
    assert "第7号已经领办或转办了“rules”" in str(late(run, run.latest("intake"), 4).message)
    run.take("rules", "", 9)
    assert "第9号已经办了“rules”" in str(late(run, run.latest("intake"), 4).message)


def test_only_who_did_it_and_only_once(run: Run) -> None:
    run.take("intake", "accept", 4)
    item = run.latest("intake")
    for person in (5, None):
        refused(NotWhoDidIt, run, partial(run.withdraw, item, person))
    refused(NothingToWithdraw, run, lambda: run.withdraw(run.items()["rules"], 4))
    refused(NothingToWithdraw, run, lambda: run.withdraw(item + 10**6, 4))
    run.withdraw(item, 4)
    refused(NothingToWithdraw, run, lambda: run.withdraw(item, 4))


def test_nothing_is_taken_back_while_suspended_or_after_the_end(run: Run) -> None:
    to_sign(run)
    with transaction.atomic():
        services.suspend(subject_id=run.subject)
    refused(InstanceSuspended, run, lambda: run.withdraw(run.latest("rules"), 2))
    with transaction.atomic():
        services.resume(subject_id=run.subject, board=run.board)
    run.take("sign", "deny", 3)
    refused(NotRunning, run, lambda: run.withdraw(run.latest("sign"), 3))


def test_what_cannot_be_undone_names_its_procedure() -> None:
    drawing = Drawing()
    drawing.chain(drawing.plain("start", "start"), drawing.task("a"), drawing.step("tests.burn", "burn"))
    drawing.chain("burn", drawing.task("d", act="deliver"), drawing.task("z"), drawing.plain("end", "end"))
    run = Run(publish(drawing.xml(), "burning"))
    run.start()
    run.take("a")
    assert str(refused(IrreversiblePassed, run, lambda: run.withdraw(run.latest("a"))).remedy) == "走撤销程序"
    run.take("d")
    refused(IrreversiblePassed, run, lambda: run.withdraw(run.latest("d")))


def test_a_signature_is_struck_while_the_others_stand() -> None:
    run = begun((1, 2, 3))
    run.sign("panel", 1, "refuse")
    run.sign("panel", 2, "agree")
    run.withdraw(run.latest("panel"), 2)
    assert states(run) == {1: "DONE", 2: "OPEN", 3: "OPEN"}
    assert [one[1] for one in run.instance().marking["groups"]["panel"]["signed"]] == [1]
    run.sign("panel", 3, "agree")
    run.sign("panel", 2, "agree")
    assert run.instance().values["panel"] == "refuse"


def test_the_deciding_signature_is_struck_and_the_spared_sign_again() -> None:
    run = begun((1, 2, 3), panel(complete="one_veto"))
    run.sign("panel", 1, "agree")
    run.take("check")
    run.sign("panel", 2, "refuse")
    assert list(run.items()) == ["deny"]
    first = WorkItem.objects.get(subject=run.subject, node="panel", person=1).pk
    refused(NothingToWithdraw, run, lambda: run.withdraw(first, 1))
    run.withdraw(WorkItem.objects.get(subject=run.subject, node="panel", person=2).pk, 2)
    assert (states(run), run.board.booked) == ({1: "DONE", 2: "OPEN", 3: "OPEN"}, [])
    assert run.instance().marking["live"] == ["panel"]
    run.sign("panel", 3, "agree")
    run.sign("panel", 2, "agree")
    assert list(run.items()) == ["issue"]


def test_one_after_the_other_only_the_last_takes_back() -> None:
    run = begun((1, 2, 3), panel(sequential=True))
    run.sign("panel", 1, "agree")
    run.sign("panel", 2, "agree")
    first, second = WorkItem.objects.filter(subject=run.subject, node="panel").order_by("order")[:2]
    assert "第2号已经办了" in str(late(run, first.pk, 1).message)
    services.mark_read(item_id=run.signers("panel")[3], person=3)
    late(run, second.pk, 2)
    WorkItem.objects.filter(subject=run.subject, person=3).update(read=None)
    run.withdraw(second.pk, 2)
    assert states(run) == {1: "DONE", 2: "OPEN", 3: "CANCELLED"}
    for person in (2, 3):
        run.sign("panel", person, "agree")
    assert run.instance().values["panel"] == "agree"
