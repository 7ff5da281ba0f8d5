"""One step of the engine on the tables: read the state, let the token move, write what changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import StaleState
from yiwang.kernel.process.board import Alarm, Assignment, Board, Leg, Outcome, Plain, StepCall, StepDone
from yiwang.kernel.process.definitions import graph_of
from yiwang.kernel.process.graph import Joint, Node, NodeKind
from yiwang.kernel.process.groups import open_group, signers_of
from yiwang.kernel.process.models import Instance, WorkItem
from yiwang.kernel.process.state import Group, State
from yiwang.kernel.process.statements import ItemRow, NewItem, NewRun, Writes
from yiwang.kernel.process.tokens import MarkingBroken, Token, Walk

RUNNING = int(Instance.Status.RUNNING)
SUSPENDED = int(Instance.Status.SUSPENDED)
ENDED = int(Instance.Status.ENDED)
OPEN = int(WorkItem.State.OPEN)
WAITING = int(WorkItem.State.WAITING)
DONE = int(WorkItem.State.DONE)
CANCELLED = int(WorkItem.State.CANCELLED)


@dataclass(slots=True)
class Step:
    """A step of the engine under way: state, board, moment, and what it did so far. `finish` writes it all."""

    state: State
    board: Board
    status: int = RUNNING
    at: datetime = field(default_factory=now)
    former: Mapping[str, int] = field(default_factory=dict)
    """Person who did a node before it was rolled back."""
    note: str = ""
    left: list[Leg] = field(default_factory=list)
    entered: list[Leg] = field(default_factory=list)
    runs: list[NewRun] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    rolled: tuple[int, ...] = ()
    undone: tuple[str, ...] = ()
    decided: str = ""
    is_joint: bool = False
    writes: Writes = field(init=False)
    fresh: list[tuple[Node, NewItem]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writes = Writes(self.at)

    def leave(self, node: Node, item: int, person: int | None, move: str, stored: object) -> None:
        """Close an item as done; its token is still to be sent on."""
        self.close(node, item, person, move, stored)
        self.state.close(node.id)
        self.decided = move

    def close(self, node: Node, item: int, person: int | None, move: str, stored: object) -> None:
        """Close an item as done; its step may go on with others."""
        turn = self.state.turn + 1
        self.writes.close(item, state=DONE, person=person, move=move, values=stored, turn=turn)
        self.left.append(Leg(item, node.id, node.label, move))

    def end_questions(self, item: int) -> None:
        """Nobody need answer any more what the holder of an item asked."""
        self.writes.end_questions(item, state=CANCELLED, note="经办人已经办理，不用再提意见")

    def hand(self, node: Node, item: int, to: Assignment, due: datetime | None) -> None:
        """An item went to other hands; it stays live."""
        self.left.append(Leg(item, node.id, node.label, "transfer"))
        self.entered.append(Leg(item, node.id, node.label, "", to.post, to.person, to.unit, due))

    def rearm(self, item: int, node: str, since: datetime | None) -> None:
        """Set the timers of an item again after a suspension; those set before `since` move."""
        for timer, text in self.state.timers.get(node, {}).items():
            at = datetime.fromisoformat(text)
            moved = at if since is None else self.board.resumed(at, since)
            self.state.arm(node, timer, moved)
            self.alarms.append(Alarm(item, timer, moved))

    def send(self, node: Node, token: Token) -> None:
        """Let a token leave `node` and settle; new items are opened, steps run, ends noted."""
        walk = Walk(self.state.graph, self.state.joins, self.state.values, self._run)
        walk.send(node, token)
        for end, arrived in walk.ended:
            self.runs.append(NewRun(end.id, "", {}, {}, arrived))
            self._reach(end.id)
        if walk.terminated:
            self._terminate()
        else:
            self.open(walk.opened)

    def open(self, tokens: list[tuple[Node, Token]]) -> None:
        """Open items for tokens that stay."""
        for node, token in tokens:
            self.enter(node)
            joint = node.task.joint if node.task else None
            rows = [self._alone(node, token)] if joint is None else self._together(node, joint, token)
            self.fresh += [(node, row) for row in rows]

    def enter(self, node: Node) -> None:
        """A token comes to rest at a node: it is live, its timers are set. Raises MarkingBroken for a second one."""
        state = self.state
        if node.id in state.live:
            raise MarkingBroken(f"two tokens at {node.id} of instance {state.instance}")
        state.live.append(node.id)
        for timer in node.timers if node.task else (node.id,) * (node.kind is NodeKind.TIMER):
            self._arm(node, state.graph.nodes[timer])

    def keep(self, node: Node, token: Token, done: StepDone) -> None:
        """Remember what a step gave back, for its undo, and take over its values."""
        stored = self.state.learn(done.values)
        name = node.service.name if node.service else ""
        self.runs.append(NewRun(node.id, name, dict(done.result), stored, token))

    def finish(self) -> Outcome:
        """Write everything, queue reactions and alarms, and tell the caller.

        Raises StaleState when somebody moved the instance since it was read.
        """
        state, is_over = self.state, not self.state.live
        if is_over and state.joins:
            raise MarkingBroken(f"instance {state.instance}: nothing is live, joins {sorted(state.joins)} wait")
        if self.fresh:
            rows = [row for _node, row in self.fresh]
            self.writes.open(state.subject, state.instance, self.board.card(), rows)
        if self.runs:
            self.writes.keep(state.instance, state.turn + 1, self.runs)
        result = state.result() if is_over else ""
        self.writes.save(state, ENDED if is_over else self.status, result, is_over)
        ids = self.writes.send()
        if ids is None:
            raise StaleState()
        for node, row in self.fresh:
            self._opened(node, ids[node.id, row.order], row)
        if self.alarms:
            self.board.arm(self.alarms)
        return self._outcome(is_over)

    def _outcome(self, is_over: bool) -> Outcome:
        return Outcome(
            instance=self.state.instance,
            left=tuple(self.left),
            entered=tuple(self.entered),
            steps=tuple(run.name for run in self.runs if run.name),
            rolled=self.rolled,
            undone=self.undone,
            decided=self.decided,
            is_joint=self.is_joint,
            ended=self.state.ends[-1] if is_over else "",
            result=self.state.result() if is_over else "",
        )

    def _run(self, node: Node, token: Token) -> None:
        if node.service is None:
            raise MarkingBroken(f"{node.id} is no service task")
        service, values = node.service, _plain(self.state.values)
        self.keep(node, token, self.board.run_step(StepCall(node.id, service.name, service.parameters, values)))

    def _reach(self, end: str) -> None:
        self.state.ends = [*(one for one in self.state.ends if one != end), end]

    def _terminate(self) -> None:
        state, left = self.state, [leg.item for leg in self.left]
        doomed = WorkItem.objects.filter(instance=state.instance, state__in=(OPEN, WAITING)).exclude(pk__in=left)
        doomed.update(state=CANCELLED, done=self.at, turn=state.turn + 1)
        state.live, state.timers, state.joins, state.groups, self.fresh = [], {}, {}, {}, []

    def _alone(self, node: Node, token: Token) -> NewItem:
        """The one item of a step, or of a reaction or timer."""
        holder = self.board.assign(node, self.former.get(node.id)) if node.task else Assignment()
        return self.row(node, holder, token, self.due(node))

    def _together(self, node: Node, joint: Joint, token: Token) -> list[NewItem]:
        """An item for every signer, or for the first when they sign one after the other."""
        signers, due = signers_of(self.state, self.board, node, joint), self.due(node)
        group = open_group(self.state, node, signers, token, due)
        first = signers[: 1 if joint.sequential else None]
        group["todo"] = [(one.post, one.person, one.unit) for one in signers[len(first) :]]
        return [self.signature(node, group, holder, place) for place, holder in enumerate(first, 1)]

    def signature(self, node: Node, group: Group, holder: Assignment, order: int) -> NewItem:
        """An item of one signer; the step has one due date for all."""
        due = datetime.fromisoformat(group["due"]) if group["due"] else None
        return replace(self.row(node, holder, Token.of(group["token"]), due), group=group["number"], order=order)

    def due(self, node: Node) -> datetime | None:
        """When a step or timer that opens now is due."""
        limit = node.task.limit if node.task else node.limit
        return self.board.moment(limit, self.at) if limit else None

    def row(self, node: Node, holder: Assignment, token: Token, due: datetime | None) -> NewItem:
        """An item for a holder."""
        return NewItem(
            node=node.id,
            state=OPEN if node.task else WAITING,
            post=holder.post,
            person=holder.person,
            unit=holder.unit,
            label=node.label,
            note=self.note,
            due=due,
            token=token,
        )

    def _arm(self, node: Node, timer: Node) -> None:
        if timer.limit is None:
            raise MarkingBroken(f"timer {timer.id} has no duration")
        self.state.arm(node.id, timer.id, self.board.moment(timer.limit, self.at))

    def _opened(self, node: Node, item: int, row: NewItem) -> None:
        waits = row.state == WAITING
        self.entered.append(Leg(item, node.id, node.label, "", row.post, row.person, row.unit, row.due, waits))
        if row.order <= 1:
            self.alarm(node, item)
        if node.service:
            call = StepCall(node.id, node.service.name, node.service.parameters, _plain(self.state.values), item)
            self.board.queue_reaction(call)

    def alarm(self, node: Node, item: int) -> None:
        """Queue the timers of a node under this item; a joint step has them under its first."""
        for timer, at in self.state.timers.get(node.id, {}).items():
            self.alarms.append(Alarm(item, timer, datetime.fromisoformat(at)))


def state_of(subject: int, row: ItemRow) -> State:
    """The state as stored with an item."""
    graph = graph_of(row.definition, row.digest)
    return State.of(row.instance, subject, row.turn, graph, row.values, row.marking)


def _plain(values: Mapping[str, object]) -> Mapping[str, Plain]:
    return {key: value for key, value in values.items() if value is None or isinstance(value, str | int | float)}
