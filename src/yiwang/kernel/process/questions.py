"""Added signers 加签: whoever holds an open step asks others for an opinion, before he decides 前加签 or beside 并加签.

The asked give an opinion and decide nothing; they cannot ask others. What nobody answered is closed when the step is
done.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from yiwang.kernel.process import statements
from yiwang.kernel.process.board import Assignment, Board, Doer, Leg, Outcome
from yiwang.kernel.process.engine import CANCELLED, OPEN, Step, state_of
from yiwang.kernel.process.graph import Node
from yiwang.kernel.process.guards import BEFORE, held_of, open_item, require_other, require_running
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.refusals import ItemNotOpen, NotAQuestion, WrongPersonAsked
from yiwang.kernel.process.state import State
from yiwang.kernel.process.statements import ItemRow

Asking = WorkItem.Asking
MOST = 20
"""Persons asked at once."""
AWAITED, ANSWERED = "等加签意见", "加签意见已齐"
"""What the worklist says of a step that has asked."""
SHOWN = ("kind", "number", "title", "source", "urgent", "unit", "due", "group", "label")


def ask(
    *,
    subject_id: int,
    item_id: int,
    actor: Doer,
    persons: Sequence[Assignment],
    manner: WorkItem.Asking,
    board: Board,
    note: str = "",
) -> Outcome:
    """Ask persons for an opinion on an open item; asked `BEFORE`, the item cannot be done until all have answered.

    Raises ItemNotOpen, OpinionOnly (an asked person asks nobody), InstanceSuspended, WrongPersonAsked,
    SamePersonRefused (he did a step marked *separate*), and whatever `board.admit` raises.
    """
    row, state, node, task = open_item(subject_id, item_id)
    board.admit(held_of(item_id, row), node)
    item = WorkItem.objects.get(pk=item_id)
    _require_askable(item, persons, actor)
    for one in persons:
        require_other(state, node, task, one.person)
    step = Step(state, board)
    step.left.append(Leg(item_id, node.id, node.label, "ask"))
    made = WorkItem.objects.bulk_create(_question(item, one, manner, step, note) for one in persons)
    step.entered += [_entered(one, node) for one in made]
    if manner == Asking.BEFORE:
        _say(item_id, AWAITED)
    return step.finish()


def answer(*, subject_id: int, item_id: int, actor: Doer, board: Board) -> Outcome:
    """Give the opinion one was asked for; the words are kept by the caller.

    Raises ItemNotOpen (answered, taken back, or not needed any more), NotAQuestion, InstanceSuspended, NotRunning.
    """
    row, state, node = _question_of(subject_id, item_id)
    board.admit(held_of(item_id, row), node)
    step = Step(state, board)
    step.close(node, item_id, actor.person, "opinion", {})
    asker = _asker(item_id)
    if row.asking == BEFORE and not _awaited(asker, item_id):
        _say(asker, ANSWERED)
    return step.finish()


def take_back(*, subject_id: int, item_id: int, actor: Doer, board: Board) -> Outcome:
    """Who holds the item that asks takes a question back before it is answered.

    Raises ItemNotOpen, NotAQuestion, InstanceSuspended, NotRunning, and whatever `board.admit` raises.
    """
    row, state, node = _question_of(subject_id, item_id)
    asker = _asker(item_id)
    held = statements.read_item(subject_id, asker)
    if held is None or held.state != OPEN:
        raise ItemNotOpen()
    board.admit(held_of(asker, held), node)
    step = Step(state, board)
    words = {"done": step.at, "turn": state.turn + 1, "note": "加签已收回"}
    WorkItem.objects.filter(pk=item_id).update(state=CANCELLED, **words)
    step.left.append(Leg(item_id, node.id, node.label, "unask"))
    if row.asking == BEFORE and not _awaited(asker, item_id):
        _say(asker, "")
    return step.finish()


def _question_of(subject_id: int, item_id: int) -> tuple[ItemRow, State, Node]:
    row = statements.read_item(subject_id, item_id)
    if row is None or row.state != OPEN:
        raise ItemNotOpen()
    if not row.asking:
        raise NotAQuestion()
    require_running(row.status)
    state = state_of(subject_id, row)
    return row, state, state.graph.nodes[row.node]


def _require_askable(item: WorkItem, persons: Sequence[Assignment], actor: Doer) -> None:
    asked = [one.person for one in persons if one.person is not None]
    if not asked or len(asked) != len(persons) or len(asked) > MOST:
        raise WrongPersonAsked(_("一次加签 1 到 %(most)s 人") % {"most": MOST}, field="persons")
    if {actor.person, item.person} & set(asked):
        raise WrongPersonAsked(_("不用向自己加签"), remedy=_("请选别的同事"), field="persons")
    waiting = WorkItem.objects.filter(asker=item.pk, state=OPEN, person__in=asked).exists()
    if waiting or len(set(asked)) < len(asked):
        raise WrongPersonAsked(_("已经向他加签了，还没有答复"), remedy=_("请等他答复，或者先收回"), field="persons")


def _question(item: WorkItem, to: Assignment, manner: WorkItem.Asking, step: Step, note: str) -> WorkItem:
    shown = {name: getattr(item, name) for name in SHOWN}
    return WorkItem(
        **shown,
        subject_id=item.subject_id,
        instance_id=item.instance_id,
        node=item.node,
        post=to.post,
        person=to.person,
        note=note[:100],
        created=step.at,
        asking=manner,
        asker=item.pk,
    )


def _entered(made: WorkItem, node: Node) -> Leg:
    return Leg(made.pk, node.id, node.label, "", made.post, made.person, made.unit, made.due)


def _asker(item_id: int) -> int:
    return WorkItem.objects.values_list("asker", flat=True).get(pk=item_id) or 0


def _awaited(asker: int, but: int) -> bool:
    """Whether the item still waits for another opinion before it may be done."""
    return WorkItem.objects.filter(asker=asker, state=OPEN, asking=Asking.BEFORE).exclude(pk=but).exists()


def _say(item: int, words: str) -> None:
    """Let the worklist say how an item stands."""
    WorkItem.objects.filter(pk=item).update(note=words)
