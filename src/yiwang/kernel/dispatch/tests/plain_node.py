"""A node of dictionaries: what the real one decides by `rules`, without tables, keys or files."""

from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.dispatch.refusals import LegOpened, LegWithdrawn, NumberReused
from yiwang.kernel.dispatch.rules import (
    FINAL,
    Floor,
    Standing,
    State,
    Verb,
    admit,
    ask_withdrawal,
    check_urge,
    follow,
    settled_up_to,
    step,
)
from yiwang.kernel.dispatch.tests.simulator import Crash, Side, Storm, View, play
from yiwang.kernel.dispatch.transport import Unreachable


@dataclass(frozen=True)
class Letter:
    """A message between plain nodes."""

    message: int
    epoch: int
    number: int
    settled: int
    kind: str
    legs: tuple[int, ...]
    standing: Standing = field(default_factory=Standing)


@dataclass
class OutLeg:
    """A leg as its sender knows it."""

    standing: Standing = field(default_factory=Standing)
    is_withdrawing: bool = False
    receipts: dict[int, str] = field(default_factory=dict)


@dataclass
class InLeg:
    """A leg as its addressee knows it."""

    standing: Standing = field(default_factory=Standing)
    receipts: dict[int, str] = field(default_factory=dict)


@dataclass
class Memory:
    """All that a node keeps."""

    epoch: int = 1
    last: int = 0
    ids: int = 0
    outgoing: dict[int, Letter] = field(default_factory=dict)
    out_legs: list[OutLeg] = field(default_factory=list)
    floor: Floor = field(default_factory=Floor)
    arrived: dict[int, tuple[int, int]] = field(default_factory=dict)
    envelopes: set[int] = field(default_factory=set)
    in_legs: dict[int, InLeg] = field(default_factory=dict)
    early: set[int] = field(default_factory=set)
    arrivals: dict[int, int] = field(default_factory=dict)


