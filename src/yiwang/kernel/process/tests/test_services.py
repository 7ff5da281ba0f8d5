"""The steps one by one: what they change, what they tell, what they refuse, and that a refusal changes nothing."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from tests.queries import CountQueries
from yiwang.kernel.base.moments import as_of, now
from yiwang.kernel.base.refusals import StaleState
from yiwang.kernel.process import services, statements
from yiwang.kernel.process.board import Assignment
from yiwang.kernel.process.models import Instance, WorkItem
from yiwang.kernel.process.refusals import (
    InstanceSuspended,
    ItemNotOpen,
    MoveUnknown,
    NotRunning,
    NotSuspended,
    SamePersonRefused,
    VariableUnknown,
)
from yiwang.kernel.process.state import State
from yiwang.kernel.process.tests.boards import Person, Rejected, Run, publish
from yiwang.kernel.process.tests.diagrams import Drawing
from yiwang.kernel.process.tests.permits import complete, fire, picture, refused, started, to_sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    return started()


def test_the_first_item_shows_what_the_worklist_needs(run: Run) -> None:
    item = WorkItem.objects.get(subject=run.subject)
    assert (item.node, item.label, item.state) == ("intake", "intake", WorkItem.State.OPEN)
    assert (item.post, item.person, item.unit, item.kind) == (11, None, 3, 7)
    assert (item.number, item.title, item.source) == ("测〔2026〕1号", "测试办件", "张三")
    assert item.due == item.created + timedelta(days=5)
    assert [(alarm.item, alarm.timer, alarm.at) for alarm in run.board.alarms] == [(item.pk, "silence", item.due)]


def test_a_whole_permit(run: Run) -> None:
    outcome = to_sign(run).take("sign", "grant", 3, volume=Decimal("14.2"))
    assert outcome.steps == ("tests.book", "tests.issue")
    assert [(leg.node, leg.waiting) for leg in outcome.entered] == [("make", True)]
    call = run.board.queued[-1]
    assert (call.name, call.item, call.values["volume"]) == ("tests.make", run.items()["make"], 14.2)
    complete(run, call.item)
    ended = run.take("deliver", "", 1)
    assert (ended.ended, ended.result, run.items()) == ("end", "end", {})
    instance = run.instance()
    assert (instance.status, instance.result) == (Instance.Status.ENDED, "end")
    assert instance.ended is not None


def test_the_outcome_tells_what_the_ledger_needs(run: Run) -> None:
    intake = run.items()["intake"]
    outcome = run.take("intake", "accept")
    live = run.items()
    assert outcome.facts() == {
        "left": [[intake, "intake", "accept"]],
        "entered": [[live["field"], "field"], [live["rules"], "rules"]],
    }


def test_an_end_tells_its_result(run: Run) -> None:
    outcome = to_sign(run).take("sign", "deny", 3)
    assert (outcome.ended, outcome.result) == ("end_denied", "denied")
    assert run.instance().result == "denied"


def test_a_condition_reads_declared_variables(run: Run) -> None:
    assert to_sign(run).take("sign", "grant", 3, volume=100).ended == "end_denied"


def test_the_supplement_loop_starts_the_silence_anew(run: Run) -> None:
    run.take("intake", "correct")
    assert list(run.items()) == ["supplement"]
    with as_of(now() + timedelta(days=30)):
        run.take("supplement", "", None)
        assert run.board.alarms[-1].at == now() + timedelta(days=5)
    assert list(run.items()) == ["intake"]


def test_take_costs_no_more_than_seven_statements_whatever_its_age(run: Run, count_queries: CountQueries) -> None:
    counts: list[int] = []
    for _round in range(12):
        for node, move in (("intake", "correct"), ("supplement", "")):
            item = run.items()[node]
            with count_queries() as queries:
                run.take_item(item, move)
            counts.append(queries.count)
    assert len(set(counts)) == 1
    assert counts[0] <= 4
    to_sign(run)
    item = run.items()["sign"]
    with count_queries() as queries:
        run.take_item(item, "grant", 3, volume=1)
    assert queries.count <= 7


def test_an_item_is_taken_once(run: Run) -> None:
    item = run.items()["intake"]
    run.take_item(item, "accept")
    refused(ItemNotOpen, run, lambda: run.take_item(item, "accept"))
    refused(ItemNotOpen, run, lambda: run.take_item(item + 1000, "accept"))


def test_an_item_of_another_subject_is_not_found(run: Run) -> None:
    other = Run(run.definition)
    other.start()
    mine, other.subject = other.items()["intake"], run.subject
    refused(ItemNotOpen, run, lambda: other.take_item(mine, "accept"))


def test_unknown_moves_and_values_are_refused(run: Run) -> None:
    assert "受理" in str(refused(MoveUnknown, run, lambda: run.take("intake", "refuse")).remedy)
    refused(MoveUnknown, run, lambda: run.take("intake"))
    refused(VariableUnknown, run, lambda: run.take("intake", "accept", area=1))
    refused(VariableUnknown, run, lambda: run.take("intake", "accept", volume="many"))
    refused(VariableUnknown, run, lambda: run.take("intake", "accept", volume=True))


def test_the_board_may_refuse_before_anything_happens(run: Run) -> None:
    run.board.banned = "intake"
    refused(Rejected, run, lambda: run.take("intake", "accept"))


def test_a_step_that_fails_undoes_the_whole_move(run: Run) -> None:
    to_sign(run)
    run.board.failing = "tests.issue"
    refused(Rejected, run, lambda: run.take("sign", "grant", 3, volume=1))


def test_separate_steps_refuse_the_same_person_in_either_order(run: Run) -> None:
    run.take("intake", "accept", 1)
    run.take("field", "", 1)
    assert "field" in str(refused(SamePersonRefused, run, lambda: run.take("confirm", "", 1)).message)
    run.take("confirm", "", 2)
    run.back(run.latest("field"))
    run.take("field", "", 2)
    refused(SamePersonRefused, run, lambda: run.take("confirm", "", 2))
    run.take("confirm", "", 1)


def test_separate_steps_refuse_a_transfer_to_the_same_person(run: Run) -> None:
    run.take("intake", "accept", 1)
    run.take("field", "", 1)
    refused(SamePersonRefused, run, lambda: hand(run, "confirm", 1))


def hand(run: Run, node: str, person: int, by: int = 1) -> object:
    to = Assignment(person=person, unit=3)
    with transaction.atomic():
        return services.transfer(
            subject_id=run.subject, item_id=run.items()[node], actor=Person(by), to=to, board=run.board, note="出差"
        )


def test_a_transfer_keeps_item_due_and_timers(run: Run) -> None:
    before = WorkItem.objects.get(subject=run.subject)
    services.mark_read(item_id=before.pk)
    hand(run, "intake", 9, by=4)
    after = WorkItem.objects.get(pk=before.pk)
    assert (after.person, after.post, after.due, after.read, after.note) == (9, None, before.due, None, "出差")
    handed = WorkItem.objects.get(subject=run.subject, state=WorkItem.State.HANDED)
    assert (handed.person, handed.node, handed.parents) == (4, "intake", [])
    run.take("intake", "accept", 9)
    assert sorted(run.items()) == ["field", "rules"]


def test_silence_takes_its_flow_once(run: Run) -> None:
    item = run.items()["intake"]
    assert fire(run, item, "silence", timedelta(days=4)).ignored
    assert not fire(run, item, "silence", timedelta(days=5)).ignored
    assert sorted(run.items()) == ["field", "rules"]
    done = WorkItem.objects.get(pk=item)
    assert (done.state, done.move, done.person) == (WorkItem.State.DONE, "silence", None)
    assert fire(run, item, "silence", timedelta(days=6)).ignored


def test_a_late_alarm_of_a_taken_item_does_nothing(run: Run) -> None:
    item = run.items()["intake"]
    run.take("intake", "accept")
    assert fire(run, item, "silence", timedelta(days=9)).ignored
    assert fire(run, item, "ghost", timedelta(days=9)).ignored


def test_suspended_nothing_moves_and_resumed_dues_have_moved(run: Run) -> None:
    item = run.items()["intake"]
    due = WorkItem.objects.get(pk=item).due
    assert due is not None
    with transaction.atomic():
        services.suspend(subject_id=run.subject)
    refused(InstanceSuspended, run, lambda: run.take("intake", "accept"))
    refused(InstanceSuspended, run, lambda: run.back(item))
    refused(InstanceSuspended, run, lambda: services.suspend(subject_id=run.subject))
    assert fire(run, item, "silence", timedelta(days=9)).ignored
    since = run.instance().suspended
    assert since is not None
    with as_of(since + timedelta(days=20)), transaction.atomic():
        services.resume(subject_id=run.subject, board=run.board)
        refused(NotSuspended, run, lambda: services.resume(subject_id=run.subject, board=run.board))
    assert WorkItem.objects.get(pk=item).due == due + timedelta(days=20)
    assert run.board.alarms[-1].at == due + timedelta(days=20)
    assert fire(run, item, "silence", timedelta(days=9)).ignored
    assert not fire(run, item, "silence", timedelta(days=26)).ignored


def test_a_reaction_may_report_while_suspended(run: Run) -> None:
    to_sign(run).take("sign", "grant", 3, volume=1)
    with transaction.atomic():
        services.suspend(subject_id=run.subject)
    complete(run, run.items()["make"])
    assert run.instance().status == Instance.Status.SUSPENDED
    with transaction.atomic():
        services.resume(subject_id=run.subject, board=run.board)
    assert run.take("deliver").ended == "end"


def test_a_cancelled_process_is_over(run: Run) -> None:
    run.take("intake", "accept")
    with transaction.atomic():
        services.cancel_all(subject_id=run.subject)
    assert (run.items(), run.instance().status) == ({}, Instance.Status.CANCELLED)
    item = WorkItem.objects.filter(subject=run.subject).latest("pk").pk
    refused(ItemNotOpen, run, lambda: run.take_item(item))
    refused(NotRunning, run, lambda: services.cancel_all(subject_id=run.subject))
    refused(NotRunning, run, lambda: run.back(item))


def test_reports_of_reactions_count_once(run: Run) -> None:
    to_sign(run).take("sign", "grant", 3, volume=1)
    item = run.items()["make"]
    complete(run, item)
    before = picture(run)
    outcome = complete(run, item)
    assert outcome.ignored
    assert picture(run) == before


def test_a_timer_that_waits_on_its_own_line() -> None:
    drawing = Drawing()
    drawing.chain(drawing.plain("start", "start"), drawing.task("a"), drawing.wait("w", "P3D"), drawing.task("b"))
    drawing.chain("b", drawing.plain("end", "end"))
    run = Run(publish(drawing.xml(), "waiting"))
    run.start()
    run.take("a")
    item = run.items()["w"]
    assert WorkItem.objects.get(pk=item).state == WorkItem.State.WAITING
    assert not fire(run, item, "w", timedelta(days=3)).ignored
    assert list(run.items()) == ["b"]


def test_a_reminder_runs_beside_and_only_once() -> None:
    drawing = Drawing()
    drawing.chain(drawing.plain("start", "start"), drawing.task("a"), drawing.plain("end", "end"))
    drawing.chain(drawing.timer("a", "remind", interrupting=False), drawing.task("urge"), drawing.plain("end", "e2"))
    run = Run(publish(drawing.xml(), "reminding"))
    run.start()
    item = run.items()["a"]
    assert not fire(run, item, "remind", timedelta(days=3)).ignored
    assert sorted(run.items()) == ["a", "urge"]
    assert fire(run, item, "remind", timedelta(days=3)).ignored
    assert run.take("a").ended == ""
    assert run.take("urge").ended == "e2"


def test_a_terminate_end_cancels_what_still_runs() -> None:
    drawing = Drawing()
    split = drawing.plain("parallel", "split")
    drawing.chain(drawing.plain("start", "start"), split, drawing.task("a"), drawing.plain("end", "end"))
    drawing.chain(split, drawing.task("b"), drawing.terminate("stop"))
    run = Run(publish(drawing.xml(), "stopping"))
    run.start()
    assert run.take("b").ended == "stop"
    cancelled = WorkItem.objects.get(subject=run.subject, node="a")
    assert (cancelled.state, run.items()) == (WorkItem.State.CANCELLED, {})


def test_reading_is_noted_once(run: Run) -> None:
    item = run.items()["intake"]
    assert services.mark_read(item_id=item)
    assert not services.mark_read(item_id=item)


def test_a_second_running_process_of_one_subject_is_impossible(run: Run) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        services.start(subject_id=run.subject, definition_id=run.definition.pk, board=run.board)


def older(state: State) -> State:
    return replace(state, turn=state.turn - 1)


def test_an_instance_moved_by_another_is_stale(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    real = statements.Writes.save
    monkeypatch.setattr(statements.Writes, "save", lambda writes, state, *rest: real(writes, older(state), *rest))
    refused(StaleState, run, lambda: run.take("intake", "accept"))
