"""Steps of the process: part of the caller's transaction, the caller holds the lock on the subject."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.moments import now
from yiwang.kernel.process import statements
from yiwang.kernel.process.board import Assignment, Board, Doer, Leg, Outcome, Plain, StepDone
from yiwang.kernel.process.definitions import graph_of, published_digest
from yiwang.kernel.process.engine import OPEN, RUNNING, SUSPENDED, WAITING, Step, state_of
from yiwang.kernel.process.graph import DONE as ONLY_MOVE
from yiwang.kernel.process.graph import Node, NodeKind
from yiwang.kernel.process.groups import name_signers
from yiwang.kernel.process.guards import (
    held_of,
    open_item,
    require_move,
    require_opinions,
    require_other,
    require_other_doer,
    require_running,
)
from yiwang.kernel.process.models import Instance, WorkItem
from yiwang.kernel.process.refusals import InstanceSuspended, ItemNotOpen, NotRunning, NotSuspended
from yiwang.kernel.process.rollback import roll_back
from yiwang.kernel.process.signing import is_signer, lapse, require_other_signer, sign
from yiwang.kernel.process.state import State
from yiwang.kernel.process.tokens import Token


def start(*, subject_id: int, definition_id: int, board: Board, values: Mapping[str, Plain] | None = None) -> Outcome:
    """Start a published definition for a subject and open its first items.

    Raises NotPublished, VariableUnknown.
    """
    digest = published_digest(definition_id)
    graph = graph_of(definition_id, digest)
    instance = Instance(subject_id=subject_id, definition_id=definition_id, digest=digest, started=now())
    state = State(0, subject_id, 0, graph, {})
    instance.given = state.learn(values or {})
    instance.save(force_insert=True)
    state.instance = instance.pk
    step = Step(state, board)
    step.send(graph.nodes[graph.start], Token())
    return step.finish()


def take(
    *,
    subject_id: int,
    item_id: int,
    actor: Doer,
    board: Board,
    move: str = "",
    values: Mapping[str, Plain] | None = None,
    named: Sequence[int] = (),
) -> Outcome:
    """Finish an open item with one of its moves and carry its token on. At most 7 statements of its own.

    The item of one signer ends a joint step only when its rule says so. `named` are the persons whom this step names
    to sign a later one. Raises ItemNotOpen (someone was faster), OpinionOnly, OpinionsAwaited, InstanceSuspended,
    MoveUnknown, VariableUnknown, SamePersonRefused, NoSigners, TooManySigners, SignersNotAsked, and whatever
    `board.admit` and the steps raise.
    """
    row, state, node, task = open_item(subject_id, item_id)
    board.admit(held_of(item_id, row), node)
    require_opinions(row)
    move = require_move(node, task, move)
    require_other_doer(state, node, task, actor)
    step = Step(state, board)
    stored = state.learn(values or {}) | name_signers(state.graph, node.id, named)
    if row.awaits:
        step.end_questions(item_id)
    if task.joint is not None:
        sign(step, node, item_id, actor.person, move, stored)
    else:
        _do(step, node, item_id, actor.person, move, stored)
    return step.finish()


def _do(step: Step, node: Node, item: int, person: int | None, move: str, stored: dict[str, object]) -> None:
    """A step of one person is done."""
    state = step.state
    state.values.update(stored)
    state.values[node.id] = move
    if node.id in state.graph.watched and person is not None:
        state.doers[node.id] = person
    step.leave(node, item, person, move, stored)
    step.send(node, Token((item,)))


def back(*, subject_id: int, item_id: int | None, target_id: int, actor: Doer, board: Board, note: str = "") -> Outcome:
    """Return 退回: from the open item `item_id` to the earlier, done item `target_id`, in any branch.

    Everything caused by the target is rolled back, its steps are undone in reverse order, and its step opens anew.
    Without `item_id` the platform or a supervisor returns. Loads the whole history of the process.
    Raises ItemNotOpen, NotAnEarlierStep, IrreversiblePassed, InstanceSuspended, NotRunning.
    """
    if item_id is None:
        instance = running_instance(subject_id)
        require_running(instance.status)
        return roll_back(Step(state_from(instance), board, note=note), target_id)
    row, state, node, _task = open_item(subject_id, item_id)
    board.admit(held_of(item_id, row), node)
    left = [Leg(item_id, node.id, node.label, "back")]
    return roll_back(Step(state, board, note=note, left=left), target_id)


def transfer(*, subject_id: int, item_id: int, actor: Doer, to: Assignment, board: Board, note: str = "") -> Outcome:
    """Hand an open item over 转办; the item keeps its id and due date, a HANDED row remembers the former holder.

    Raises ItemNotOpen, InstanceSuspended, SamePersonRefused (the new holder did a step marked *separate*).
    """
    row, state, node, task = open_item(subject_id, item_id)
    board.admit(held_of(item_id, row), node)
    require_other(state, node, task, to.person)
    item = WorkItem.objects.get(pk=item_id)
    if (group := state.live_group(node.id, row.group)) is not None:
        require_other_signer(item, group, to.person)
    return _handed(Step(state, board), item, node, to, note, actor.person)


def release(*, subject_id: int, item_id: int, to: Assignment, board: Board, note: str = "") -> Outcome:
    """Hand an open item over because its holder left 离岗移交; also while the process is suspended.

    A new holder who did a step marked *separate*, or signs the same joint step, does not get it: it goes to the pool.
    Raises ItemNotOpen.
    """
    row = statements.read_item(subject_id, item_id)
    if row is None or row.state != OPEN:
        raise ItemNotOpen()
    state = state_of(subject_id, row)
    node, task, item = state.graph.nodes[row.node], state.graph.task(row.node), WorkItem.objects.get(pk=item_id)
    group = state.live_group(node.id, row.group)
    is_barred = to.person in {one for other in task.separate for one in state.did(other)}
    is_barred = is_barred or (group is not None and is_signer(item, group, to.person))
    fit = replace(to, person=None) if is_barred else to
    return _handed(Step(state, board, status=row.status), item, node, fit, note, None)


def _handed(step: Step, item: WorkItem, node: Node, to: Assignment, note: str, by: int | None) -> Outcome:
    held, due = item.pk, item.due
    _remember_hander(item, by)
    moved = {"post": to.post, "person": to.person, "unit": to.unit}
    changed = {**moved, "read": None, "reader": None, "note": note[:100]}
    WorkItem.objects.filter(pk=held).update(**changed)
    step.hand(node, held, to, due)
    return step.finish()


def suspend(*, subject_id: int) -> Outcome:
    """Stop the process 中止: nothing can be taken, timers do nothing until it is resumed.

    Raises InstanceSuspended, NotRunning.
    """
    instance = running_instance(subject_id)
    if instance.status == SUSPENDED:
        raise InstanceSuspended(_("已经中止"), remedy=_("先恢复办理"))
    instance.status, instance.suspended = SUSPENDED, now()
    instance.turn += 1
    instance.save(update_fields=["status", "suspended", "turn"])
    return Outcome(instance.pk)


def resume(*, subject_id: int, board: Board) -> Outcome:
    """Go on after a suspension; dues and timers set before it move by `board.resumed`.

    Raises NotSuspended, NotRunning.
    """
    instance = running_instance(subject_id)
    if instance.suspended is None or instance.status != SUSPENDED:
        raise NotSuspended(_("没有中止，不用恢复"))
    since, instance.suspended = instance.suspended, None
    instance.save(update_fields=["suspended"])
    step = Step(state_from(instance), board)
    seen: set[str] = set()
    for item in WorkItem.objects.filter(instance=instance, state__in=(OPEN, WAITING)).order_by("asking", "pk"):
        _move_due(step, item, since, rearm=item.node not in seen)
        seen.add(item.node)
    return step.finish()


def cancel_all(*, subject_id: int) -> Outcome:
    """End the process without result (withdrawn, dismissed): every live item is cancelled. Runs no undo.

    Raises NotRunning.
    """
    instance = running_instance(subject_id)
    live = WorkItem.objects.filter(instance=instance, state__in=(OPEN, WAITING))
    live.update(state=WorkItem.State.CANCELLED, done=now(), turn=instance.turn + 1)
    instance.status, instance.ended, instance.marking = Instance.Status.CANCELLED, now(), {}
    instance.turn += 1
    instance.save(update_fields=["status", "ended", "marking", "turn"])
    return Outcome(instance.pk)


def complete_reaction(
    *,
    subject_id: int,
    item_id: int,
    board: Board,
    result: Mapping[str, Plain] | None = None,
    values: Mapping[str, Plain] | None = None,
) -> Outcome:
    """The report of a reaction: its token goes on, also while the process is suspended.

    `result` is kept for the undo. A second report, or one after a roll-back, changes nothing and comes back
    `ignored`: the caller must then discard what the reaction made.
    """
    row = statements.read_item(subject_id, item_id)
    if row is None or row.state != WAITING or row.status not in (RUNNING, SUSPENDED):
        return Outcome(row.instance if row else 0, ignored=True)
    state = state_of(subject_id, row)
    node, step = state.graph.nodes[row.node], Step(state, board, status=row.status)
    step.keep(node, Token((item_id,)), StepDone(result or {}, values or {}))
    step.leave(node, item_id, None, ONLY_MOVE, {})
    step.send(node, Token((item_id,)))
    return step.finish()


def fire_timer(*, subject_id: int, item_id: int, timer: str, board: Board) -> Outcome:
    """A timer is due: take its flow.

    Ignored when the item closed, the process is suspended, the timer was moved to later, or it fired already.
    """
    row = statements.read_item(subject_id, item_id)
    if row is None or row.status != RUNNING:
        return Outcome(row.instance if row else 0, ignored=True)
    state = state_of(subject_id, row)
    if row.state not in (OPEN, WAITING) and state.live_group(row.node, row.group) is None:
        return Outcome(row.instance, ignored=True)
    armed = state.timers.get(row.node, {}).pop(timer, "")
    if not armed or datetime.fromisoformat(armed) > now():
        return Outcome(row.instance, ignored=True)
    node, host, step = state.graph.nodes[timer], state.graph.nodes[row.node], Step(state, board)
    token = Token((item_id,))
    if host.task is not None and host.task.joint is not None:
        token = lapse(step, host, timer)
    elif node.kind is NodeKind.TIMER or node.interrupting:
        state.values.update({host.id: timer} if host.task else {})
        step.leave(host, item_id, None, timer, {})
        if row.awaits:
            step.end_questions(item_id)
    step.send(node, token)
    return step.finish()


def mark_read(*, item_id: int, person: int | None = None) -> bool:
    """Note that an open item was looked at for the first time, and by whom; says whether this was it."""
    fresh = WorkItem.objects.filter(pk=item_id, state=OPEN, read=None)
    return bool(fresh.update(read=now(), reader=person))


def running_instance(subject_id: int) -> Instance:
    """The one running or suspended instance of a subject. Raises NotRunning."""
    running = Instance.objects.filter(subject=subject_id, status__lte=SUSPENDED).first()
    if running is None:
        raise NotRunning(_("没有正在办理的流程"), remedy=_("已经办结或终止的不能再办"))
    return running


def state_from(instance: Instance) -> State:
    """The state of an instance read by the ORM."""
    graph = graph_of(instance.definition_id, instance.digest)
    return State.of(instance.pk, instance.subject_id, instance.turn, graph, instance.values, instance.marking)


def _remember_hander(item: WorkItem, person: int | None) -> None:
    """A copy without consequences, so that the former holder finds what he handed over."""
    item.pk = None
    item.state, item.done, item.parents, item.via = WorkItem.State.HANDED, now(), [], {}
    item.person = person if item.person is None else item.person
    item.save(force_insert=True)


def _move_due(step: Step, item: WorkItem, since: datetime, *, rearm: bool) -> None:
    """Move what is due; the timers of a node move once, however many people sign there."""
    if item.created < since and item.due is not None:
        WorkItem.objects.filter(pk=item.pk).update(due=step.board.resumed(item.due, since))
    if rearm:
        step.rearm(item.pk, item.node, since if item.created < since else None)
        _move_group(step, item.node, since)


def _move_group(step: Step, node: str, since: datetime) -> None:
    group = step.state.groups.get(node)
    if group is not None and group["due"] and not group["is_over"]:
        group["due"] = step.board.resumed(datetime.fromisoformat(group["due"]), since).isoformat()
