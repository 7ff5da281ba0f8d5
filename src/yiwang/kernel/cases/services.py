"""Steps shared by the actions on a case: load it under lock, play a move, write what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yiwang.kernel.access import services as access
from yiwang.kernel.cases.board import CaseBoard
from yiwang.kernel.cases.models import Case, Notice, Opinion
from yiwang.kernel.cases.refusals import CaseClosed
from yiwang.kernel.cases.rules import INTAKE, SIGN, result_of
from yiwang.kernel.cases.types import offer_of
from yiwang.kernel.clock import services as clock
from yiwang.kernel.clock.queries import clocks_of
from yiwang.kernel.clock.refusals import ExtensionNotPermitted
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.ledger.services import Event, lock, record
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.process.board import Leg, Outcome
from yiwang.kernel.process.models import WorkItem

Facts = Mapping[str, object]


@dataclass
class Turn:
    """One action on one case: the board it is played on, and the events it will record."""

    board: CaseBoard
    before: tuple[object, ...]
    digest: str = ""

    @property
    def case(self) -> Case:
        """The case, locked."""
        return self.board.case

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.board.actor

    @property
    def at(self) -> datetime:
        """The moment of the action."""
        return self.board.at

    def note(self, verb: str, facts: Facts | None = None) -> None:
        """Add an event to be recorded at the end of the action."""
        self.board.events.append(Event(self.board.subject, verb, facts or {}))


def begin(case_id: int, actor: Actor, *others: int) -> Turn:
    """Lock a case, and other subjects the action will touch, and load it. Raises NotFound, CaseClosed."""
    turn = begin_anyway(case_id, actor, *others)
    if not turn.case.is_open:
        raise CaseClosed()
    return turn


def begin_anyway(case_id: int, actor: Actor, *others: int) -> Turn:
    """The same for what the platform does by itself, which must not stumble over a case that has ended meanwhile."""
    held = lock(case_id, *others)
    case = Case.objects.select_related("party").get(pk=case_id)
    case.unit = directory().units[case.unit_id]
    board = CaseBoard(case, held[case_id], offer_of(case.version_id), actor, held=held)
    return Turn(board, shown_of(case))


def shown_of(case: Case) -> tuple[object, ...]:
    """What of the row may change in an action."""
    return (case.status, case.due, case.closed, case.result, case.accepted, case.received)


def finish(turn: Turn, outcome: Outcome | None = None) -> list[Entry]:
    """Write what an action led to: sight for new posts, the end of the case, its row, its ledger entries."""
    if outcome is not None and outcome.ended:
        close(turn, result_of(outcome.ended))
    if turn.board.gained:
        access.grant(turn.board.subject, turn.board.gained, state=access_state(turn.case), at=sorting_moment(turn.case))
    if shown_of(turn.case) != turn.before:
        _save(turn)
    return record(*turn.board.events, actor=turn.actor, orders=turn.board.orders)


def _save(turn: Turn) -> None:
    case = turn.case
    case.save(update_fields=["status", "due", "closed", "result", "accepted", "received"])
    access.move(turn.board.subject, state=access_state(case), at=sorting_moment(case))


def access_state(case: Case) -> int:
    """State under which lists find the case: 0 open, 1 closed."""
    return int(not case.is_open)


def sorting_moment(case: Case) -> datetime:
    """What lists sort by: the due moment while open, the moment of closing afterwards."""
    return case.closed or case.due or case.opened


def close(turn: Turn, result: str) -> None:
    """End the case with a result; every clock stops."""
    turn.case.status, turn.case.result, turn.case.closed = Case.Status.CLOSED, result, turn.at
    clock.stop(turn.case.pk, at=turn.at)
    turn.note("case.closed", {"result": result})


def was_signed(turn: Turn) -> bool:
    """Whether a signing step of the case was done and still stands."""
    nodes = turn.board.offer.graph.nodes.values()
    signing = [node.id for node in nodes if node.task is not None and node.task.act == SIGN]
    done = WorkItem.objects.filter(subject=turn.case.pk, node__in=signing, state=WorkItem.State.DONE, asking=0)
    return any(item.group is None or item.node in item.values for item in done)


def require_approver(turn: Turn, limit: str) -> None:
    """Raise ExtensionNotPermitted unless the actor holds the post of the organ itself that may extend (art. 42)."""
    known = turn.board.offer.spec.limits.get(limit)
    if known is None or known.extension is None:
        return
    post = directory().post_of(turn.case.unit, known.extension.approver)
    if post is None or not turn.actor.holds(post.pk):
        raise ExtensionNotPermitted(rule=str(known.extension.basis), facts={"role": known.extension.approver})


def accept(turn: Turn, *, at: datetime, by_silence: bool = False) -> None:
    """The case is accepted from `at`: the statutory and the promised limit begin (行政许可法 art. 32, 42)."""
    case, limits = turn.case, turn.board.offer.spec.limits
    clock.stop(case.pk, "acceptance", at=turn.at)
    running = clock.start(case.pk, [limits[name] for name in ("statutory", "promised") if name in limits], at=at)
    case.status, case.accepted = Case.Status.ACCEPTED, at
    case.due = min((row.due_at for row in running), default=None)
    add_notice(turn, Notice.Type.ACCEPTANCE, {"by_silence": by_silence, "due": [str(row.due) for row in running]})
    turn.note("case.accepted", {"by_silence": by_silence, "due": case.due.isoformat() if case.due else ""})


def next_due(turn: Turn) -> datetime | None:
    """The nearest end of the limits that run, paused ones left out; what it was where none runs."""
    running = [row.due_at for row in clocks_of(turn.case.pk) if row.stopped_at is None and row.paused_at is None]
    return min(running, default=turn.case.due)


def receive(turn: Turn) -> None:
    """The application is in the office's hands: five working days to say what becomes of it (art. 32)."""
    limit = turn.board.offer.spec.limits.get("acceptance")
    turn.case.received = turn.at
    if limit is not None:
        turn.case.due = clock.start(turn.case.pk, [limit], at=turn.at)[0].due_at


