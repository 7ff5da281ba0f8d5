"""The decision box: whose turn it is, what he may do, where each move leads, and why something cannot be done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from yiwang.kernel.base.refusals import Text
from yiwang.kernel.cases.board import CaseBoard
from yiwang.kernel.cases.models import Case, Notice
from yiwang.kernel.cases.queries import Step
from yiwang.kernel.cases.refusals import NoPost
from yiwang.kernel.cases.rules import CORRECT, GRANT, INTAKE, JUDGE, REFUSE, SIGN, SUPPLEMENT, needs_reason
from yiwang.kernel.cases.signers import colleagues
from yiwang.kernel.cases.types import Offer
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Person
from yiwang.kernel.org.queries import current_holdings, holders_of
from yiwang.kernel.process.graph import Node
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.desk.queries.dues import Due, Frame, due_words
from yiwang.sites.desk.queries.flow import next_nodes
from yiwang.sites.desk.queries.signing import Question, Signing

RETURN, TRANSFER, ASK, OTHER = "return", "transfer", "ask", "other"
SPECIAL = {(INTAKE, CORRECT): "correct", (INTAKE, REFUSE): "refuse"}


@dataclass(frozen=True, slots=True)
class Target:
    """An earlier step the case may be returned to, and who did it."""

    item: int
    step: str
    person: str
    at: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who holds the same post."""

    person: int
    name: str
    post: str


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a move leads: the step or end, and who does it."""

    step: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One way to decide: `panel` says what it asks for, `why_not` why it cannot be done now."""

    key: str
    label: str
    panel: str
    url: str
    leads: tuple[Lead, ...] = ()
    needs_reason: bool = False
    why_not: Text = ""
    button: str = ""
    effect: Text = ""


@dataclass(frozen=True, slots=True)
class Held:
    """The step in hand."""

    id: int
    step: str
    act: str
    due: Due
    is_pooled: bool
    is_mine: bool
    is_unread: bool
    who: str


@dataclass(frozen=True, slots=True)
class Box:
    """Everything the box shows; `item` is None when nothing waits for this actor."""

    item: Held | None
    moves: tuple[Move, ...] = ()
    targets: tuple[Target, ...] = ()
    colleagues: tuple[Colleague, ...] = ()
    others: tuple[Held, ...] = ()
    form_title: str = ""
    form_url: str = ""
    opinion_label: str = ""
    waiting: tuple[str, ...] = field(default=())
    askable: tuple[Colleague, ...] = ()
    """Whom the holder may ask for an opinion, or name to sign."""
    names_signers: bool = False
    asked: Question | None = None
    """The opinion the reader is asked for, when he has no step in hand."""

    @property
    def main(self) -> Move | None:
        """The move that the big button stands for."""
        return self.moves[0] if self.moves else None


@dataclass(frozen=True, slots=True)
class Ground:
    """What the box is built from; read once by the page."""

    actor: Actor
    case: Case
    offer: Offer
    steps: tuple[Step, ...]
    items: tuple[WorkItem, ...]
    names: Mapping[int, str]
    frame: Frame
    waiting: tuple[str, ...] = ()
    wanted: int = 0
    barred: str = ""
    grant_effect: str = ""
    signing: Signing = field(default_factory=Signing)


def chosen_step(steps: Iterable[Step], wanted: int) -> Step | None:
    """The step asked for, else the first of the actor's steps; corrections are made elsewhere."""
    mine = [step for step in steps if step.is_mine and step.task.act != SUPPLEMENT]
    return next((step for step in mine if step.item.pk == wanted), mine[0] if mine else None)


def box_of(ground: Ground) -> Box:
    """The whole box."""
    chosen = chosen_step(ground.steps, ground.wanted)
    others = tuple(held_of(step, ground.frame, ground.names) for step in ground.steps if step is not chosen)
    asked = ground.signing.asked(ground.wanted)
    if chosen is None or (asked is not None and asked.item == ground.wanted):
        return Box(None, others=others, asked=asked)
    targets = _targets(ground.items, ground.names)
    form = ground.offer.task_forms.get(chosen.task.form) if chosen.task.form else None
    return Box(
        item=held_of(chosen, ground.frame, ground.names),
        moves=tuple(_moves(ground, chosen, targets)),
        targets=targets,
        colleagues=_colleagues(chosen, ground.actor),
        others=others,
        form_title=form.title if form else "",
        form_url=reverse("desk:task", args=[chosen.item.pk]) if form else "",
        opinion_label=_("%(step)s意见") % {"step": chosen.node.label},
        waiting=ground.waiting,
        askable=_askable(ground, chosen),
        names_signers=chosen.item.node in ground.offer.graph.naming,
    )


