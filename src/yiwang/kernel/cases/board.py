"""The board on which the engine plays a case: who does a step, until when, what a step books or issues."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from yiwang.kernel.access.principals import of_person, of_post
from yiwang.kernel.access.queries import sees
from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.refusals import CertificateNeeded, NoPost, NotYourItem
from yiwang.kernel.cases.signers import signers_of
from yiwang.kernel.cases.types import Offer
from yiwang.kernel.clock import services as clock
from yiwang.kernel.clock.calendars import workdays
from yiwang.kernel.clock.limits import Unit
from yiwang.kernel.clock.rules import Span, due_of
from yiwang.kernel.jobs.services import Order
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import Event
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Person, Post
from yiwang.kernel.org.models import Unit as OrgUnit
from yiwang.kernel.outputs.rules import Decided
from yiwang.kernel.outputs.sealing import use_for
from yiwang.kernel.process.board import Alarm, Assignment, Card, Held, StepCall, StepDone, StepUndo
from yiwang.kernel.process.graph import Limit, Node, Task

TIMER = "cases.timer"
REACTION = "cases.reaction"
INTAKE, SUPPLEMENT = "intake", "supplement"
MINUTE = "min"
UNITS = {"wd": Unit.WORKING_DAY, "d": Unit.DAY, "h": Unit.HOUR}


def task_of(node: Node) -> Task:
    """The task of a user step. Raises LookupError for any other node."""
    if node.task is None:
        raise LookupError(node.id)
    return node.task


@dataclass
class CaseBoard:
    """Answers the engine for one case inside one action, and gathers what the action has to write afterwards."""

    case: Case
    subject: Subject
    offer: Offer
    actor: Actor
    source: str = ""
    held: dict[int, Subject] = field(default_factory=dict)
    at: datetime = field(default_factory=now)
    answers: dict[str, object] | None = None
    shown: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    guard: Callable[[Task], None] | None = None
    task: Task = field(default_factory=Task)
    gained: set[int] = field(default_factory=set)

    def card(self) -> Card:
        """Number, title and applicant, as the worklist shows them."""
        return Card(self.subject.kind_id, self.case.number, self.case.title, self.source or self._party_name())

    def _party_name(self) -> str:
        return self.case.party.name if self.case.party is not None else ""

    def admit(self, item: Held, node: Node) -> None:
        """Raise NotFound, NotYourItem or CertificateNeeded for who may not do it; then ask the action’s guard."""
        self.task = task_of(node)
        if self.actor.account != 0:
            if not is_mine(self.actor, item, node, self.case):
                raise NotYourItem() if sees(self.actor, self.subject.pk) else NotFound()
            if task_of(node).certified and not self.actor.certified and not item.is_question:
                raise CertificateNeeded()
        if self.guard is not None:
            self.guard(self.task)

    def assign(self, node: Node, former: int | None) -> Assignment:
        """The post's pool; a step done before goes back to the person who did it."""
        if task_of(node).act == SUPPLEMENT:
            return Assignment(unit=self.case.unit_id)
        post = self._post(node)
        self.gained.add(of_post(post.pk))
        return Assignment(post=post.pk, person=former, unit=post.unit_id)

    def signers(self, node: Node, named: Sequence[int]) -> list[Assignment]:
        """Who signs a joint step, by the rule of the diagram; whoever has no sight of the case gets it."""
        found = signers_of(task_of(node), self._unit(task_of(node).unit), named)
        self.gained |= {of_person(one.person) if one.person else of_post(one.post or 0) for one in found}
        return found

    def name(self, person: int) -> str:
        """The name of a member of staff."""
        return Person.objects.values_list("name", flat=True).get(pk=person)

    def moment(self, limit: Limit, start: datetime) -> datetime:
        """`start` plus a limit on the calendar of the node; minutes run through like hours."""
        if limit.unit == MINUTE:
            return start + timedelta(minutes=limit.amount)
        unit = UNITS[limit.unit]
        return due_of(Span(unit, limit.amount, clock.local(start)), workdays()).moment

    def resumed(self, moment: datetime, since: datetime) -> datetime:
        """A moment moved by the working days that passed since the suspension."""
        days, left = workdays(), clock.local(since).date()
        span = Span(Unit.WORKING_DAY, days.count(left, clock.local(moment).date()), clock.local(now()))
        return due_of(span, days).moment

    def run_step(self, call: StepCall) -> StepDone:
        """Do a registered step in this transaction."""
        return step_named(call.name).run(self, call)

    def undo_step(self, step: StepUndo) -> None:
        """Undo a registered step."""
        step_named(step.name).undo(self, step)

    def queue_reaction(self, call: StepCall) -> None:
        """Put a reaction off until after the commit; it reports with `cases.actions.finish_reaction`.

        Raises SealSuspended and what else `use_for` refuses: who signs must learn of it, not the worker.
        """
        paper = self.offer.outputs.get(call.parameters.get("output", ""))
        if paper is not None:
            use_for(self.case.unit_id, paper, Decided(self.actor.account, self.actor.post))
        args = {"case": self.subject.pk, "name": call.name, "parameters": dict(call.parameters)}
        self.orders.append(Order(REACTION, ref=call.item, line=self.subject.pk, args=args))

    def arm(self, alarms: Sequence[Alarm]) -> None:
        """Put timers off until they are due."""
        self.orders += [self._alarm(alarm) for alarm in alarms]

    def _alarm(self, alarm: Alarm) -> Order:
        return Order(TIMER, ref=alarm.item, args={"case": self.subject.pk, "timer": alarm.timer}, due=alarm.at)

    def _post(self, node: Node) -> Post:
        post = directory().post_of(self._unit(task_of(node).unit), task_of(node).role)
        if post is None:
            raise NoPost(facts={"role": task_of(node).role, "unit": self.case.unit_id})
        return post

    def _unit(self, rule: str) -> OrgUnit:
        return self.station if rule == "station" else self.case.unit

    @cached_property
    def station(self) -> OrgUnit:
        """The township station of the place, else the unit in charge."""
        place = self.case.division_id
        return (directory().unit_for(OrgUnit.Type.STATION, place) if place else None) or self.case.unit


