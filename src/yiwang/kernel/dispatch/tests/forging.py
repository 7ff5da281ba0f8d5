"""Messages made by hand, genuine but for what a test wants wrong, and the state of a node to compare."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from yiwang.kernel.base.moments import now
from yiwang.kernel.dispatch.keys import own_keys
from yiwang.kernel.dispatch.models import (
    Address,
    Arrived,
    EarlyWord,
    Envelope,
    Inbound,
    Leg,
    Outbound,
    Outgoing,
    Peer,
    PeerKey,
    Proposal,
    Receipt,
)
from yiwang.kernel.dispatch.tests.two_nodes import KIND, WholeNode
from yiwang.kernel.dispatch.wire import Answer, Content, Route, pack, read_answer
from yiwang.kernel.files.models import Attachment, Blob
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.ledger.models import Entry

KEPT = (Arrived, EarlyWord, Envelope, Leg, Receipt, Outgoing, Entry, Job, Attachment, Blob, Peer, PeerKey, Proposal)


def next_route(node: WholeNode, other: WholeNode, **changes: Any) -> Route:
    """The next number of the line, taken; with these changes."""
    with node:
        line = Outbound.objects.get(peer__node__code=other.code)
        line.last += 1
        line.save()
    return replace(Route(uuid4(), node.code, other.code, line.epoch, line.last, 0), **changes)


def frame(node: WholeNode, other: WholeNode, kind: str, body: Mapping[str, object], **changes: Any) -> bytes:
    """A message of a node as its code would send it."""
    route = next_route(node, other, **changes)
    receiver = keys(other)
    with node:
        return pack(route, Content(kind, body), own=own_keys(), receiver=receiver)


def keys(node: WholeNode) -> Any:
    """Public keys of a node."""
    with node:
        return own_keys()


def parcel(node: WholeNode, to: str, **changes: object) -> dict[str, object]:
    """The body of an envelope from the first unit of a node, with these changes."""
    usual = {
        "envelope": str(uuid4()),
        "kind": KIND,
        "title": "通知",
        "payload": {"text": "正文"},
        "sender": {"code": node.address("lyj"), "name": "局"},
        "sent": now().isoformat(),
        "replaces": None,
        "legs": [{"key": str(uuid4()), "to": to}],
        "files": [],
    }
    return usual | changes


def receipt(leg: UUID, version: int, state: str) -> dict[str, object]:
    """The body of a receipt."""
    told = {"leg": str(leg), "version": version, "state": state, "reason": "", "by": "某人"}
    return told | {"at": now().isoformat()}


def answer(node: WholeNode, data: bytes) -> Answer:
    """What a node answers to a message, its signature checked."""
    told, own = node.answer_to(data), keys(node)
    return read_answer(told, {own.fingerprint: own})


def state_of(node: WholeNode) -> list[object]:
    """All that a message could change, as numbers and values."""
    with node:
        counts = [model.objects.count() for model in KEPT]
        legs = list(Leg.objects.order_by("pk").values_list("pk", "state", "version", "urged", "is_withdrawing"))
        lines = list(Inbound.objects.order_by("pk").values_list("pk", "epoch", "floor"))
        peers = list(Peer.objects.order_by("pk").values_list("pk", "serial", "is_listed", "expires", "parent"))
        addresses = list(Address.objects.order_by("pk").values_list("code", "is_active", "unit"))
    return [counts, legs, lines, peers, addresses]


@contextmanager
def nothing_changes(*nodes: WholeNode) -> Iterator[None]:
    """Whatever happens inside leaves the nodes as they were."""
    before = [state_of(node) for node in nodes]
    yield
    assert [state_of(node) for node in nodes] == before


def inside(node: WholeNode, act: Callable[[], object]) -> Callable[[], object]:
    """The act, done in a node."""

    def run() -> object:
        with node:
            return act()

    return run
