"""Steps on envelopes and legs, inside an action that holds the locks of every subject it names.

Each returns `Event`s for the action's single call of `record`. Lines to other nodes are locked last and in order, so
that two actions never wait for each other in a ring: an action calls `send` or `post` once.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from yiwang.kernel.access.principals import of_post, units_above
from yiwang.kernel.access.services import grant, move
from yiwang.kernel.base.moments import now
from yiwang.kernel.dispatch.keys import current_key, file_key
from yiwang.kernel.dispatch.limits import REASON, TITLE, DispatchLimits, dispatch_limits
from yiwang.kernel.dispatch.models import Address, Envelope, Leg, Outbound, Outgoing, Peer, Receipt
from yiwang.kernel.dispatch.policies import ENVELOPE, LEG, REGISTRAR
from yiwang.kernel.dispatch.queries import SETTLE, TRANSFER, address_of, addresses, own_peer, require_listed
from yiwang.kernel.dispatch.refusals import EnvelopeInvalid, EnvelopeTooLarge
from yiwang.kernel.dispatch.rules import FINAL, Standing, State, Verb, step
from yiwang.kernel.dispatch.wire import encode
from yiwang.kernel.files.limits import readable
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.files.services import attach
from yiwang.kernel.jobs.services import Order, enqueue, enqueue_all, finish_once
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.rules import canonical
from yiwang.kernel.ledger.services import Event, create_subject, record
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Unit

OPEN, ENDED = 0, 1
RECEIPT, ENVELOPE_KIND, WITHDRAWAL, URGE = "receipt", "envelope", "withdrawal", "urge"
SLOT = "envelope"


@dataclass(frozen=True, slots=True)
class NewEnvelope:
    """What shall be sent: by which unit, to which addresses, of what kind, with which files (ids of attachments).

    `kind` names the form of the payload, such as `letter.v1`; `replaces` is the envelope that this one sends again.
    """

    sender: int
    to: Sequence[str]
    kind: str
    title: str
    payload: Mapping[str, object] = field(default_factory=dict)
    files: Sequence[int] = ()
    replaces: UUID | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A new envelope with its legs, and the events to record."""

    envelope: Envelope
    legs: list[Leg]
    events: list[Event]


@dataclass(frozen=True, slots=True)
class Note:
    """A message to be posted to another node."""

    peer: int
    kind: str
    body: Mapping[str, object]
    envelope: Envelope | None = None
    message: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True)
class Moved:
    """A leg that moved: the event to record, and the receipt to post where its sender is on another node."""

    event: Event | None
    notes: tuple[Note, ...] = ()


def send(new: NewEnvelope, actor: Actor) -> Sent:
    """Put an envelope on its way: rows, legs, messages and jobs of this one transaction, no network.

    Whether the actor may send for the unit, and may read the files, is the action's to check. Addressees of this node
    have it at once, or as soon as the worker has copied its files.
    Raises EnvelopeInvalid, EnvelopeTooLarge, UnitUnknown, PeerExpired.
    """
    limits = dispatch_limits()
    _check(new, limits)
    sender, targets, own = address_of(new.sender), addresses(new.to), own_peer()
    for peer in {target.peer_id: target.peer for target in targets if target.peer_id != own.pk}.values():
        require_listed(peer)
    files = _files(new, limits)
    envelope = _envelope(new, sender, own, actor)
    for file in files:
        attach(file.blob, subject=subject_of(envelope), slot=SLOT, name=file.name, by=actor.account)
    legs = [_new_leg(envelope, target, own) for target in targets]
    events = [Event(subject_of(envelope), "envelope.sent", {"key": str(envelope.key), "legs": len(legs)})]
    _let_senders_see([subject_of(envelope), *(leg.subject for leg in legs)], sender, actor)
    moved = _hand_over_here(envelope, legs, has_files=bool(files))
    post(_messages(envelope, legs, files))
    told = [Event(leg.subject, "leg.sent", {"to": leg.address.code}) for leg in legs]
    return Sent(envelope, legs, [*events, *told, *(one.event for one in moved if one.event)])


