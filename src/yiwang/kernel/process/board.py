"""What the engine asks the package that owns the case, and what it tells it. No tables, no Django.

The engine never sees posts, calendars, quotas or queues. Whoever calls it passes a `Board`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from yiwang.kernel.process.graph import Limit, Node

Plain = str | int | float | bool | None
"""A value of a declared variable, or one entry of a step's result."""


class Doer(Protocol):
    """Who acts; `org.actors.Actor` is one. `person` is None for the platform and for citizens."""

    @property
    def person(self) -> int | None:
        """The natural person among the staff, if any."""

    @property
    def post(self) -> int:
        """The post in which he acts, 0 for none."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Whose work an item becomes: a post's pool, one person, or neither (the applicant's own step)."""

    post: int | None = None
    person: int | None = None
    unit: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What the worklist shows of the case beside step and due date; `kind` is the number of the ledger kind."""

    kind: int = 0
    number: str = ""
    title: str = ""
    source: str = ""
    urgent: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A live item as the engine read it, before anything was changed."""

    id: int
    instance: int
    node: str
    post: int | None
    person: int | None
    unit: int | None
    is_question: bool = False
    """An opinion is asked for, no decision."""


@dataclass(frozen=True, slots=True)
class StepCall:
    """A step or reaction that has to be run: its registered name, the parameters drawn, the values now."""

    node: str
    name: str
    parameters: Mapping[str, str]
    values: Mapping[str, Plain]
    item: int = 0
    """The waiting item for a reaction, 0 for a step."""


@dataclass(frozen=True, slots=True)
class StepDone:
    """What a step gives back: `result` is kept for its undo, `values` go to declared variables."""

    result: Mapping[str, Plain] = field(default_factory=dict)
    values: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepUndo:
    """A step that must be undone, with what it gave back when it ran."""

    run: int
    node: str
    name: str
    parameters: Mapping[str, str]
    result: Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Call `services.fire_timer(item_id=item, timer=timer)` at `at`; a later alarm for the same pair replaces it."""

    item: int
    timer: str
    at: datetime


class Board(Protocol):
    """The owner of the case answers; every call happens inside the caller's transaction."""

    def card(self) -> Card:
        """How the case shows in worklists. Asked once a call, only when items open."""

    def admit(self, item: Held, node: Node) -> None:
        """Raise a refusal when the actor may not act on this item; asked before anything changes."""

    def assign(self, node: Node, former: int | None) -> Assignment:
        """Who does this step; `former` is the person who did it before it was rolled back, if any."""

    def signers(self, node: Node, named: Sequence[int]) -> Sequence[Assignment]:
        """Who signs a joint step, in order; `named` are the persons an earlier step named. Empty when nobody does."""

    def name(self, person: int) -> str:
        """How a refusal calls a person."""

    def moment(self, limit: Limit, start: datetime) -> datetime:
        """`start` plus a limit on the working calendar."""

    def resumed(self, moment: datetime, since: datetime) -> datetime:
        """A moment set before the suspension that began at `since`, moved to where it falls after it."""

    def run_step(self, call: StepCall) -> StepDone:
        """Do a step now, in this transaction; a refusal undoes the whole action."""

    def undo_step(self, step: StepUndo) -> None:
        """Undo a step that ran earlier. Called exactly once for each run, last run first."""

    def queue_reaction(self, call: StepCall) -> None:
        """Have a reaction done after commit; its action reports with `services.complete_reaction`."""

    def arm(self, alarms: Sequence[Alarm]) -> None:
        """Queue jobs for timers. An alarm of an item that closed meanwhile does nothing when it fires."""


@dataclass(frozen=True, slots=True)
class Leg:
    """An item that was entered or left."""

    item: int
    node: str
    label: str
    move: str = ""
    post: int | None = None
    person: int | None = None
    unit: int | None = None
    due: datetime | None = None
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one step of the engine did; facts for the ledger entry of the caller."""

    instance: int
    left: tuple[Leg, ...] = ()
    entered: tuple[Leg, ...] = ()
    steps: tuple[str, ...] = ()
    rolled: tuple[int, ...] = ()
    undone: tuple[str, ...] = ()
    decided: str = ""
    """The move with which a step was finished; empty while a joint step waits for others."""
    is_joint: bool = False
    ended: str = ""
    """Node id of the end by which the whole process ended, empty while it runs."""
    result: str = ""
    """What that end means, as the diagram says: `granted`, `denied` …; its node id when it says nothing."""
    ignored: bool = False
    """A late or repeated alarm or report that changed nothing."""

    def facts(self) -> dict[str, object]:
        """Small facts without personal data for a ledger entry."""
        pairs = {
            "left": [[leg.item, leg.node, leg.move] for leg in self.left],
            "entered": [[leg.item, leg.node] for leg in self.entered],
            "steps": list(self.steps),
            "rolled": list(self.rolled),
            "undone": list(self.undone),
            "decided": self.decided if self.is_joint else "",
            "ended": self.ended,
            "result": self.result,
        }
        return {key: value for key, value in pairs.items() if value}
