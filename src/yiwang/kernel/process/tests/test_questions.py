"""Asking others for an opinion: before the decision or beside it, taken back, not needed any more, never by whom."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from tests.queries import CountQueries
from yiwang.kernel.process import questions, services
from yiwang.kernel.process.board import Assignment, Outcome
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.refusals import (
    InstanceSuspended,
    ItemNotOpen,
    NotAnEarlierStep,
    NotAQuestion,
    OpinionOnly,
    OpinionsAwaited,
    SamePersonRefused,
    WrongPersonAsked,
)
from yiwang.kernel.process.tests.boards import Person, Rejected, Run
from yiwang.kernel.process.tests.permits import fire, refused, started, to_sign
from yiwang.kernel.process.tests.test_joint import begun, panel

pytestmark = pytest.mark.django_db
BEFORE, BESIDE = WorkItem.Asking.BEFORE, WorkItem.Asking.BESIDE


@pytest.fixture
def run() -> Run:
    return started()


@transaction.atomic
def ask(run: Run, node: str, *persons: int, manner: WorkItem.Asking = BEFORE, by: int = 1) -> Outcome:
    asked = [Assignment(post=11, person=person, unit=3) for person in persons]
    return questions.ask(
        subject_id=run.subject,
        item_id=run.items()[node],
        actor=Person(by),
        persons=asked,
        manner=manner,
        board=run.board,
        note="李四征求意见",
    )


@transaction.atomic
def answer(run: Run, item: int, by: int) -> Outcome:
    return questions.answer(subject_id=run.subject, item_id=item, actor=Person(by), board=run.board)


@transaction.atomic
def take_back(run: Run, item: int) -> Outcome:
    return questions.take_back(subject_id=run.subject, item_id=item, actor=Person(), board=run.board)


def question(run: Run, person: int) -> WorkItem:
    return WorkItem.objects.filter(subject=run.subject, asking__gt=0, person=person).latest("pk")


def test_asked_before_the_step_waits_until_all_have_answered(run: Run) -> None:
    outcome = ask(run, "intake", 5, 6)
    asked = [question(run, 5), question(run, 6)]
    assert ([leg.item for leg in outcome.entered], outcome.left[0].move) == ([one.pk for one in asked], "ask")
    item = WorkItem.objects.get(pk=run.items()["intake"])
    assert (asked[0].due, asked[0].title, asked[0].asker, asked[0].note) == (
        item.due,
        "测试办件",
        item.pk,
        "李四征求意见",
    )
    refused(OpinionsAwaited, run, lambda: run.take("intake", "accept"))
    answer(run, asked[0].pk, 5)
    refused(OpinionsAwaited, run, lambda: run.take("intake", "accept"))
    answer(run, asked[1].pk, 6)
    item.refresh_from_db()
    assert item.note == "加签意见已齐"
    run.take("intake", "accept")
    assert [WorkItem.objects.get(pk=one.pk).state for one in asked] == [WorkItem.State.DONE] * 2


def test_asked_beside_nothing_waits_and_what_is_unanswered_is_closed(run: Run) -> None:
    ask(run, "intake", 5, 6, manner=BESIDE)
    answer(run, question(run, 5).pk, 5)
    run.take("intake", "accept")
    assert [question(run, person).state for person in (5, 6)] == [WorkItem.State.DONE, WorkItem.State.CANCELLED]
    assert "不用再提意见" in question(run, 6).note
    refused(ItemNotOpen, run, lambda: answer(run, question(run, 6).pk, 6))


def test_the_asked_decide_hand_over_and_ask_nothing(run: Run) -> None:
    ask(run, "intake", 5)
    item = question(run, 5).pk
    refused(OpinionOnly, run, lambda: run.take_item(item, "accept", 5))
    refused(OpinionOnly, run, lambda: run.back(item, item))
    to, board = Assignment(person=6), run.board
    whose = {"subject_id": run.subject, "item_id": item, "actor": Person(5), "board": board}
    refused(OpinionOnly, run, lambda: services.transfer(**whose, to=to))  # type: ignore[arg-type]
    refused(OpinionOnly, run, lambda: questions.ask(**whose, persons=[to], manner=BEFORE))  # type: ignore[arg-type]
    refused(NotAQuestion, run, lambda: answer(run, run.items()["intake"], 1))
    refused(NotAQuestion, run, lambda: take_back(run, run.items()["intake"]))


def test_a_question_is_taken_back_before_it_is_answered(run: Run) -> None:
    ask(run, "intake", 5, 6)
    take_back(run, question(run, 5).pk)
    refused(OpinionsAwaited, run, lambda: run.take("intake", "accept"))
    refused(ItemNotOpen, run, lambda: answer(run, question(run, 5).pk, 5))
    refused(ItemNotOpen, run, lambda: take_back(run, question(run, 5).pk))
    answer(run, question(run, 6).pk, 6)
    refused(ItemNotOpen, run, lambda: take_back(run, question(run, 6).pk))
    run.take("intake", "accept")


def test_the_board_decides_who_asks_answers_and_takes_back(run: Run) -> None:
    ask(run, "intake", 5)
    run.board.banned = "intake"
    refused(Rejected, run, lambda: ask(run, "intake", 6))
    refused(Rejected, run, lambda: answer(run, question(run, 5).pk, 5))
    refused(Rejected, run, lambda: take_back(run, question(run, 5).pk))


def test_nobody_is_asked_twice_nor_himself_nor_nobody_nor_a_crowd(run: Run) -> None:
    ask(run, "intake", 5)
    for persons in ((5,), (1,), (), (6, 6), tuple(range(10, 31))):
        refused(WrongPersonAsked, run, partial(ask, run, "intake", *persons))
    answer(run, question(run, 5).pk, 5)
    ask(run, "intake", 5)


def test_who_did_a_separate_step_is_not_asked(run: Run) -> None:
    run.take("intake", "accept")
    run.take("field", "", 5)
    refused(SamePersonRefused, run, lambda: ask(run, "confirm", 5))


def test_a_return_closes_the_questions_of_what_it_takes_back(run: Run) -> None:
    to_sign(run)
    ask(run, "sign", 5)
    run.back(run.latest("rules"))
    assert question(run, 5).state == WorkItem.State.ROLLED
    assert list(run.items()) == ["rules"]
    refused(ItemNotOpen, run, lambda: answer(run, question(run, 5).pk, 5))


def test_an_opinion_is_no_cause_and_no_target(run: Run) -> None:
    run.take("intake", "accept")
    ask(run, "rules", 5)
    answer(run, question(run, 5).pk, 5)
    run.take("rules", "", 2)
    run.take("field")
    given = question(run, 5).pk
    refused(NotAnEarlierStep, run, lambda: run.back(given))
    run.back(run.latest("rules"))
    assert question(run, 5).state == WorkItem.State.DONE


def test_silence_and_suspension_reach_questions_too(run: Run) -> None:
    ask(run, "intake", 5)
    with transaction.atomic():
        services.suspend(subject_id=run.subject)
    refused(InstanceSuspended, run, lambda: answer(run, question(run, 5).pk, 5))
    alarms = len(run.board.alarms)
    with transaction.atomic():
        services.resume(subject_id=run.subject, board=run.board)
    assert len(run.board.alarms) == alarms + 1
    due, own = question(run, 5).due, WorkItem.objects.get(pk=run.items()["intake"]).due
    assert due is not None
    assert own is not None
    assert abs(due - own) < timedelta(seconds=1)
    assert not fire(run, run.items()["intake"], "silence", timedelta(days=6)).ignored
    assert question(run, 5).state == WorkItem.State.CANCELLED


def test_a_signer_may_ask_and_his_questions_end_with_the_group() -> None:
    run = begun((1, 2, 3), panel(complete="one_veto"))
    item = run.signers("panel")[3]
    with transaction.atomic():
        questions.ask(
            subject_id=run.subject,
            item_id=item,
            actor=Person(3),
            persons=[Assignment(person=7)],
            manner=BEFORE,
            board=run.board,
        )
    refused(OpinionsAwaited, run, lambda: run.sign("panel", 3, "agree"))
    run.sign("panel", 1, "refuse")
    assert question(run, 7).state == WorkItem.State.CANCELLED


def test_a_step_with_questions_costs_one_statement_more(run: Run, count_queries: CountQueries) -> None:
    ask(run, "intake", 5, manner=BESIDE)
    item = run.items()["intake"]
    with count_queries() as queries:
        run.take_item(item, "correct")
    assert queries.count <= 5
