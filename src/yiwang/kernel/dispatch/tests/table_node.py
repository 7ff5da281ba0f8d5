"""A node of real tables under the simulator: real actions, real keys, real transactions that are rolled back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.dispatch.actions.legs import (
    open_leg,
    refuse_leg,
    send_envelope,
    sign_for_leg,
    urge_leg,
    withdraw_envelope,
)
from yiwang.kernel.dispatch.actions.messages import restart_line
from yiwang.kernel.dispatch.models import Inbound, Leg, Outbound, Outgoing
from yiwang.kernel.dispatch.rules import Standing, State, Verb
from yiwang.kernel.dispatch.services import NewEnvelope
from yiwang.kernel.dispatch.tests.simulator import Crash, Side, Storm, View, play
from yiwang.kernel.dispatch.tests.two_nodes import KIND, Pair, WholeNode
from yiwang.kernel.dispatch.transport import Destination, register
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.org.actors import SYSTEM

ARRIVED = 'INSERT INTO "dispatch_arrived"'


class Carrier:
    """The storm as a transport of frames."""

    def __init__(self, storm: Storm[bytes, bytes]) -> None:
        self.storm = storm

    def deliver(self, target: Destination, frame: bytes) -> bytes:
        return self.storm.deliver(target.code, frame)

    def deliver_piece(self, target: Destination, piece: bytes) -> None:
        raise AssertionError("these envelopes have no files")


class TableNode(Side):
    """One side; the legs of one schedule among all that the tables hold."""

    def __init__(self, node: WholeNode, other: WholeNode, targets: list[str]) -> None:
        self.node = node
        self.other = other
        self.targets = targets
        self.legs: list[tuple[UUID, int, str]] = []
        self.peer: TableNode | None = None
        with node:
            self.first = Outgoing.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def send(self, legs: int) -> None:
        unit = next(iter(self.node.units))
        to = [self.other.address(code) for code in self.targets[:legs]]
        with self.node:
            new = NewEnvelope(self.node.units[unit], to, KIND, "通知")
            sent = send_envelope(actor=self.node.registrars[unit], new=new)
            subject = sent.envelope.subject_id or 0
            self.legs += [(leg.key, subject, leg.address.code) for leg in sent.legs]

    def waiting(self) -> list[int]:
        with self.node:
            rows = Outgoing.objects.filter(state=Outgoing.State.WAITING, pk__gt=self.first)
            return list(rows.order_by("pk").values_list("pk", flat=True))

    def transfer(self, message: int) -> bool:
        is_over = self.node.send_one(message)
        with self.node:
            assert not Outgoing.objects.filter(pk=message, state=Outgoing.State.REFUSED).exists()
        return is_over

    def withdraw(self, leg: int) -> bool:
        return self._ask(leg, withdraw_envelope)

    def urge(self, leg: int) -> bool:
        return self._ask(leg, urge_leg)

    def _ask(self, leg: int, action: Callable[..., object]) -> bool:
        _key, envelope, address = self.legs[leg]
        with self.node:
            try:
                action(actor=SYSTEM, envelope=envelope, to=[address])
            except Refusal:
                return False
        return True

    def sent(self) -> int:
        return len(self.legs)

    def restart(self) -> None:
        with self.node:
            restart_line(actor=SYSTEM, node=self.other.code)

    def act(self, leg: int, verb: Verb) -> bool:
        with self.node:
            row = Leg.objects.select_related("address").get(key=self._from(leg))
            actor = self.node.registrars[row.address.code.partition("/")[2]]
            try:
                if verb == Verb.REFUSE:
                    refuse_leg(actor=actor, leg=row.pk, reason="缺附件")
                else:
                    {Verb.OPEN: open_leg, Verb.SIGN: sign_for_leg}[verb](actor=actor, leg=row.pk)
            except Refusal:
                return False
        return True

    def has(self, leg: int) -> bool:
        with self.node:
            return Leg.objects.filter(key=self._from(leg)).exists()

    def _from(self, leg: int) -> UUID:
        assert self.peer is not None
        return self.peer.legs[leg][0]

    def sender_view(self, leg: int) -> View:
        with self.node:
            return _view(Leg.objects.get(key=self.legs[leg][0]))

    def addressee_view(self, leg: int) -> View | None:
        with self.node:
            found = Leg.objects.filter(key=self._from(leg)).first()
            if found is None:
                return None
            assert Entry.objects.filter(subject=found.pk, verb="leg.arrived").count() <= 1, "delivered twice"
            return _view(found)

    def take_and_crash(self, frame: bytes, *, is_late: bool) -> bytes:
        """The door of a node that dies right after the first write, or at the very commit."""
        with self.node, (_dying_at_commit if is_late else _dying_after_arrival)(self.node):
            self.node.answer_to(frame)
        raise Crash


def _view(leg: Leg) -> View:
    receipts = tuple(leg.receipts.order_by("version").values_list("version", "state"))
    return View(Standing(State(leg.state), leg.version), receipts, leg.is_withdrawing)


@contextmanager
def _dying_after_arrival(node: WholeNode) -> Iterator[None]:
    def die(execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:
        result = execute(sql, values, many, context)
        if sql.startswith(ARRIVED):
            raise Crash
        return result

    with node.database.execute_wrapper(die):
        yield


@contextmanager
def _dying_at_commit(node: WholeNode) -> Iterator[None]:
    def die() -> None:
        raise Crash

    commit = node.database.commit
    node.database.commit = die  # type: ignore[method-assign]
    try:
        yield
    finally:
        node.database.commit = commit  # type: ignore[method-assign]


def reset(pair: Pair) -> None:
    """Lines begin anew and the queue is empty, as if no schedule had run before."""
    for node in pair.nodes:
        with node:
            Job.objects.all().delete()


def play_tables(seed: int, pair: Pair) -> list[View]:
    """One schedule on real tables; late and early deaths take turns."""
    rng = Random(seed)
    storm: Storm[bytes, bytes] = Storm(rng)
    register("memory", Carrier(storm))
    reset(pair)
    province, county = pair.nodes
    sides = TableNode(province, county, ["lyj", "yt", "sz"]), TableNode(county, province, ["lyj", "cw", "zf"])
    sides[0].peer, sides[1].peer = sides[1], sides[0]
    storm.doors = {node.code: node.answer_to for node in pair.nodes}
    is_late = bool(seed % 2)
    storm.crashing = {side.node.code: partial(side.take_and_crash, is_late=is_late) for side in sides}
    try:
        return play(seed, sides, storm, rng)
    finally:
        register("memory", pair.carrier)


def numbers_met(pair: Pair) -> bool:
    """Whether every floor lies below the last number given on its line."""
    for node, other in (pair.nodes, pair.nodes[::-1]):
        with node:
            line = Outbound.objects.get(peer__node__code=other.code)
        with other:
            floor = Inbound.objects.get(peer__node__code=node.code)
        if (floor.epoch, floor.floor) > (line.epoch, line.last):
            return False
    return True
