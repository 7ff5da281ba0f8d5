"""The life of a case: open, suspend, resume, extend, withdraw, and what the platform does by itself."""

from dataclasses import dataclass

from django.db import transaction

from yiwang.kernel.access import policies
from yiwang.kernel.base.refusals import InvalidInput
from yiwang.kernel.cases.models import Case, Notice
from yiwang.kernel.cases.opening import Application, open_application
from yiwang.kernel.cases.policies import items_before
from yiwang.kernel.cases.refusals import AlreadyDecided
from yiwang.kernel.cases.rules import INTAKE, SUPPLEMENT
from yiwang.kernel.cases.services import (
    Turn,
    accept,
    add_notice,
    begin,
    begin_anyway,
    close,
    finish,
    next_due,
    require_approver,
    was_signed,
)
from yiwang.kernel.clock import services as clock
from yiwang.kernel.clock.queries import clocks_of
from yiwang.kernel.clock.services import PauseOrder
from yiwang.kernel.forms.refusals import DraftNotFound
from yiwang.kernel.jobs.services import finish_once
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.process import services as process
from yiwang.kernel.process.board import Outcome


@dataclass(frozen=True)
class Opened:
    """A new case, and the code with which it can be tracked; the code is told once and kept only as a tag."""

    case: Case
    track_code: str
    is_new: bool = True


@transaction.atomic(durable=True)
def open_case(*, actor: Actor, application: Application) -> Opened:
    """Take an application: number, evidence, clocks, process, grants, first ledger entry.

    The same `origin` twice gives the case made the first time. Raises TypeNotOffered, IdentityTooLow, NoAuthority,
    FormIncomplete, NotPermitted when somebody who is no member of staff names another party.
    """
    try:
        turn, code = open_application(actor, application)
    except DraftNotFound:
        known = Case.objects.filter(origin=application.origin, filed_by=actor.account).first()
        if known is None:
            raise
        return Opened(known, "", is_new=False)
    finish(turn)
    return Opened(turn.case, code)


@transaction.atomic(durable=True)
def suspend_case(*, actor: Actor, case: int, order: PauseOrder) -> Entry:
    """Stop the clocks for a reason the law names and hold every step (行政许可法 art. 45); the applicant is told.

    Raises PauseKindRefused, NothingToPause, InstanceSuspended.
    """
    turn = _permitted(case, actor, "suspend")
    clock.pause(case, order, at=turn.at, actor=actor)
    process.suspend(subject_id=case)
    turn.case.status = Case.Status.SUSPENDED
    add_notice(turn, Notice.Type.SUSPENSION, {"kind": order.kind, "reason": order.reason, "notice": order.notice})
    turn.note("case.suspended", {"kind": order.kind})
    return finish(turn)[0]


@transaction.atomic(durable=True)
def resume_case(*, actor: Actor, case: int) -> Entry:
    """Let clocks and steps go on. Raises NotPaused, NotSuspended."""
    turn = _permitted(case, actor, "suspend")
    clock.resume(case, at=turn.at)
    process.resume(subject_id=case, board=turn.board)
    turn.case.status = Case.Status.ACCEPTED
    turn.case.due = next_due(turn)
    turn.note("case.resumed", {"due": turn.case.due.isoformat() if turn.case.due else ""})
    return finish(turn)[0]


@transaction.atomic(durable=True)
def extend_case(*, actor: Actor, case: int, reason: str) -> Entry:
    """Extend the statutory limit once, by its approver, with the reason told to the applicant (art. 42).

    Raises NotExtendable, AlreadyExtended, ExtensionNotPermitted, ExtensionTooLate, InvalidInput without a reason.
    """
    if not reason.strip():
        raise InvalidInput("延长期限要写明理由", rule="行政许可法第四十二条", field="reason")
    turn = _permitted(case, actor, "read")
    require_approver(turn, "statutory")
    row = clock.extend(case, "statutory", at=turn.at, actor=actor)
    turn.case.due = row.due_at
    add_notice(turn, Notice.Type.EXTENSION, {"reason": reason.strip()[:1000], "due": str(row.due)})
    turn.note("case.extended", {"due": str(row.due)})
    return finish(turn)[0]


@transaction.atomic(durable=True)
def withdraw_case(*, actor: Actor, case: int, reason: str) -> Entry:
    """The applicant takes his application back before it is decided; the process ends without result.

    Raises AlreadyDecided once it was signed.
    """
    turn = _permitted(case, actor, "withdraw")
    if was_signed(turn):
        raise AlreadyDecided()
    process.cancel_all(subject_id=case)
    turn.note("case.withdrawn", {"has_reason": bool(reason.strip())})
    close(turn, "withdrawn")
    return finish(turn)[0]


@transaction.atomic(durable=True)
def fire_timer(*, actor: Actor, case: int, item: int, timer: str) -> None:
    """A timer of the process is due. Silence at intake accepts the case from the day its papers came (art. 32)."""
    turn = begin_anyway(case, actor)
    outcome = process.fire_timer(subject_id=case, item_id=item, timer=timer, board=turn.board)
    if outcome.ignored:
        finish_once()
        return
    turn.note("process.timer_fired", {"timer": timer, **outcome.facts()})
    if turn.case.status == Case.Status.RECEIVED and _left_intake(turn, outcome):
        accept(turn, at=turn.case.received, by_silence=True)
    finish(turn, outcome)


def _left_intake(turn: Turn, outcome: Outcome) -> bool:
    graph = turn.board.offer.graph
    acts = {graph.task(leg.node).act for leg in outcome.entered if graph.nodes[leg.node].task is not None}
    return not acts & {INTAKE, SUPPLEMENT}


def _permitted(case: int, actor: Actor, verb: str) -> Turn:
    turn = begin(case, actor)
    policies.require(actor, verb, turn.board.subject)
    return turn


@transaction.atomic(durable=True)
def follow_clock(*, actor: Actor, case: int) -> None:
    """Take over the due moment of the clocks that run, after the calendar was changed (国务院 year's arrangement)."""
    turn = begin_anyway(case, actor)
    running = [row.due_at for row in clocks_of(case) if row.stopped_at is None]
    if not turn.case.is_open or not running or min(running) == turn.case.due:
        finish_once()
        return
    turn.case.due = min(running)
    turn.note("case.due_moved", {"due": turn.case.due.isoformat()})
    finish(turn)


@transaction.atomic(durable=True)
def read_item(*, actor: Actor, case: int, item: int) -> bool:
    """Note that an open item was looked at by somebody whose work it is; says whether it was the first time.

    For anybody else it does nothing.
    """
    return items_before(actor, case).filter(pk=item).exists() and process.mark_read(item_id=item, person=actor.person)