def take_up(turn: Turn) -> None:
    """A matter that nobody has to accept is in hand from the moment it is opened; its limits run from then."""
    limits = turn.board.offer.spec.limits
    running = clock.start(
        turn.case.pk, [limits[name] for name in ("statutory", "promised") if name in limits], at=turn.at
    )
    turn.case.status, turn.case.accepted = Case.Status.ACCEPTED, turn.at
    turn.case.due = min((row.due_at for row in running), default=None)


def decided(turn: Turn) -> None:
    """The decision is made: its limits stop, the one for handing it over begins (art. 44)."""
    clock.stop(turn.case.pk, "statutory", "promised", at=turn.at)
    limit = turn.board.offer.spec.limits.get("delivery")
    if limit is not None:
        turn.case.due = clock.start(turn.case.pk, [limit], at=turn.at)[0].due_at


def undecided(turn: Turn) -> None:
    """A decision was rolled back: its limits run on as if it had never been made."""
    clock.stop(turn.case.pk, "delivery", at=turn.at)
    running = clock.reopen(turn.case.pk, "statutory", "promised")
    turn.case.due = min((row.due_at for row in running), default=turn.case.due)


def unwind(turn: Turn, outcome: Outcome) -> None:
    """What follows when steps were rolled back: a decision is none any more, an acceptance is looked at again."""
    graph = turn.board.offer.graph
    if outcome.undone:
        undecided(turn)
    at_intake = any(graph.task(leg.node).act == INTAKE for leg in outcome.entered if graph.nodes[leg.node].task)
    if at_intake and turn.case.status == Case.Status.ACCEPTED:
        turn.note("case.reexamined")


def add_opinion(turn: Turn, leg: Leg, text: str, label: str) -> Opinion:
    """Keep what the actor said at a step."""
    actor = turn.actor
    return Opinion.objects.create(
        subject_id=turn.case.pk,
        item=leg.item,
        node=leg.node,
        step=leg.label,
        move=leg.move,
        label=label,
        text=text,
        person=actor.person,
        name=actor.name,
        post=post_name(actor),
        at=turn.at,
    )


def post_name(actor: Actor) -> str:
    """Unit and post in which he acts, as printed beside his name."""
    return next((f"{held.unit_name} {held.name}" for held in actor.posts if held.post == actor.post), "")


def add_notice(turn: Turn, kind: Notice.Type, body: Mapping[str, object]) -> Notice:
    """Give the applicant a dated paper."""
    return Notice.objects.create(subject_id=turn.case.pk, kind=kind, body=dict(body), name=turn.actor.name, at=turn.at)