def _check(new: NewEnvelope, limits: DispatchLimits) -> None:
    if not new.to or not new.kind or not new.title.strip() or len(new.title) > TITLE:
        raise EnvelopeInvalid(field="to" if not new.to else "title")
    if len(set(new.to)) != len(new.to):
        raise EnvelopeInvalid(_("同一收件单位写了两次"), field="to")
    size = len(canonical(dict(new.payload)))
    if size > limits.payload_bytes or len(new.to) > limits.legs:
        raise EnvelopeTooLarge(facts={"limit": limits.payload_bytes, "size": size, "legs": len(new.to)})


def _files(new: NewEnvelope, limits: DispatchLimits) -> list[Attachment]:
    rows = Attachment.objects.filter(pk__in=new.files, removed=None).select_related("blob")
    found = {row.pk: row for row in rows}
    if len(found) != len(new.files):
        raise EnvelopeInvalid(_("附件不存在、已移除或重复"), field="files")
    total = sum(row.blob.size for row in found.values())
    if total > limits.files_bytes or len(found) > limits.files:
        raise EnvelopeTooLarge(rule=readable(limits.files_bytes), facts={"limit": limits.files_bytes, "size": total})
    return [found[pk] for pk in new.files]


def _envelope(new: NewEnvelope, sender: Address, own: Peer, actor: Actor) -> Envelope:
    unit = unit_here(sender)
    return Envelope.objects.create(
        key=uuid4(),
        subject=create_subject(f"{ENVELOPE}:{new.kind}", unit=unit.pk, node=unit.node_id),
        origin=own,
        sender=sender,
        kind=new.kind,
        title=new.title.strip(),
        payload=json.dumps(dict(new.payload), ensure_ascii=False),
        replaces=new.replaces,
        by=actor.account,
        sent=now(),
    )


def _new_leg(envelope: Envelope, target: Address, own: Peer) -> Leg:
    is_here = target.peer_id == own.pk
    unit = unit_here(target if is_here else envelope.sender)
    return Leg.objects.create(
        subject=create_subject(f"{LEG}:{envelope.kind}", unit=unit.pk, node=unit.node_id),
        key=uuid4(),
        envelope=envelope,
        address=target,
        side=Leg.Side.HERE if is_here else Leg.Side.OUT,
        moved=envelope.sent,
    )


def _let_senders_see(subjects: Iterable[Subject], sender: Address, actor: Actor) -> None:
    keys = units_above(unit_here(sender)) + ([of_post(actor.post)] if actor.post else [])
    for subject in subjects:
        grant(subject, keys, state=OPEN, at=now())


def _hand_over_here(envelope: Envelope, legs: Sequence[Leg], *, has_files: bool) -> list[Moved]:
    here = [leg for leg in legs if leg.side == Leg.Side.HERE]
    if here and has_files:
        plan_settling(envelope)
        return []
    return [moved for leg in here if (moved := move_leg(leg, Verb.ARRIVE))]


def plan_settling(envelope: Envelope) -> None:
    """Let the worker bring the files of an envelope to its addressees here."""
    enqueue(SETTLE, ref=envelope.pk, unique_key=f"{SETTLE}:{envelope.pk}")


def _messages(envelope: Envelope, legs: Sequence[Leg], files: Sequence[Attachment]) -> list[Note]:
    away: dict[int, list[Leg]] = {}
    for leg in legs:
        if leg.side == Leg.Side.OUT:
            away.setdefault(leg.address.peer_id, []).append(leg)
    return [_message(envelope, peer, group, files, uuid4()) for peer, group in away.items()]


def _message(envelope: Envelope, peer: int, legs: Sequence[Leg], files: Sequence[Attachment], message: UUID) -> Note:
    body = {
        "envelope": str(envelope.key),
        "kind": envelope.kind,
        "title": envelope.title,
        "payload": json.loads(envelope.payload),
        "sender": {"code": envelope.sender.code, "name": envelope.sender.name},
        "sent": envelope.sent.isoformat(),
        "replaces": str(envelope.replaces) if envelope.replaces else None,
        "legs": [{"key": str(leg.key), "to": leg.address.code} for leg in legs],
        "files": [_listed(file, message) for file in files],
    }
    return Note(peer, ENVELOPE_KIND, body, envelope, message)


def _listed(file: Attachment, message: UUID) -> dict[str, object]:
    blob = file.blob
    key = encode(file_key(str(message), blob.sha256, current_key()))
    return {"name": file.name, "size": blob.size, "sha256": blob.sha256, "key": key}