class PlainNode(Side):
    """One side of the simulator."""

    def __init__(self, target: str, storm: Storm[Letter, str]) -> None:
        self.target = target
        self.storm = storm
        self.memory = Memory()
        self.given: dict[tuple[int, int], int] = {}

    def send(self, legs: int) -> None:
        first = len(self.memory.out_legs)
        self.memory.out_legs += [OutLeg() for _ in range(legs)]
        self._post("envelope", tuple(range(first, first + legs)))

    def _post(self, kind: str, legs: tuple[int, ...], standing: Standing | None = None) -> None:
        memory = self.memory
        memory.ids, memory.last = memory.ids + 1, memory.last + 1
        told = standing or Standing()
        memory.outgoing[memory.ids] = Letter(memory.ids, memory.epoch, memory.last, 0, kind, legs, told)

    def waiting(self) -> list[int]:
        return sorted(self.memory.outgoing)

    def transfer(self, message: int) -> bool:
        letter = self.memory.outgoing[message]
        legs = [self.memory.out_legs[leg] for leg in letter.legs] if letter.kind == "envelope" else []
        if legs and all(leg.is_withdrawing or leg.standing.state in FINAL for leg in legs):
            del self.memory.outgoing[message]
            return True
        line = [one.number for one in self.memory.outgoing.values() if one.epoch == letter.epoch]
        settled = settled_up_to(letter.number - 1, (number for number in line if number < letter.number))
        frame = Letter(message, letter.epoch, letter.number, settled, letter.kind, letter.legs, letter.standing)
        assert self.given.setdefault((frame.epoch, frame.number), message) == message, "a number was used twice"
        try:
            answer = self.storm.deliver(self.target, frame)
        except Unreachable:
            return False
        assert answer == "stored", answer
        del self.memory.outgoing[message]
        return True

    def withdraw(self, leg: int) -> bool:
        row = self.memory.out_legs[leg]
        try:
            ask_withdrawal(row.standing)
        except Refusal:
            return False
        if not row.is_withdrawing:
            row.is_withdrawing = True
            self._post("withdrawal", (leg,))
        return True

    def urge(self, leg: int) -> bool:
        try:
            check_urge(self.memory.out_legs[leg].standing)
        except Refusal:
            return False
        self._post("urge", (leg,))
        return True

    def sent(self) -> int:
        return len(self.memory.out_legs)

    def restart(self) -> None:
        memory = self.memory
        memory.epoch, memory.last = memory.epoch + 1, 0
        for message in sorted(memory.outgoing, key=lambda one: memory.outgoing[one].number):
            old, memory.last = memory.outgoing[message], memory.last + 1
            memory.outgoing[message] = Letter(message, memory.epoch, memory.last, 0, old.kind, old.legs, old.standing)

    def take(self, letter: Letter) -> str:
        """The door."""
        memory = self.memory
        if letter.message in memory.arrived:
            return "stored"
        try:
            floor = admit(memory.floor, letter.epoch, letter.number, letter.settled)
            if (letter.epoch, letter.number) in memory.arrived.values():
                raise NumberReused
        except Refusal as refusal:
            return refusal.code
        memory.floor = floor
        behind = [one for one, (epoch, n) in memory.arrived.items() if epoch == letter.epoch and n <= floor.number]
        for one in behind:
            del memory.arrived[one]
        memory.arrived[letter.message] = (letter.epoch, letter.number)
        {"envelope": self._envelope, "receipt": self._receipt, "withdrawal": self._withdrawal, "urge": self._urge}[
            letter.kind
        ](letter)
        return "stored"

    def take_and_crash(self, letter: Letter) -> str:
        """The door of a node that dies before its commit."""
        before = deepcopy(self.memory)
        self.take(letter)
        self.memory = before
        raise Crash

    def _envelope(self, letter: Letter) -> None:
        if letter.message in self.memory.envelopes:
            return
        self.memory.envelopes.add(letter.message)
        for leg in letter.legs:
            self.memory.arrivals[leg] = self.memory.arrivals.get(leg, 0) + 1
            assert self.memory.arrivals[leg] == 1, "delivered twice"
            row = self.memory.in_legs[leg] = InLeg()
            is_withdrawn = leg in self.memory.early
            self._move(leg, row, Verb.WITHDRAW if is_withdrawn else Verb.ARRIVE, is_silent=is_withdrawn)

    def _move(self, leg: int, row: InLeg, verb: Verb, *, is_silent: bool = False) -> None:
        after = step(row.standing, verb)
        if after != row.standing:
            row.standing = after
            row.receipts[after.version] = after.state.value
            if not is_silent:
                self._post("receipt", (leg,), after)

    def _receipt(self, letter: Letter) -> None:
        row = self.memory.out_legs[letter.legs[0]]
        row.standing = follow(row.standing, letter.standing)
        row.receipts[letter.standing.version] = letter.standing.state.value
        row.is_withdrawing = row.is_withdrawing and row.standing.state in (State.UNDERWAY, State.ARRIVED)

    def _withdrawal(self, letter: Letter) -> None:
        for leg in letter.legs:
            row = self.memory.in_legs.get(leg)
            if row is None and leg not in self.memory.early:
                self.memory.early.add(leg)
                self._post("receipt", (leg,), Standing(State.WITHDRAWN, 1))
            elif row is not None:
                with suppress(LegOpened, LegWithdrawn):
                    self._move(leg, row, Verb.WITHDRAW)

    def _urge(self, letter: Letter) -> None:
        """Changes no state."""

    def act(self, leg: int, verb: Verb) -> bool:
        try:
            self._move(leg, self.memory.in_legs[leg], verb)
        except Refusal:
            return False
        return True

    def has(self, leg: int) -> bool:
        return leg in self.memory.in_legs

    def sender_view(self, leg: int) -> View:
        row = self.memory.out_legs[leg]
        return View(row.standing, tuple(sorted(row.receipts.items())), row.is_withdrawing)

    def addressee_view(self, leg: int) -> View | None:
        row = self.memory.in_legs.get(leg)
        return None if row is None else View(row.standing, tuple(sorted(row.receipts.items())))


def play_plain(seed: int) -> list[View]:
    """One schedule on plain nodes."""
    rng = Random(seed)
    storm: Storm[Letter, str] = Storm(rng)
    sides = PlainNode("b", storm), PlainNode("a", storm)
    storm.doors = {"a": sides[0].take, "b": sides[1].take}
    storm.crashing = {"a": sides[0].take_and_crash, "b": sides[1].take_and_crash}
    return play(seed, sides, storm, rng)
