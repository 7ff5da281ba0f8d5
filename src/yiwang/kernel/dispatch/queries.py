"""Reading nodes, envelopes and queues."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, QuerySet

from yiwang.kernel.access.queries import visible
from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.dispatch.keys import PublicKeys
from yiwang.kernel.dispatch.models import Address, Envelope, Leg, Outgoing, Peer
from yiwang.kernel.dispatch.refusals import PeerExpired, PeerUnknown, UnitUnknown
from yiwang.kernel.dispatch.rules import settled_up_to
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.org.actors import Actor

TRANSFER, SETTLE = "dispatch.transfer", "dispatch.settle"
DEEPEST = 12


def own_peer() -> Peer:
    """This node in the directory. Raises PeerUnknown before its trust was set up."""
    found = Peer.objects.select_related("node").filter(node__is_self=True).first()
    if found is None:
        raise PeerUnknown()
    return found


def peer_of(code: str) -> Peer:
    """A node by its code. Raises PeerUnknown."""
    found = Peer.objects.select_related("node").filter(node__code=code).first()
    if found is None:
        raise PeerUnknown(facts={"node": code[:20]})
    return found


def keys_of(peer: Peer) -> dict[str, PublicKeys]:
    """Keys that are listed for a node, by fingerprint, the present one first."""
    rows = peer.keys.order_by("position")
    return {row.fingerprint: PublicKeys(bytes(row.sign), bytes(row.seal)) for row in rows}


def require_listed(peer: Peer) -> None:
    """Whether the node and every node above it are listed and not expired. Raises PeerExpired."""
    moment, one = now(), peer
    for _depth in range(DEEPEST):
        if not one.is_listed or (one.expires is not None and one.expires <= moment):
            raise PeerExpired(facts={"node": str(one)})
        if one.is_root:
            return
        if one.parent is None:
            break
        one = one.parent
    raise PeerExpired(facts={"node": str(one)})


def addresses(codes: Iterable[str]) -> list[Address]:
    """Addresses by code, in this order. Raises UnitUnknown naming the first that the directory does not know."""
    wanted = list(codes)
    rows = Address.objects.filter(code__in=wanted, is_active=True).select_related("peer__node", "unit")
    found = {row.code: row for row in rows}
    for code in wanted:
        if code not in found:
            raise UnitUnknown(facts={"unit": code[:60]}, field="to")
    return [found[code] for code in wanted]


def address_of(unit: int) -> Address:
    """Where a unit of this node collects. Raises UnitUnknown."""
    found = Address.objects.filter(unit=unit, is_active=True).select_related("peer", "unit").first()
    if found is None:
        raise UnitUnknown(facts={"unit": unit})
    return found


def legs(actor: Actor) -> QuerySet[Leg]:
    """Legs that the actor may see, sent or received."""
    return Leg.objects.filter(visible(actor, "subject")).select_related("envelope__sender", "address")


def leg_of(key: UUID) -> Leg:
    """A leg by its key, with its envelope. Raises NotFound."""
    found = Leg.objects.filter(key=key).select_related("envelope__origin", "envelope__sender", "address__unit").first()
    if found is None:
        raise NotFound()
    return found


def envelope_of(subject: int) -> Envelope:
    """A sent envelope by its subject. Raises NotFound."""
    found = Envelope.objects.filter(subject=subject).select_related("sender").first()
    if found is None:
        raise NotFound()
    return found


def settled_of(row: Outgoing) -> int:
    """The number up to which every message before this one on its line is settled."""
    before = Outgoing.objects.filter(peer=row.peer_id, epoch=row.epoch, number__lt=row.number)
    unsettled = before.filter(state=Outgoing.State.WAITING).order_by("number").values_list("number", flat=True)[:1]
    return settled_up_to(row.number - 1, unsettled)


@dataclass(frozen=True)
class Queue:
    """How the exchange stands: messages waiting by node, refused ones, dead jobs, legs by side and state."""

    waiting: dict[str, int] = field(default_factory=dict)
    refused: list[Outgoing] = field(default_factory=list)
    dead: list[Job] = field(default_factory=list)
    legs: dict[tuple[int, str], int] = field(default_factory=dict)


def queue(most: int = 50) -> Queue:
    """For administrators; `most` bounds what is listed singly."""
    waiting = Outgoing.objects.filter(state=Outgoing.State.WAITING).values_list("peer__node__code")
    refused = Outgoing.objects.filter(state=Outgoing.State.REFUSED).select_related("peer__node").order_by("-pk")
    dead = Job.objects.filter(state=Job.State.DEAD, kind__in=(TRANSFER, SETTLE)).order_by("-pk")
    counted = Leg.objects.values_list("side", "state").annotate(count=Count("pk"))
    return Queue(
        dict(waiting.annotate(count=Count("pk")).order_by("peer__node__code")),
        list(refused[:most]),
        list(dead[:most]),
        {(side, state): count for side, state, count in counted.order_by("side", "state")},
    )