def names_of(persons: Iterable[int | None]) -> dict[int, str]:
    """Names of members of staff by id; one query, none for nobody."""
    wanted = {person for person in persons if person}
    return dict(Person.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def held_of(step: Step, frame: Frame, names: Mapping[int, str]) -> Held:
    """An open step as the page tells of it."""
    item = step.item
    who = names.get(item.person or 0, "") or (_("待领办") if item.post else _("申请人"))
    return Held(
        id=item.pk,
        step=step.node.label,
        act=step.task.act,
        due=due_words(item.due, frame),
        is_pooled=item.person is None,
        is_mine=step.is_mine,
        is_unread=item.read is None,
        who=who,
    )


def _moves(ground: Ground, step: Step, targets: tuple[Target, ...]) -> list[Move]:
    found = [_own(ground, step, key, label) for key, label in step.moves.items()]
    if step.task.act != INTAKE or targets:
        found.append(_return(step.item, targets))
    found.append(Move(TRANSFER, _("转办"), TRANSFER, reverse("desk:transfer", args=[step.item.pk]), button=_("转办")))
    found.append(Move(ASK, _("加签"), ASK, reverse("desk:ask", args=[step.item.pk]), button=_("征求意见")))
    found.append(Move(OTHER, _("其他"), OTHER, ""))
    return found


def _own(ground: Ground, step: Step, key: str, label: str) -> Move:
    leads = _leads(ground, step, key)
    return Move(
        key=key,
        label=label,
        panel=SPECIAL.get((step.task.act, key), "form" if step.task.form else "plain"),
        url=reverse("desk:decide", args=[step.item.pk]),
        leads=leads,
        needs_reason=needs_reason(step.task.act, key),
        why_not=_why_not(ground, step, key),
        button=_button(label, leads),
        effect=ground.grant_effect if (step.task.act, key) == (SIGN, GRANT) else "",
    )


def _leads(ground: Ground, step: Step, key: str) -> tuple[Lead, ...]:
    values = dict(step.item.instance.values) | {step.item.node: key}
    nodes = next_nodes(ground.offer.graph, step.item.node, values)
    return tuple(Lead(node.label, _doers(ground, node)) for node in nodes)


def _doers(ground: Ground, node: Node) -> str:
    if node.task is None:
        return ""
    board = CaseBoard(ground.case, ground.case.subject, ground.offer, ground.actor)
    try:
        post = board.assign(node, None).post
    except NoPost as refusal:
        return str(refusal.message)
    return "、".join(person.name for person in holders_of(post)) if post else _("申请人")


def _button(label: str, leads: tuple[Lead, ...]) -> str:
    if len(leads) != 1 or leads[0].step in label:
        return label
    return _("%(label)s，转%(next)s") % {"label": label, "next": leads[0].step}


def _why_not(ground: Ground, step: Step, key: str) -> Text:
    if ground.case.status == Case.Status.SUSPENDED:
        return _("本件已中止，恢复以后才能办")
    if step.item.pk in ground.signing.awaiting:
        return _("加签的意见还没有到齐；等他们提了意见再办，或者先收回加签")
    if step.task.certified and not ground.actor.certified:
        return _("这一步要由持行政执法证的人员办（行政处罚法第四十二条）")
    if (step.task.act, key) == (INTAKE, CORRECT) and _was_corrected(ground.case.pk):
        return _("补正只能一次性告知，已经告知过了（行政许可法第三十二条第四项）")
    if ground.waiting and (step.task.act == JUDGE or (step.task.act, key) == (SIGN, GRANT)):
        return _("还差 %(count)s 项判断，判断后才能提交") % {"count": len(ground.waiting)}
    if ground.barred and (step.task.act, key) == (SIGN, GRANT):
        return ground.barred
    return ""


def _was_corrected(case: int) -> bool:
    return Notice.objects.filter(subject=case, kind=Notice.Type.CORRECTIONS).exists()


def _return(item: WorkItem, targets: tuple[Target, ...]) -> Move:
    why_not = "" if targets else _("前面没有可以退回的环节")
    url = reverse("desk:return", args=[item.pk])
    return Move(RETURN, _("退回"), RETURN, url, needs_reason=True, why_not=why_not, button=_("退回"))


def _targets(items: Iterable[WorkItem], names: Mapping[int, str]) -> tuple[Target, ...]:
    """Every step done, latest first; one that several people signed stands once, and not while it is open."""
    live = {(item.node, item.group) for item in items if item.group is not None and item.state == WorkItem.State.OPEN}
    steps: dict[tuple[str, int], WorkItem] = {}
    for item in sorted(items, key=lambda item: item.pk):
        if item.state == WorkItem.State.DONE and (item.node, item.group) not in live:
            steps[item.node, item.group or -item.pk] = item
    done = sorted(steps.values(), key=lambda item: -item.pk)
    return tuple(
        Target(
            item.pk, item.label, names.get(item.person or 0, ""), f"{localtime(item.done):%m-%d}" if item.done else ""
        )
        for item in done
    )


def _askable(ground: Ground, step: Step) -> tuple[Colleague, ...]:
    unit = directory().units[step.item.unit or ground.case.unit_id]
    found = {row.person_id: row for row in colleagues(unit, step.task.consult).exclude(person=ground.actor.person)}
    return tuple(
        Colleague(row.person_id, row.person.name, f"{row.post.unit.short_name} {row.post.name}")
        for row in found.values()
    )


def _colleagues(step: Step, actor: Actor) -> tuple[Colleague, ...]:
    same = current_holdings().filter(post__unit=step.item.unit, post__role=step.task.role).exclude(person=actor.person)
    return tuple(
        Colleague(row.person_id, row.person.name, f"{row.post.unit.short_name} {row.post.name}")
        for row in same.order_by("since", "pk")
    )