def is_mine(actor: Actor, item: Held, node: Node, case: Case) -> bool:
    """Whether an open item is this actor's to do: his own, his post's pool, or the applicant's own step."""
    if task_of(node).act == SUPPLEMENT:
        return is_applicant(actor, case) or _is_at_the_window(actor, case)
    if item.person is not None:
        return item.person == actor.person
    return item.post is not None and actor.holds(item.post)


def _is_at_the_window(actor: Actor, case: Case) -> bool:
    """Whether the actor accepts applications for this unit, itself or in its window, and so may help to correct one."""
    post = directory().post_of(case.unit, INTAKE) if actor.is_staff else None
    return post is not None and actor.holds(post.pk)


def is_applicant(actor: Actor, case: Case) -> bool:
    """Whether the actor is the party of the case, or the clerk who filed it for him."""
    return (actor.party is not None and actor.party == case.party_id) or (
        actor.account > 0 and actor.account == case.filed_by
    )


@dataclass(frozen=True)
class StepRunner:
    """A kind of step 自动步骤 as the cases package runs it; `undo` is called at most once for each run."""

    name: str
    run: Callable[[CaseBoard, StepCall], StepDone]
    undo: Callable[[CaseBoard, StepUndo], None]


_runners: dict[str, StepRunner] = {}


def register_step(runner: StepRunner) -> None:
    """Add a runner. Raises ValueError when the name is taken by another."""
    if _runners.setdefault(runner.name, runner) is not runner:
        raise ValueError(f"step {runner.name!r} is registered twice")


def step_named(name: str) -> StepRunner:
    """The runner of this name. Raises LookupError when this code has none."""
    try:
        return _runners[name]
    except KeyError:
        raise LookupError(f"no step {name!r} is registered") from None
