"""Asking others for an opinion on one's step 加签, giving it, taking the question back."""

from collections.abc import Sequence

from django.db import transaction

from yiwang.kernel.access.principals import of_person
from yiwang.kernel.cases.refusals import NotYourItem
from yiwang.kernel.cases.rules import SUPPLEMENT, checked_opinion
from yiwang.kernel.cases.services import Turn, add_opinion, begin, finish
from yiwang.kernel.cases.signers import assigned, colleagues
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.process import questions
from yiwang.kernel.process.board import Assignment
from yiwang.kernel.process.graph import Task
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.refusals import ItemNotOpen

Asking = WorkItem.Asking


@transaction.atomic(durable=True)
def ask_opinion(
    *, actor: Actor, case: int, item: int, persons: Sequence[int], manner: WorkItem.Asking, question: str
) -> Entry:
    """Ask colleagues for an opinion on one's open step; asked `BEFORE`, it cannot be decided until they answered.

    Who asked whom, in which manner and why is kept. Raises ItemNotOpen, NotYourItem, OpinionOnly, OpinionNeeded
    without a question, StrangerAsked, WrongPersonAsked, SamePersonRefused, InstanceSuspended.
    """
    turn = begin(case, actor)
    words = checked_opinion(question, is_needed=True)
    asked = _asked(turn, item, persons)
    turn.board.guard = _not_the_applicants
    outcome = questions.ask(
        subject_id=case,
        item_id=item,
        actor=actor,
        persons=asked,
        manner=manner,
        board=turn.board,
        note=f"{actor.name}征求意见",
    )
    turn.board.gained |= {of_person(person) for person in persons}
    add_opinion(turn, outcome.left[0], words, _label(turn, persons))
    turn.note("case.opinion_asked", {"manner": Asking(manner).name.lower(), **outcome.facts()})
    return finish(turn, outcome)[0]


def _asked(turn: Turn, item: int, persons: Sequence[int]) -> list[Assignment]:
    row = WorkItem.objects.filter(pk=item, subject=turn.case.pk, state=WorkItem.State.OPEN).first()
    if row is None:
        raise ItemNotOpen()
    unit = directory().units[row.unit or turn.case.unit_id]
    return assigned(colleagues(unit, turn.board.offer.graph.task(row.node).consult), persons)


def _not_the_applicants(task: Task) -> None:
    if task.act == SUPPLEMENT:
        raise NotYourItem()


def _label(turn: Turn, persons: Sequence[int]) -> str:
    first = turn.board.name(persons[0])
    if len(persons) == 1:
        return f"向{first}征求意见"
    return f"向{first}等{len(persons)}人征求意见"


@transaction.atomic(durable=True)
def give_opinion(*, actor: Actor, case: int, item: int, opinion: str) -> Entry:
    """Give the opinion one was asked for; it decides nothing.

    Raises ItemNotOpen (answered, taken back or not needed any more), NotYourItem, NotAQuestion, OpinionNeeded.
    """
    turn = begin(case, actor)
    words = checked_opinion(opinion, is_needed=True)
    outcome = questions.answer(subject_id=case, item_id=item, actor=actor, board=turn.board)
    add_opinion(turn, outcome.left[0], words, "加签意见")
    turn.note("case.opinion_given", outcome.facts())
    return finish(turn, outcome)[0]


@transaction.atomic(durable=True)
def take_back_question(*, actor: Actor, case: int, item: int) -> Entry:
    """Take a question back before it is answered; whoever holds the step that asked may.

    Raises ItemNotOpen, NotYourItem, NotAQuestion.
    """
    turn = begin(case, actor)
    outcome = questions.take_back(subject_id=case, item_id=item, actor=actor, board=turn.board)
    turn.note("case.question_taken_back", outcome.facts())
    return finish(turn, outcome)[0]
