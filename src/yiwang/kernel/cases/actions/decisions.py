"""Actions on a step: decide, return, hand over, claim; at intake accept, ask for corrections, refuse."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q

from yiwang.kernel.access import policies
from yiwang.kernel.access.principals import of_post
from yiwang.kernel.base.refusals import InvalidInput
from yiwang.kernel.cases.concerns import subjects_about
from yiwang.kernel.cases.findings import refuse_open_findings
from yiwang.kernel.cases.models import Judgement, Notice
from yiwang.kernel.cases.refusals import AlreadyAccepted, AlreadyCorrected, ColleagueNeeded, NotYourItem
from yiwang.kernel.cases.rules import (
    ACCEPT,
    CORRECT,
    DENY,
    GRANT,
    INTAKE,
    JUDGE,
    REFUSAL_GROUNDS,
    REFUSE,
    SIGN,
    SUPPLEMENT,
    checked_corrections,
    checked_opinion,
    needs_reason,
)
from yiwang.kernel.cases.services import (
    Turn,
    accept,
    add_notice,
    add_opinion,
    begin,
    decided,
    finish,
    receive,
    unwind,
)
from yiwang.kernel.cases.values import declared_values
from yiwang.kernel.clock import services as clock
from yiwang.kernel.files import services as files
from yiwang.kernel.forms import services as forms
from yiwang.kernel.forms.refusals import FormIncomplete
from yiwang.kernel.forms.rules import Outcome as Answers
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Holding
from yiwang.kernel.org.queries import current_holdings
from yiwang.kernel.process import services as process
from yiwang.kernel.process.board import Assignment
from yiwang.kernel.process.graph import Task
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.refusals import ItemNotOpen
from yiwang.kernel.registers.queries import entries_of_case


@dataclass(frozen=True)
class Decision:
    """What somebody decides at a step: his move, his words, and what the step asks for besides.

    `answers` is the filled form of the step, `draft` the token under which its files were put.
    """

    move: str
    opinion: str = ""
    answers: Answers | None = None
    draft: str = ""
    corrections: tuple[str, ...] = ()
    ground: str = ""
    other_authority: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    signers: tuple[int, ...] = ()
    """Persons whom this step names to sign a later one together 会签."""


@transaction.atomic(durable=True)
def decide_step(*, actor: Actor, case: int, item: int, decision: Decision) -> Entry:
    """Finish one's step with one of its moves; whatever the step books or issues happens in the same transaction.

    Of a joint step it is one signature. Raises ItemNotOpen, NotYourItem, CertificateNeeded, MoveUnknown, OpinionNeeded,
    OpinionsAwaited, FormIncomplete, JudgementMissing, QuotaExceeded and what else the steps refuse; then nothing has
    changed.
    """
    turn = begin(case, actor, *subjects_about(case))
    turn.board.guard = lambda task: _check(turn, task, decision)
    outcome = process.take(
        subject_id=case, item_id=item, actor=actor, move=decision.move, board=turn.board, named=decision.signers
    )
    leg, task = outcome.left[0], turn.board.task
    add_opinion(turn, leg, decision.opinion.strip(), task.moves.get(decision.move, decision.move))
    _keep_answers(turn, task, decision)
    kept = {"evidence": turn.digest} if turn.digest else {}
    turn.note("case.step_decided", {"move": decision.move, **kept, **outcome.facts()})
    _follow(turn, task, decision, outcome.decided)
    return finish(turn, outcome)[0]


def _check(turn: Turn, task: Task, decision: Decision) -> None:
    checked_opinion(decision.opinion, is_needed=needs_reason(task.act, decision.move))
    if task.act == SUPPLEMENT:  # only with the corrected application: `supplement_case`
        raise FormIncomplete(field=turn.board.offer.form.key)
    if task.act == INTAKE and decision.move in (CORRECT, REFUSE) and turn.case.accepted is not None:
        raise AlreadyAccepted()
    if (task.act, decision.move) == (INTAKE, CORRECT):
        _check_corrections(turn, decision)
    if (task.act, decision.move) == (INTAKE, REFUSE) and decision.ground not in REFUSAL_GROUNDS:
        raise InvalidInput("请选明不予受理的情形", rule="行政许可法第三十二条", field="ground")
    if task.act == JUDGE or (task.act, decision.move) == (SIGN, GRANT):
        refuse_open_findings(turn.board, bars=task.act == SIGN)
    if task.form and decision.answers is None:
        raise FormIncomplete(field=task.form)


def _check_corrections(turn: Turn, decision: Decision) -> None:
    checked_corrections(decision.corrections, decision.opinion)
    if _was_corrected(turn):
        raise AlreadyCorrected()


def _was_corrected(turn: Turn) -> bool:
    return Notice.objects.filter(subject=turn.case.pk, kind=Notice.Type.CORRECTIONS).exists()


def _keep_answers(turn: Turn, task: Task, decision: Decision) -> None:
    if task.form and decision.answers is not None:
        form = turn.board.offer.task_forms[task.form]
        turn.digest = forms.freeze(turn.board.subject, form, decision.answers, by=turn.actor.account).digest
    if decision.draft:
        files.bind(owner=turn.actor.account, draft=decision.draft, subject=turn.board.subject)


def _follow(turn: Turn, task: Task, decision: Decision, decided_by: str) -> None:
    """What the end of a step means for the case; a signature that decides nothing yet means nothing."""
    effects = {
        (INTAKE, ACCEPT): _accepted,
        (INTAKE, CORRECT): _corrections_asked,
        (INTAKE, REFUSE): _refused,
        (SIGN, GRANT): _granted,
        (SIGN, DENY): _denied,
    }
    effect = effects.get((task.act, decided_by))
    if effect is not None:
        effect(turn, decision)


def _accepted(turn: Turn, decision: Decision) -> None:
    if turn.case.accepted is None:  # looked at again after a return: the limits began when it was first accepted
        accept(turn, at=turn.at)


def _corrections_asked(turn: Turn, decision: Decision) -> None:
    items = checked_corrections(decision.corrections, decision.opinion)
    clock.stop(turn.case.pk, "acceptance", at=turn.at)
    turn.case.due = None
    add_notice(turn, Notice.Type.CORRECTIONS, {"items": list(items), "words": decision.opinion.strip()})
    turn.note("case.corrections_requested", {"items": len(items)})


def _refused(turn: Turn, decision: Decision) -> None:
    authority = decision.other_authority.strip()[:200]
    body = {"ground": decision.ground, "reason": decision.opinion.strip(), "authority": authority}
    add_notice(turn, Notice.Type.REFUSAL, body)
    turn.note("case.refused", {"ground": decision.ground})


def _granted(turn: Turn, decision: Decision) -> None:
    decided(turn)
    turn.note("case.granted")


def _denied(turn: Turn, decision: Decision) -> None:
    add_notice(turn, Notice.Type.DENIAL, {"reason": decision.opinion.strip()})
    turn.note("case.denied")


@transaction.atomic(durable=True)
def supplement_case(*, actor: Actor, case: int, item: int, answers: Answers, draft: str = "") -> Entry:
    """The applicant answers the notice of corrections; five working days begin anew (art. 32).

    `draft` names the draft whose files now belong to the case; it is used up. Raises ItemNotOpen, NotYourItem,
    FormIncomplete, DraftNotFound.
    """
    turn = begin(case, actor)
    turn.board.guard = _only_supplement
    values = declared_values(turn.board.offer.graph, answers.seen)
    outcome = process.take(subject_id=case, item_id=item, actor=actor, move="", board=turn.board, values=values)
    evidence = forms.freeze(turn.board.subject, turn.board.offer.form, answers, by=actor.account)
    if draft:
        forms.use_draft(actor=actor, token=draft, form=turn.board.offer.form)
        files.bind(owner=actor.account, draft=draft, subject=turn.board.subject)
    receive(turn)
    turn.note("case.supplemented", {"evidence": evidence.digest, **outcome.facts()})
    return finish(turn, outcome)[0]


def _only_supplement(task: Task) -> None:
    if task.act != SUPPLEMENT:
        raise NotYourItem()


@transaction.atomic(durable=True)
def return_step(*, actor: Actor, case: int, item: int, target: int, opinion: str) -> Entry:
    """Return to an earlier step 退回, in any branch; what it caused is rolled back and what it booked undone.

    Raises ItemNotOpen, NotYourItem, NotAnEarlierStep, IrreversiblePassed, OpinionNeeded.
    """
    entries = entries_of_case(case).values_list("subject_id", flat=True)
    turn = begin(case, actor, *entries, *subjects_about(case))
    words = checked_opinion(opinion, is_needed=True)
    outcome = process.back(
        subject_id=case, item_id=item, target_id=target, actor=actor, board=turn.board, note=f"{actor.name}退回"
    )
    add_opinion(turn, outcome.left[0], words, "退回")
    turn.note("case.step_returned", outcome.facts())
    unwind(turn, outcome)
    return finish(turn, outcome)[0]


@transaction.atomic(durable=True)
def transfer_item(*, actor: Actor, case: int, item: int, person: int, reason: str) -> Entry:
    """Hand one's step to a colleague who holds the post 转办. Raises ItemNotOpen, NotYourItem, ColleagueNeeded."""
    turn = begin(case, actor)
    words = checked_opinion(reason, is_needed=True)
    holding = _colleague(turn, item, person)
    to = Assignment(post=holding.post_id, person=person, unit=holding.post.unit_id)
    turn.board.gained.add(of_post(holding.post_id))
    outcome = process.transfer(
        subject_id=case, item_id=item, actor=actor, to=to, board=turn.board, note=f"{actor.name}转办"
    )
    add_opinion(turn, outcome.left[0], words, f"转办给{holding.person.name}")
    turn.note("case.item_transferred", outcome.facts())
    return finish(turn, outcome)[0]