def post(notes: Sequence[Note]) -> None:
    """Number messages and put their transfer off; the lines are locked in one statement, last of all locks."""
    if not notes:
        return
    peers = {note.peer for note in notes}
    lines = {row.pk: row for row in Outbound.objects.select_for_update().filter(pk__in=peers).order_by("pk")}
    rows = Outgoing.objects.bulk_create([_numbered(note, lines[note.peer]) for note in notes])
    Outbound.objects.bulk_update(lines.values(), ["last"])
    enqueue_all(transfer_of(row) for row in rows)


def _numbered(note: Note, line: Outbound) -> Outgoing:
    line.last += 1
    return Outgoing(
        message=note.message,
        peer_id=note.peer,
        epoch=line.epoch,
        number=line.last,
        kind=note.kind,
        envelope=note.envelope,
        body=json.dumps(dict(note.body), ensure_ascii=False),
        key_id=current_key(),
        at=now(),
    )


def transfer_of(row: Outgoing) -> Order:
    """The job that brings a message to its node."""
    return Order(TRANSFER, ref=row.pk, unique_key=f"{TRANSFER}:{row.pk}")


def conclude(moved: Iterable[Moved], actor: Actor, *events: Event) -> None:
    """End an action: post the notes of what moved, and record; the running job is finished in any case."""
    done = list(moved)
    post([note for one in done for note in one.notes])
    told = [*events, *(one.event for one in done if one.event)]
    if told:
        record(*told, actor=actor)
    finish_once()


def standing_of(leg: Leg) -> Standing:
    """State and version as the rules want them."""
    return Standing(State(leg.state), leg.version)


def move_leg(leg: Leg, verb: Verb, *, reason: str = "", by: str = "") -> Moved | None:
    """Move a leg at its addressee and write the receipt; None when nothing changes.

    `leg.subject` is held by the action. Raises LegUnderway, LegWithdrawn, LegClosed, LegOpened.
    """
    after = step(standing_of(leg), verb)
    if after == standing_of(leg):
        return None
    moment = now()
    if after.state == State.ARRIVED:
        _let_addressee_see(leg, moment)
    event = write_standing(leg, after, moment, reason=reason)
    receipt = Receipt.objects.create(
        leg=leg, version=after.version, state=after.state.value, reason=leg.reason, by=by[:60], at=moment
    )
    note = Note(leg.envelope.origin_id, RECEIPT, receipt_body(leg.key, receipt))
    return Moved(event, (note,) if leg.side == Leg.Side.IN else ())


def write_standing(leg: Leg, after: Standing, at: datetime, *, reason: str = "") -> Event:
    """Keep a new standing of a leg and of its grants; the event to record."""
    leg.state, leg.version, leg.moved, leg.reason = after.state.value, after.version, at, reason[:REASON]
    leg.is_withdrawing = leg.is_withdrawing and after.state in (State.UNDERWAY, State.ARRIVED)
    leg.save(update_fields=["state", "version", "moved", "reason", "is_withdrawing"])
    move(leg.subject, state=ENDED if after.state in FINAL else OPEN, at=at)
    return Event(leg.subject, f"leg.{after.state}", {"leg": str(leg.key), "version": after.version})


def receipt_body(leg: UUID, receipt: Receipt) -> dict[str, object]:
    """A receipt as it travels."""
    return {
        "leg": str(leg),
        "version": receipt.version,
        "state": receipt.state,
        "reason": receipt.reason,
        "by": receipt.by,
        "at": receipt.at.isoformat(),
    }


def _let_addressee_see(leg: Leg, at: datetime) -> None:
    unit = unit_here(leg.address)
    registrar = directory().post_of(unit, REGISTRAR)
    keys = units_above(unit) + ([of_post(registrar.pk)] if registrar else [])
    grant(leg.subject, keys, state=OPEN, at=at)


def unit_here(address: Address) -> Unit:
    """The unit behind an address of this node. Raises ValueError for another node's."""
    if address.unit is None:
        raise ValueError(f"{address} is no unit of this node")
    return address.unit


def subject_of(envelope: Envelope) -> Subject:
    """The subject of an envelope sent from here. Raises ValueError for a received one."""
    if envelope.subject is None:
        raise ValueError(f"{envelope} was not sent from here")
    return envelope.subject
