"""Steps of a message that came from another node, inside the one action that takes it in."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from yiwang.kernel.base.moments import now
from yiwang.kernel.dispatch.limits import REASON, dispatch_limits
from yiwang.kernel.dispatch.models import Address, Arrived, EarlyWord, Envelope, Inbound, Leg, Peer, Receipt
from yiwang.kernel.dispatch.parcels import Parcel, read_parcel
from yiwang.kernel.dispatch.policies import LEG
from yiwang.kernel.dispatch.refusals import (
    AddresseeUnknown,
    LegOpened,
    LegWithdrawn,
    MessageInvalid,
    MessageUnknown,
    NumberReused,
    ReceiptContradicts,
)
from yiwang.kernel.dispatch.rules import FINAL, Floor, Standing, State, Verb, admit, follow
from yiwang.kernel.dispatch.services import (
    ENVELOPE_KIND,
    RECEIPT,
    URGE,
    WITHDRAWAL,
    Moved,
    Note,
    move_leg,
    plan_settling,
    receipt_body,
    standing_of,
    unit_here,
    write_standing,
)
from yiwang.kernel.dispatch.wire import Content, Route, text_of
from yiwang.kernel.ledger.services import Event, create_subject, lock


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message whose signature was checked: from whom, on which route, what it says."""

    peer: Peer
    route: Route
    content: Content


def is_new(message: Incoming) -> bool:
    """Keep the id of a message and raise the floor; False for a repeat of one that was taken in.

    The line is locked, so that two copies never run side by side. Raises BehindFloor, NumberReused, MessageInvalid.
    """
    line, route = Inbound.objects.select_for_update().get(pk=message.peer.pk), message.route
    known = Arrived.objects.filter(message=route.message).first()
    if known is not None and known.peer_id != message.peer.pk:
        raise MessageInvalid()
    if known is not None:
        return False
    floor = admit(Floor(line.epoch, line.floor), route.epoch, route.number, route.settled)
    line_ids = Arrived.objects.filter(peer=message.peer, epoch=route.epoch)
    if line_ids.filter(number=route.number).exists():
        raise NumberReused()
    line.epoch, line.floor = floor.epoch, floor.number
    line.save(update_fields=["epoch", "floor"])
    line_ids.filter(number__lte=floor.number).delete()
    Arrived.objects.create(message=route.message, peer=message.peer, epoch=route.epoch, number=route.number)
    return True


def take_effect(message: Incoming) -> list[Moved]:
    """What the message does here. Raises a MessageRefused where it cannot be right."""
    try:
        step = _STEPS[message.content.kind]
    except KeyError:
        raise MessageInvalid(facts={"kind": message.content.kind[:40]}) from None
    return step(message)


def _take_envelope(message: Incoming) -> list[Moved]:
    parcel = read_parcel(message.content.body, dispatch_limits())
    known = Envelope.objects.filter(key=parcel.envelope).first()
    if known is not None and known.origin_id != message.peer.pk:
        raise MessageInvalid()
    if known is not None:
        return []
    if Leg.objects.filter(key__in=dict(parcel.legs)).exists():
        raise MessageInvalid()
    targets = _targets(parcel)
    early = set(
        EarlyWord.objects.filter(peer=message.peer).filter(leg__in=dict(parcel.legs)).values_list("leg", "kind")
    )
    is_wanted = any((key, WITHDRAWAL) not in early for key, _ in parcel.legs)
    envelope = _envelope(message.peer, parcel, is_wanted=is_wanted)
    return [
        _new_leg(envelope, key, targets[code], is_withdrawn=(key, WITHDRAWAL) in early, urged=(key, URGE) in early)
        for key, code in parcel.legs
    ]


def _targets(parcel: Parcel) -> dict[str, Address]:
    codes = [code for _, code in parcel.legs]
    rows = Address.objects.filter(code__in=codes, is_active=True, peer__node__is_self=True, unit__is_active=True)
    found = {row.code: row for row in rows.select_related("unit")}
    if len(found) != len(codes):
        unknown = next(code for code in codes if code not in found)
        raise AddresseeUnknown(facts={"unit": unknown[:60]})
    return found


def _envelope(peer: Peer, parcel: Parcel, *, is_wanted: bool) -> Envelope:
    files = [file.plain() for file in parcel.files] if is_wanted else []
    return Envelope.objects.create(
        key=parcel.envelope,
        origin=peer,
        sender=_sender(peer, parcel),
        kind=parcel.kind,
        title=parcel.title,
        payload=json.dumps(dict(parcel.payload) if is_wanted else {}, ensure_ascii=False),
        files=json.dumps(files),
        replaces=parcel.replaces,
        sent=parcel.sent,
        is_complete=not files,
    )


def _sender(peer: Peer, parcel: Parcel) -> Address:
    """The unit that sent it; a node speaks for its own units, also for one whose listing has not come yet."""
    owner = parcel.sender.partition("/")[0]
    if owner != peer.node.code or not 0 < len(parcel.sender) <= 60:
        raise MessageInvalid()
    fresh = {"name": parcel.sender_name, "peer": peer, "is_active": False}
    return Address.objects.get_or_create(code=parcel.sender, defaults=fresh)[0]


