"""Who signs a step together, who was asked for an opinion, and what can be taken back, as the case page tells it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiwang.kernel.base.refusals import Text
from yiwang.kernel.cases.models import Case, Opinion
from yiwang.kernel.cases.queries import Step
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Person
from yiwang.kernel.process.graph import Graph, Joint, Rule
from yiwang.kernel.process.joint import needed
from yiwang.kernel.process.models import Instance, WorkItem
from yiwang.kernel.process.withdrawal import withdrawable
from yiwang.sites.desk.queries.flow import together

State = WorkItem.State
BEFORE = WorkItem.Asking.BEFORE
PHASES = {
    State.OPEN: ("now", gettext_lazy("等他签")),
    State.DONE: ("done", gettext_lazy("已签")),
    State.CANCELLED: ("spared", gettext_lazy("不用签了")),
}


@dataclass(frozen=True, slots=True)
class Signature:
    """One signer: `phase` is `done`, `now`, `later` or `spared`."""

    name: str
    phase: str
    label: Text
    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A step that several people sign, with the rule that decides it."""

    step: str
    rule: str
    signatures: tuple[Signature, ...]

    @property
    def signed(self) -> int:
        """How many have signed."""
        return sum(one.phase == "done" for one in self.signatures)


@dataclass(frozen=True, slots=True)
class Question:
    """An opinion somebody was asked for, and what he said."""

    item: int
    step: str
    asked_by: str
    name: str
    manner: Text
    label: Text
    is_open: bool
    is_mine: bool
    is_unread: bool
    may_take_back: bool
    words: str = ""
    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A step its doer may take back."""

    item: int
    step: str
    url: str


@dataclass(frozen=True, slots=True)
class Signing:
    """Everything of this kind on one case page."""

    panels: tuple[Panel, ...] = ()
    questions: tuple[Question, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    awaiting: frozenset[int] = frozenset()
    """Steps that wait for opinions asked before their decision."""

    def asked(self, wanted: int) -> Question | None:
        """The opinion the reader is asked for: the item wanted, else the first."""
        mine = [one for one in self.questions if one.is_open and one.is_mine]
        return next((one for one in mine if one.item == wanted), mine[0] if mine else None)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said on an item: the label under which it is kept, and the words."""

    label: str
    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Rows:
    """What the page has read of the case."""

    actor: Actor
    case: Case
    graph: Graph
    items: tuple[WorkItem, ...]
    asked: tuple[WorkItem, ...]
    names: Mapping[int, str]


def signing_of(rows: Rows, steps: Iterable[Step]) -> Signing:
    """What a case page tells of signers; none, one, or three queries."""
    items, asked = rows.items, rows.asked
    groups = [item for item in items if item.group is not None]
    wanted = [one.pk for one in (*asked, *groups)] + [one.asker or 0 for one in asked]
    said = _said(rows.case.pk, wanted) if wanted else {}
    running = [one for one in items if one.instance_id == items[-1].instance_id] if rows.case.is_open else []
    mine = frozenset(step.item.pk for step in steps if step.is_mine)
    return Signing(
        panels=tuple(_panels(rows, groups, said)) if groups else (),
        questions=tuple(_question(rows, row, said, mine) for row in asked),
        withdrawals=tuple(
            Withdrawal(one.pk, one.label, reverse("desk:withdraw", args=[one.pk]))
            for one in withdrawable(rows.graph, running, rows.actor.person)
        ),
        awaiting=frozenset(one.asker or 0 for one in asked if (one.state, one.asking) == (State.OPEN, BEFORE)),
    )


def _said(case: int, items: Iterable[int]) -> dict[tuple[int, str], Said]:
    """What was said last on each item, and what was asked on it."""
    rows = Opinion.objects.filter(subject=case, item__in=set(items)).order_by("pk")
    return {
        (row.item or 0, "ask" if row.move == "ask" else "said"): Said(row.label, row.text, row.name)
        for row in rows
        if row.move != "withdraw"
    }


def _panels(rows: Rows, groups: Sequence[WorkItem], said: Mapping[tuple[int, str], Said]) -> Iterator[Panel]:
    """The latest joint sign at each step, in the order of the steps."""
    latest: dict[str, list[WorkItem]] = {}
    for item in sorted(groups, key=lambda one: (one.group or 0, one.order, one.pk)):
        latest[item.node] = [*together(latest.get(item.node, []), item), item]
    later = _later(groups[-1].instance_id)
    for node, items in latest.items():
        task = rows.graph.task(node)
        shown = [item for item in items if item.state in PHASES]
        if task.joint is not None and shown:
            size = len(shown) + len(later.get(node, ()))
            signatures = [_signature(item, rows.names, said) for item in shown]
            waiting = [Signature(name, "later", _("还没有轮到")) for name in later.get(node, ())]
            yield Panel(rows.graph.nodes[node].label, _rule(task.joint, size), (*signatures, *waiting))


def _later(instance: int) -> dict[str, list[str]]:
    """Names of those whose turn comes later, by step."""
    groups = Instance.objects.values_list("marking", flat=True).get(pk=instance).get("groups", {})
    todo = {node: [one[1] for one in group["todo"]] for node, group in groups.items() if not group["is_over"]}
    wanted = {person for persons in todo.values() for person in persons}
    known = dict(Person.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
    return {node: [known.get(person, str(_("岗位"))) for person in persons] for node, persons in todo.items()}


def _signature(item: WorkItem, names: Mapping[int, str], said: Mapping[tuple[int, str], Said]) -> Signature:
    phase, label = PHASES[State(item.state)]
    words = said.get((item.pk, "said"))
    is_done = item.state == State.DONE
    return Signature(
        name=names.get(item.person or 0, "") or str(_("待领办")),
        phase=phase,
        label=words.label if is_done and words else item.note if item.state == State.CANCELLED else label,
        text=words.text if is_done and words else "",
        at=item.done if is_done else None,
    )


def _rule(joint: Joint, size: int) -> str:
    words = {
        Rule.ALL: _("全体 %(size)s 人都要签，都同意才算同意"),
        Rule.RATIO: _("%(size)s 人中 %(needed)s 人同意就算同意"),
        Rule.VETO: _("%(size)s 人会签，一人不同意即不同意"),
    }
    told = words[joint.rule] % {"size": size, "needed": needed(joint, size)}
    return f"{told}，{_('依次签') if joint.sequential else _('同时签')}"


def _question(rows: Rows, row: WorkItem, said: Mapping[tuple[int, str], Said], mine: frozenset[int]) -> Question:
    asked, answer = said.get((row.asker or 0, "ask")), said.get((row.pk, "said"))
    is_open = row.state == State.OPEN
    return Question(
        item=row.pk,
        step=row.label,
        asked_by=asked.name if asked else "",
        name=rows.names.get(row.person or 0, ""),
        manner=WorkItem.Asking(row.asking).label,
        label=_("已提意见") if answer else _("等他提意见") if is_open else row.note,
        is_open=is_open,
        is_mine=row.person == rows.actor.person,
        is_unread=row.read is None,
        may_take_back=is_open and row.asker in mine,
        words=asked.text if asked else "",
        text=answer.text if answer else "",
        at=row.done if answer else None,
    )
