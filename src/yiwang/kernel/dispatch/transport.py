"""The port to whatever carries bytes between nodes, and the carrier that stays in memory."""

from contextvars import Context
from dataclasses import dataclass, field
from typing import Protocol


class Unreachable(Exception):
    """The other node did not answer, or its answer was lost: try again later."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a node answers: its code and its place `carrier:rest` from the directory."""

    code: str
    place: str


class Transport(Protocol):
    """Carries frames and pieces to another node. Raises Unreachable; never reads what it carries."""

    def deliver(self, target: Destination, frame: bytes) -> bytes:
        """Hand a message over; the signed answer of the other node."""

    def deliver_piece(self, target: Destination, piece: bytes) -> None:
        """Hand one piece of a file over."""


class Door(Protocol):
    """What a node offers to a carrier: `receiving` is one."""

    def answer_to(self, frame: bytes) -> bytes:
        """Take a message in and answer it."""

    def take_piece(self, piece: bytes) -> None:
        """Take a piece of a file in."""


@dataclass
class MemoryTransport:
    """Nodes of one process: for tests, and for demonstrations of several nodes.

    The other node runs in a context of its own: the job of the sender is not its job.
    """

    doors: dict[str, Door] = field(default_factory=dict)

    def deliver(self, target: Destination, frame: bytes) -> bytes:
        """Through the door of the node, if it stands open."""
        return Context().run(self._door(target).answer_to, frame)

    def deliver_piece(self, target: Destination, piece: bytes) -> None:
        """Through the same door."""
        Context().run(self._door(target).take_piece, piece)

    def _door(self, target: Destination) -> Door:
        try:
            return self.doors[target.code]
        except KeyError:
            raise Unreachable(target.code) from None


_carriers: dict[str, Transport] = {}


def register(carrier: str, transport: Transport) -> None:
    """Let a transport carry whatever goes to places `carrier:…`; a later one takes its place."""
    _carriers[carrier] = transport


def transport_to(target: Destination) -> Transport:
    """The carrier for a place. Raises Unreachable when this process has none."""
    carrier = target.place.partition(":")[0]
    try:
        return _carriers[carrier]
    except KeyError:
        raise Unreachable(f"no carrier for {target.place!r}") from None
