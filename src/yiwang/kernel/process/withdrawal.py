"""Withdraw 撤回: who did the last step takes it back, as long as nobody has opened or done what follows."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiwang.kernel.process import statements
from yiwang.kernel.process.board import Board, Doer, Leg, Outcome
from yiwang.kernel.process.causality import descendants
from yiwang.kernel.process.engine import CANCELLED, DONE, OPEN, WAITING, Step, state_of
from yiwang.kernel.process.graph import Graph, Node
from yiwang.kernel.process.guards import held_of, require_running
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.refusals import AlreadyFollowed, NothingToWithdraw, NotWhoDidIt
from yiwang.kernel.process.rollback import History, history_of, pasts_of, roll_back, unwind
from yiwang.kernel.process.signing import items_of
from yiwang.kernel.process.state import Group


def withdraw(*, subject_id: int, item_id: int, actor: Doer, board: Board, note: str = "") -> Outcome:
    """Take back one's done item: what follows it is rolled back, its service steps are undone, it opens anew.

    Of a joint step only one's own signature is taken back, the others stand. Loads the history of the process.
    Raises NothingToWithdraw, NotWhoDidIt, AlreadyFollowed (naming who was faster), IrreversiblePassed,
    InstanceSuspended, NotRunning, and whatever `board.admit` and the undoing raise.
    """
    row = statements.read_item(subject_id, item_id)
    if row is None or row.state != DONE or row.asking:
        raise NothingToWithdraw()
    require_running(row.status)
    state = state_of(subject_id, row)
    node = state.graph.nodes[row.node]
    history = history_of(row.instance)
    item = next(one for one in history.items if one.pk == item_id)
    _require_doer(node, item, actor)
    board.admit(held_of(item_id, row), node)
    step = Step(state, board, note=note)
    step.left.append(Leg(item_id, node.id, node.label, "withdraw"))
    if item.group is None:
        _require_unseen(state.graph, board, _caused(history, item))
        return roll_back(step, item_id)
    return _take_back(step, history, node, item)


def _require_doer(node: Node, item: WorkItem, actor: Doer) -> None:
    if actor.person is None or item.person != actor.person or item.move in node.timers or node.task is None:
        raise NotWhoDidIt()


def _caused(history: History, item: WorkItem) -> list[WorkItem]:
    gone = descendants({item.pk}, pasts_of(history.items)) - {item.pk}
    return [one for one in history.items if one.pk in gone]


def _take_back(step: Step, history: History, node: Node, item: WorkItem) -> Outcome:
    """Strike one signature; what it decided is undone, and who did not need to sign any more may sign again."""
    group, was_over = _struck(step, node, item)
    later = [
        one for one in history.items if (one.node, one.group) == (item.node, item.group) and one.order > item.order
    ]
    next_ones = later if node.task and node.task.joint and node.task.joint.sequential else []
    _require_unseen(step.state.graph, step.board, [*_caused(history, item), *next_ones])
    unwind(step, history, frozenset({item.pk}), kept=frozenset({item.pk}))
    step.state.groups[node.id] = group
    if was_over:
        step.enter(node)
        step.alarm(node, item.pk)
    for one in next_ones:
        group["todo"].insert(0, (one.post, one.person, one.unit))
    WorkItem.objects.filter(pk__in=[one.pk for one in next_ones]).update(
        state=CANCELLED, done=step.at, note="前一位会签人撤回了意见", turn=step.state.turn + 1
    )
    _open_again(step, node, group, item, was_over)
    return step.finish()


def _struck(step: Step, node: Node, item: WorkItem) -> tuple[Group, bool]:
    """The joint sign without this signature, and whether it had been decided. Raises NothingToWithdraw."""
    group = step.state.groups.get(node.id)
    if group is None or group["number"] != item.group:
        raise NothingToWithdraw(
            gettext_lazy("这次会签以后又重新会签过，不能撤回"), remedy=gettext_lazy("需要改动的，请现在的经办人退回")
        )
    was_over = group["is_over"]
    if was_over and group["signed"][-1][0] != item.pk:
        raise NothingToWithdraw(
            gettext_lazy("会签已有结果，只有最后签的人能撤回"), remedy=gettext_lazy("需要改动的，请现在的经办人退回")
        )
    signed = [one for one in group["signed"] if one[0] != item.pk]
    return {**group, "signed": signed, "is_over": False}, was_over


def _open_again(step: Step, node: Node, group: Group, item: WorkItem, was_over: bool) -> None:
    rows = items_of(step, node, group)
    spared = rows.filter(state=CANCELLED, turn=item.turn) if was_over else rows.none()
    again = [item, *spared]
    rows.filter(pk__in=[one.pk for one in again]).update(state=OPEN, done=None, move="", values={}, turn=0, note="")
    step.entered += [Leg(one.pk, node.id, node.label, "", one.post, one.person, one.unit, one.due) for one in again]


def _require_unseen(graph: Graph, board: Board, followers: Sequence[WorkItem]) -> None:
    """Raises AlreadyFollowed when somebody opened, handed over or did what follows."""
    asked = set(WorkItem.objects.filter(asker__in=[one.pk for one in followers]).values_list("asker", flat=True))
    for one in followers:
        if graph.nodes[one.node].task is None:
            continue
        if one.state == DONE:
            _refuse(board, one, one.person, _("办了"))
        if one.read is not None or one.pk in asked:
            _refuse(board, one, one.reader or one.person, _("打开过"))
        _require_unhanded(board, one)


def _require_unhanded(board: Board, item: WorkItem) -> None:
    handed = WorkItem.objects.filter(
        instance=item.instance_id, node=item.node, created=item.created, state=WorkItem.State.HANDED, order=item.order
    )
    first = handed.order_by("pk").first()
    if first is not None:
        _refuse(board, item, first.person, _("领办或转办了"))


def _refuse(board: Board, item: WorkItem, person: int | None, did: str) -> None:
    name = board.name(person) if person is not None else _("系统")
    message = _("%(name)s已经%(did)s“%(step)s”，不能撤回") % {"name": name, "did": did, "step": item.label}
    remedy = _("需要改动的，请他退回")
    raise AlreadyFollowed(message, remedy=remedy, facts={"person": person or 0, "step": item.node})


def withdrawable(graph: Graph, items: Sequence[WorkItem], person: int | None) -> list[WorkItem]:
    """Of the items of a running process those this person may take back, as far as a page can tell; latest first."""
    standing = [one for one in items if one.state in (OPEN, WAITING, DONE)]
    mine = [one for one in standing if one.state == DONE and one.person == person and person is not None]
    latest = {one.node: one.group for one in items if one.group is not None}
    signed_now = [one for one in mine if one.group is None or one.group == latest[one.node]]
    return [one for one in reversed(signed_now) if _is_last(graph, standing, one)]


def _is_last(graph: Graph, standing: Sequence[WorkItem], item: WorkItem) -> bool:
    gone = descendants({item.pk}, pasts_of(standing)) - {item.pk}
    task = graph.nodes[item.node].task
    if task is None or task.irreversible or item.move not in task.moves:
        return False
    same = [one for one in standing if item.group is not None and (one.node, one.group) == (item.node, item.group)]
    if same and item.node not in item.values and not any(one.state == OPEN for one in same):
        return False
    later = {one.pk for one in same if one.order > item.order} if task.joint and task.joint.sequential else set()
    followers = [one for one in standing if one.pk in gone | later and graph.nodes[one.node].task is not None]
    return all(one.state == OPEN and one.read is None for one in followers)
