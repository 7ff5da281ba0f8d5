"""How a leg moves, which receipt counts, which message is new, and who may approve. Plain values only.

The addressee's node alone decides the state of a leg and numbers each change; the sender's node follows its receipts.
So both end in one state, however messages are lost, repeated or overtaken.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from yiwang.kernel.base.refusals import NotPermitted
from yiwang.kernel.dispatch.refusals import (
    BehindFloor,
    LegClosed,
    LegOpened,
    LegUnderway,
    LegWithdrawn,
    ReceiptContradicts,
    SecondOfficerMissing,
)


class State(StrEnum):
    """Where a leg stands."""

    UNDERWAY = "underway"
    ARRIVED = "arrived"
    OPENED = "opened"
    SIGNED = "signed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """What may happen to a leg at its addressee."""

    ARRIVE = "arrive"
    OPEN = "open"
    SIGN = "sign"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REJECT = "reject"


FINAL = frozenset({State.SIGNED, State.REFUSED, State.WITHDRAWN})
READABLE = frozenset({State.OPENED, State.SIGNED, State.REFUSED})
MOVES: dict[Verb, tuple[frozenset[State], State]] = {
    Verb.ARRIVE: (frozenset({State.UNDERWAY}), State.ARRIVED),
    Verb.OPEN: (frozenset({State.ARRIVED}), State.OPENED),
    Verb.SIGN: (frozenset({State.ARRIVED, State.OPENED}), State.SIGNED),
    Verb.REFUSE: (frozenset({State.ARRIVED, State.OPENED}), State.REFUSED),
    Verb.WITHDRAW: (frozenset({State.UNDERWAY, State.ARRIVED}), State.WITHDRAWN),
    Verb.REJECT: (frozenset({State.UNDERWAY}), State.REFUSED),
}
OFFICERS = frozenset({"system", "security"})


@dataclass(frozen=True, slots=True)
class Standing:
    """State of a leg and the number of its last change, 0 before it has arrived."""

    state: State = State.UNDERWAY
    version: int = 0


def step(standing: Standing, verb: Verb) -> Standing:
    """The standing after a verb at the addressee; opening again changes nothing.

    Raises LegUnderway, LegWithdrawn, LegClosed, and LegOpened where it is too late to withdraw.
    """
    begins, after = MOVES[verb]
    if standing.state in begins:
        return Standing(after, standing.version + 1)
    if verb == Verb.OPEN and standing.state in READABLE:
        return standing
    raise _barred(standing.state, verb)


def _barred(state: State, verb: Verb) -> Exception:
    if verb == Verb.WITHDRAW and state != State.WITHDRAWN:
        return LegOpened()
    if state == State.WITHDRAWN:
        return LegWithdrawn()
    return LegUnderway() if state == State.UNDERWAY else LegClosed()


def ask_withdrawal(standing: Standing) -> None:
    """Whether the sender may still ask, as far as he knows. Raises LegOpened, LegWithdrawn."""
    step(standing, Verb.WITHDRAW)


def check_urge(standing: Standing) -> None:
    """Whether urging still makes sense. Raises LegWithdrawn, LegClosed."""
    if standing.state in FINAL:
        raise LegWithdrawn() if standing.state == State.WITHDRAWN else LegClosed()


def follow(known: Standing, told: Standing) -> Standing:
    """What the sender knows after a receipt: the later change counts, whatever came first.

    Raises ReceiptContradicts when one number stands for two states, or a state that cannot follow.
    """
    if told.version < 1 or told.state == State.UNDERWAY:
        raise ReceiptContradicts()
    if told.version == known.version and told.state != known.state:
        raise ReceiptContradicts()
    if told.version > known.version and known.state in FINAL:
        raise ReceiptContradicts()
    return told if told.version > known.version else known


@dataclass(frozen=True, slots=True)
class Floor:
    """What a receiver remembers of a sender: the epoch, and the number up to which all is settled."""

    epoch: int = 0
    number: int = 0


def admit(floor: Floor, epoch: int, number: int, settled: int) -> Floor:
    """The floor after a message that may be new. Raises BehindFloor for one that cannot be.

    `settled` is what the sender will never send again; ids at or below it need not be kept. Time plays no part.
    """
    if epoch < floor.epoch:
        raise BehindFloor()
    base = floor if epoch == floor.epoch else Floor(epoch, 0)
    if number <= max(base.number, settled):
        raise BehindFloor()
    return Floor(epoch, max(base.number, settled))


def settled_up_to(last: int, unsettled: Iterable[int]) -> int:
    """The number up to which every message was stored, cancelled or given up."""
    return min(unsettled, default=last + 1) - 1


def check_officer(role: str) -> None:
    """Trust between nodes is changed by system and security officers. Raises NotPermitted."""
    if role not in OFFICERS:
        raise NotPermitted()


@dataclass(frozen=True, slots=True)
class Officer:
    """Who proposes or approves: account, role of an officer, person behind it where known."""

    account: int
    role: str
    person: int | None = None


def check_second(first: Officer, second: Officer) -> None:
    """Two officers of different roles, never one account or one person (三员). Raises NotPermitted, or its kind."""
    check_officer(second.role)
    is_same_person = first.person is not None and first.person == second.person
    if first.account == second.account or first.role == second.role or is_same_person:
        raise SecondOfficerMissing()