def _colleague(turn: Turn, item: int, person: int) -> Holding:
    """The holding by which a person may be given the item. Raises ItemNotOpen, ColleagueNeeded."""
    row = WorkItem.objects.filter(pk=item, subject=turn.case.pk, state=WorkItem.State.OPEN).first()
    if row is None:
        raise ItemNotOpen()
    same_role = Q(post__role=turn.board.offer.graph.task(row.node).role, post__unit=row.unit)
    found = current_holdings().filter(Q(post=row.post) | same_role, person=person).first()
    if found is None or person == row.person:
        raise ColleagueNeeded(field="person")
    return found


@transaction.atomic(durable=True)
def claim_item(*, actor: Actor, case: int, item: int) -> Entry:
    """Take a step out of the pool of one's post 领办; colleagues see who has it. Raises ItemNotOpen, NotYourItem."""
    turn = begin(case, actor)
    row = WorkItem.objects.filter(pk=item, subject=case, state=WorkItem.State.OPEN).first()
    if row is None:
        raise ItemNotOpen()
    if row.post is None:
        raise NotYourItem()
    to = Assignment(post=row.post, person=actor.person, unit=row.unit)
    outcome = process.transfer(subject_id=case, item_id=item, actor=actor, to=to, board=turn.board)
    turn.note("case.item_claimed", outcome.facts())
    return finish(turn, outcome)[0]


@transaction.atomic(durable=True)
def judge_finding(*, actor: Actor, case: int, check: str, answer: str, reason: str = "") -> Judgement:
    """Answer a finding that a rule leaves to a person 判断; the latest answer counts, all are kept.

    Raises NotPermitted, InvalidInput for an unknown check or answer.
    """
    turn = begin(case, actor)
    policies.require(actor, "judge", turn.board.subject)
    known = next((one for one in turn.board.offer.checks if one.key == check), None)
    if known is None or answer not in {one.key for one in known.answers}:
        raise InvalidInput("没有这样的核验项或答案", field=check)
    judgement = Judgement.objects.create(
        subject_id=case,
        check_key=check,
        answer=answer,
        reason=reason.strip()[:1000],
        person=actor.person,
        name=actor.name,
        at=turn.at,
    )
    turn.note("case.finding_judged", {"check": check, "answer": answer})
    finish(turn)
    return judgement
