"""The seeded simulator: two nodes, a storm between them, people on both sides who do things at the worst moment.

One seed is one schedule. The same driver plays plain nodes, which hold dictionaries and decide by `rules` alone, and
table nodes, which run the real actions on real tables; both must come to the same end.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Generic, Protocol, TypeVar

from django.db import OperationalError

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.dispatch.rules import FINAL, Standing, State, Verb
from yiwang.kernel.dispatch.transport import Unreachable

F = TypeVar("F")
A = TypeVar("A")
FATES = ("through", "lost", "answer lost", "twice", "copied", "late", "crash")
WEIGHTS = (40, 12, 14, 8, 10, 10, 6)
STEPS = ("transfer", "release", "open", "sign", "refuse", "withdraw", "urge", "send", "restart")
LIKELY = (52, 10, 8, 6, 4, 9, 2, 8, 1)
ACTS = {"open": Verb.OPEN, "sign": Verb.SIGN, "refuse": Verb.REFUSE}


class Crash(OperationalError):
    """A node dies: what it was doing is rolled back, also when it dies at its commit."""


class Side(Protocol):
    """One node, as the driver sees it; a leg is named by the order in which it was sent on this side."""

    def send(self, legs: int) -> None:
        """Send an envelope with so many legs to the other side."""

    def waiting(self) -> list[int]:
        """Messages to be sent, oldest first."""

    def transfer(self, message: int) -> bool:
        """One try; whether it came to an end."""

    def withdraw(self, leg: int) -> bool:
        """Ask for a leg back; whether that was possible."""

    def urge(self, leg: int) -> bool:
        """Urge; whether that was possible."""

    def sent(self) -> int:
        """How many legs were sent from here."""

    def restart(self) -> None:
        """Begin a new epoch towards the other side."""

    def act(self, leg: int, verb: Verb) -> bool:
        """What the addressee does with a leg that was sent to this side; whether it took place."""

    def has(self, leg: int) -> bool:
        """Whether a leg of the other side has come here."""

    def sender_view(self, leg: int) -> "View":
        """A leg as its sender knows it."""

    def addressee_view(self, leg: int) -> "View | None":
        """A leg of the other side as this side knows it; None if it never came."""


@dataclass(frozen=True)
class View:
    """What one side knows of a leg: standing, receipts by number, whether an answer to a withdrawal is awaited."""

    standing: Standing
    receipts: tuple[tuple[int, str], ...]
    is_waiting: bool = False


@dataclass
class Storm(Generic[F, A]):
    """The line between two nodes: loses, repeats, keeps back; `doors` take a frame in and answer it."""

    rng: Random
    doors: dict[str, Callable[[F], A]] = field(default_factory=dict)
    crashing: dict[str, Callable[[F], A]] = field(default_factory=dict)
    held: list[tuple[str, F]] = field(default_factory=list)
    is_calm: bool = False
    count: int = 0

    def deliver(self, target: str, frame: F) -> A:
        """Hand a frame over as fate has it. Raises Unreachable."""
        self.count += 1
        fate = "through" if self.is_calm else self.rng.choices(FATES, WEIGHTS)[0]
        if fate in ("copied", "late"):
            self.held.append((target, frame))
        if fate in ("lost", "late"):
            raise Unreachable(fate)
        if fate == "crash":
            return self._crash(target, frame)
        if fate == "twice":
            self.doors[target](frame)
        answer = self.doors[target](frame)
        if fate == "answer lost":
            raise Unreachable(fate)
        return answer

    def _crash(self, target: str, frame: F) -> A:
        with suppress(Crash):
            self.crashing[target](frame)
        raise Unreachable("crash")

    def release(self) -> None:
        """Let a frame that was kept back arrive now; nobody waits for its answer any more."""
        if self.held:
            target, frame = self.held.pop(self.rng.randrange(len(self.held)))
            self.count += 1
            try:
                self.doors[target](frame)
            except Refusal as refusal:
                raise AssertionError(f"a genuine frame was not believed: {refusal.code}") from refusal


def play(seed: int, sides: Sequence[Side], storm: Storm[F, A], rng: Random, *, restarts: bool = True) -> list[View]:
    """One schedule to its end: storm, then calm; the views of every leg, agreed by both sides."""
    sides[0].send(rng.randint(1, 3))
    for _step in range(rng.randint(15, 45)):
        _step_once(sides, storm, rng, restarts)
    storm.is_calm = True
    for _round in range(200):
        while storm.held:
            storm.release()
        waiting = [(side, message) for side in sides for message in side.waiting()]
        if not waiting:
            break
        for side, message in waiting:
            side.transfer(message)
    return [view for one, other in ((0, 1), (1, 0)) for view in _agreed(seed, sides[one], sides[other])]


def _step_once(sides: Sequence[Side], storm: Storm[F, A], rng: Random, restarts: bool) -> None:
    what, one = rng.choices(STEPS, LIKELY)[0], rng.randrange(2)
    side, other, roll = sides[one], sides[1 - one], rng.random()
    if what == "transfer":
        waiting = side.waiting() or other.waiting()
        if waiting:
            (side if side.waiting() else other).transfer(waiting[int(roll * len(waiting))])
    elif what == "release":
        storm.release()
    elif what == "send":
        side.send(1 + int(roll * 2))
    elif what == "restart":
        if restarts:
            side.restart()
    else:
        _act(side, other, what, roll)


def _act(side: Side, other: Side, what: str, roll: float) -> None:
    if not other.sent():
        return
    leg = int(roll * other.sent())
    if what == "withdraw":
        other.withdraw(leg)
    elif what == "urge":
        other.urge(leg)
    elif side.has(leg):
        side.act(leg, ACTS[what])


def _agreed(seed: int, sender: Side, addressee: Side) -> list[View]:
    """Every leg ends in one state on both sides, no receipt is missing, and no withdrawal after opening."""
    views = []
    for leg in range(sender.sent()):
        here, there = sender.sender_view(leg), addressee.addressee_view(leg)
        told = f"seed {seed} leg {leg}: {here} / {there}"
        if there is None:
            assert here.standing.state == State.WITHDRAWN, told
            assert here.receipts == ((1, State.WITHDRAWN.value),), told
        else:
            assert here.standing == there.standing, told
            assert here.receipts == there.receipts, told
        assert not here.is_waiting, told
        assert [number for number, _ in here.receipts] == list(range(1, here.standing.version + 1)), told
        assert here.standing.version >= 1, told
        states = [state for _, state in here.receipts]
        assert not (State.OPENED.value in states and State.WITHDRAWN.value in states), told
        assert not [state for state in states[:-1] if state in FINAL], told
        views.append(here)
    return views
