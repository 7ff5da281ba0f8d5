"""What every step of the engine asks before it changes anything."""

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.process import statements
from yiwang.kernel.process.board import Doer, Held
from yiwang.kernel.process.engine import OPEN, RUNNING, SUSPENDED, state_of
from yiwang.kernel.process.graph import DONE as ONLY_MOVE
from yiwang.kernel.process.graph import Node, Task
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.refusals import (
    InstanceSuspended,
    ItemNotOpen,
    MoveUnknown,
    NotRunning,
    OpinionOnly,
    OpinionsAwaited,
    SamePersonRefused,
)
from yiwang.kernel.process.state import State
from yiwang.kernel.process.statements import ItemRow

BEFORE = int(WorkItem.Asking.BEFORE)


def open_item(subject_id: int, item_id: int) -> tuple[ItemRow, State, Node, Task]:
    """An open item of a running instance with its state. Raises ItemNotOpen, OpinionOnly, InstanceSuspended."""
    row = statements.read_item(subject_id, item_id)
    if row is None or row.state != OPEN:
        raise ItemNotOpen()
    if row.asking:
        raise OpinionOnly()
    require_running(row.status)
    state = state_of(subject_id, row)
    return row, state, state.graph.nodes[row.node], state.graph.task(row.node)


def held_of(item_id: int, row: ItemRow) -> Held:
    """The item as the board is shown it."""
    return Held(item_id, row.instance, row.node, row.post, row.person, row.unit, bool(row.asking))


def require_running(status: int) -> None:
    """Raises InstanceSuspended, NotRunning."""
    if status == SUSPENDED:
        raise InstanceSuspended(_("办件已中止，现在不能办理"), remedy=_("恢复办理以后再办"))
    if status != RUNNING:
        raise NotRunning(_("流程已经结束"), remedy=_("请刷新页面"))


def require_opinions(row: ItemRow) -> None:
    """Raises OpinionsAwaited while somebody who was asked before the decision has not answered."""
    if row.awaits == BEFORE:
        raise OpinionsAwaited()


def require_move(node: Node, task: Task, move: str) -> str:
    """The move meant, the only one where none is named. Raises MoveUnknown."""
    chosen = move or (ONLY_MOVE if ONLY_MOVE in task.moves else "")
    if chosen not in task.moves:
        known = "、".join(task.moves.values())
        raise MoveUnknown(
            _("“%(label)s”不能这样办") % {"label": node.label}, remedy=_("可以选：%(known)s") % {"known": known}
        )
    return chosen


def require_other_doer(state: State, node: Node, task: Task, actor: Doer) -> None:
    """Raises SamePersonRefused when the actor did a step marked *separate*."""
    require_other(state, node, task, actor.person)


def require_other(state: State, node: Node, task: Task, person: int | None) -> None:
    """The same for anybody."""
    for other in sorted(task.separate):
        if person is not None and person in state.did(other):
            labels = {"this": node.label, "other": state.graph.nodes[other].label}
            raise SamePersonRefused(
                _("“%(this)s”和“%(other)s”不能由同一个人办") % labels, remedy=_("请转给另一位同事办理"), facts=labels
            )