def _new_leg(envelope: Envelope, key: UUID, target: Address, *, is_withdrawn: bool, urged: bool) -> Moved:
    unit = unit_here(target)
    leg = Leg.objects.create(
        subject=create_subject(f"{LEG}:{envelope.kind}", unit=unit.pk, node=unit.node_id),
        key=key,
        envelope=envelope,
        address=target,
        side=Leg.Side.IN,
        urged=int(urged),
        moved=now(),
    )
    if is_withdrawn:
        return _withdrawn_before(leg)
    moved = move_leg(leg, Verb.ARRIVE) if envelope.is_complete else None
    return moved or Moved(Event(leg.subject, "leg.announced", {"leg": str(key), "from": envelope.sender.code}))


def _withdrawn_before(leg: Leg) -> Moved:
    """The withdrawal came first and was receipted then."""
    moved = move_leg(leg, Verb.WITHDRAW)
    return Moved(moved.event if moved else None)


def _take_receipt(message: Incoming) -> list[Moved]:
    key, receipt = _read_receipt(message.content.body)
    leg = Leg.objects.filter(key=key, side=Leg.Side.OUT, address__peer=message.peer).first()
    if leg is None:
        raise MessageUnknown()
    subject = lock(leg.subject_id)[leg.subject_id]
    leg = Leg.objects.select_related("envelope", "address").get(pk=leg.pk)
    leg.subject = subject
    receipt.leg = leg
    known = Receipt.objects.filter(leg=leg, version=receipt.version).first()
    if known is not None and known.state != receipt.state:
        raise ReceiptContradicts()
    if known is not None:
        return []
    after = follow(standing_of(leg), Standing(State(receipt.state), receipt.version))
    receipt.save(force_insert=True)
    if after == standing_of(leg):
        return [Moved(Event(subject, "leg.receipted", {"leg": str(leg.key), "version": receipt.version}))]
    return [Moved(write_standing(leg, after, receipt.at, reason=receipt.reason))]


def _read_receipt(body: Mapping[str, object]) -> tuple[UUID, Receipt]:
    try:
        version, at, state = body["version"], datetime.fromisoformat(str(body["at"])), State(str(body["state"]))
        if isinstance(version, bool) or not isinstance(version, int) or not 0 < version < 100 or at.tzinfo is None:
            raise MessageInvalid()
        told = {"reason": text_of(body["reason"], REASON), "by": text_of(body["by"], 60)}
        return UUID(str(body["leg"])), Receipt(version=version, at=at, state=state.value, **told)
    except (KeyError, ValueError) as error:
        raise MessageInvalid() from error


def _take_withdrawal(message: Incoming) -> list[Moved]:
    keys = _leg_keys(message.content.body)
    legs = _held_legs(message.peer, keys)
    return [done for key in keys if (done := _withdraw(message.peer, key, legs.get(key)))]


def _withdraw(peer: Peer, key: UUID, leg: Leg | None) -> Moved | None:
    if leg is None:
        return _withdraw_early(peer, key)
    try:
        moved = move_leg(leg, Verb.WITHDRAW)
    except (LegOpened, LegWithdrawn):
        return None  # the receipt of that change is on its way, or there, and says so
    if not leg.envelope.is_complete:
        plan_settling(leg.envelope)
    return moved


def _withdraw_early(peer: Peer, key: UUID) -> Moved | None:
    """The envelope is not here yet: it will not be handed over when it comes; its sender is told at once."""
    _word, is_first = EarlyWord.objects.get_or_create(peer=peer, leg=key, kind=WITHDRAWAL)
    if not is_first:
        return None
    receipt = Receipt(version=1, state=State.WITHDRAWN.value, at=now())
    return Moved(None, (Note(peer.pk, RECEIPT, receipt_body(key, receipt)),))


def _take_urge(message: Incoming) -> list[Moved]:
    keys = _leg_keys(message.content.body)
    legs = _held_legs(message.peer, keys)
    moved = []
    for key in keys:
        leg = legs.get(key)
        if leg is None:
            EarlyWord.objects.get_or_create(peer=message.peer, leg=key, kind=URGE)
        elif State(leg.state) not in FINAL:
            moved.append(Moved(urge(leg)))
    return moved


def urge(leg: Leg) -> Event:
    """Count an urge 催办 at the addressee; the event to record."""
    leg.urged += 1
    leg.save(update_fields=["urged"])
    return Event(leg.subject, "leg.urged", {"leg": str(leg.key), "times": leg.urged})


def _leg_keys(body: Mapping[str, object]) -> list[UUID]:
    told = body.get("legs")
    if not isinstance(told, list) or not 0 < len(told) <= dispatch_limits().legs:
        raise MessageInvalid()
    try:
        return list(dict.fromkeys(UUID(str(key)) for key in told))
    except ValueError as error:
        raise MessageInvalid() from error


def _held_legs(peer: Peer, keys: list[UUID]) -> dict[UUID, Leg]:
    mine = Leg.objects.filter(key__in=keys, side=Leg.Side.IN, envelope__origin=peer)
    subjects = lock(*mine.values_list("subject", flat=True))
    rows = mine.select_related("envelope", "address__unit")
    for row in (found := {leg.key: leg for leg in rows}).values():
        row.subject = subjects[row.subject_id]
    return found


_STEPS: dict[str, Callable[[Incoming], list[Moved]]] = {
    ENVELOPE_KIND: _take_envelope,
    RECEIPT: _take_receipt,
    WITHDRAWAL: _take_withdrawal,
    URGE: _take_urge,
}
