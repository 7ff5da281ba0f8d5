"""Joint sign 会签 on the tables: one signer's move, the end by a timer, a signature taken back."""

from collections.abc import Mapping

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yiwang.kernel.process.board import Assignment
from yiwang.kernel.process.engine import CANCELLED, OPEN, Step
from yiwang.kernel.process.graph import Node
from yiwang.kernel.process.joint import outcome
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.refusals import SamePersonRefused
from yiwang.kernel.process.state import Group
from yiwang.kernel.process.tokens import MarkingBroken, Token


def sign(step: Step, node: Node, item: int, person: int | None, move: str, learned: Mapping[str, object]) -> None:
    """One signer's move; when it decides the step, the others need not sign any more and the token goes on.

    Raises SamePersonRefused for a second signature of one person.
    """
    state, task, group = step.state, step.state.graph.task(node.id), state_group(step, node)
    if person is not None and person in {one for _item, one, _move in group["signed"]}:
        raise SamePersonRefused(_("您已经会签过“%(label)s”") % {"label": node.label}, remedy=_("请转给另一位同事会签"))
    group["signed"].append((item, person, move))
    if node.id in state.graph.watched and person is not None:
        state.doers[node.id] = sorted({*_signed_by(group), person})
    if task.joint is None:
        raise MarkingBroken(f"{node.id} is no joint step")
    result = outcome(task.joint, task.moves, group["size"], [vote for _item, _person, vote in group["signed"]])
    step.is_joint, step.decided = True, result
    step.close(node, item, person, move, {**learned, **({node.id: result} if result else {})})
    if result:
        _decided(step, node, group, result, f"会签已有结果：{task.moves[result]}")
        step.send(node, _token(group))
    else:
        _next(step, node, group)


def state_group(step: Step, node: Node) -> Group:
    """The joint sign that is open at a node. Raises MarkingBroken when there is none."""
    group = step.state.groups.get(node.id)
    if group is None or group["is_over"]:
        raise MarkingBroken(f"no joint sign is open at {node.id} of instance {step.state.instance}")
    return group


def lapse(step: Step, node: Node, timer: str) -> Token:
    """A timer ends a joint step: the first open item stands for it, the others are not needed any more."""
    group = state_group(step, node)
    first = items_of(step, node, group).filter(state=OPEN).order_by("order").values_list("pk", flat=True)[0]
    step.is_joint, step.decided = True, timer
    step.close(node, first, None, timer, {node.id: timer})
    group["signed"].append((first, None, timer))
    _decided(step, node, group, timer, "期限已到")
    return _token(group)


def is_signer(item: WorkItem, group: Group, person: int | None) -> bool:
    """Whether another signature of the same joint step is this person's."""
    if person is None or person == item.person:
        return False
    signs = {one for _item, one, _move in group["signed"]} | {one for _post, one, _unit in group["todo"]}
    others = WorkItem.objects.filter(instance=item.instance_id, node=item.node, group=item.group, state=OPEN)
    return person in signs or others.filter(person=person, asking=0).exclude(pk=item.pk).exists()


def require_other_signer(item: WorkItem, group: Group, person: int | None) -> None:
    """Raises SamePersonRefused when a person to whom a signature is handed signs the same step already."""
    if is_signer(item, group, person):
        message = _("他也会签“%(label)s”，一个人只签一次") % {"label": item.label}
        raise SamePersonRefused(message, remedy=_("请转给没有参加会签的同事"), field="person")


def items_of(step: Step, node: Node, group: Group) -> QuerySet[WorkItem]:
    """The items of a joint sign, without what their holders asked."""
    return WorkItem.objects.filter(instance=step.state.instance, node=node.id, group=group["number"], asking=0)


def _signed_by(group: Group) -> set[int]:
    return {person for _item, person, _move in group["signed"] if person is not None}


def _token(group: Group) -> Token:
    return Token(tuple(sorted(item for item, _person, _move in group["signed"])))


def _decided(step: Step, node: Node, group: Group, result: str, reason: str) -> None:
    state, last = step.state, group["signed"][-1][0]
    state.values[node.id] = result
    group["is_over"] = True
    state.close(node.id)
    if group["size"] > len(group["signed"]) + len(group["todo"]):
        number, turn = group["number"], state.turn + 1
        step.writes.end_group(state.instance, node.id, number, but=last, state=CANCELLED, note=reason, turn=turn)


def _next(step: Step, node: Node, group: Group) -> None:
    """When they sign one after the other, it is the next one's turn."""
    if group["todo"]:
        holder = Assignment(*group["todo"].pop(0))
        order = group["size"] - len(group["todo"])
        step.fresh.append((node, step.signature(node, group, holder, order)))
