"""What arrives from other nodes, what becomes of messages to them, and files on their way to addressees here."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import NotFound, NotPermitted
from yiwang.kernel.dispatch.incoming import Incoming, is_new, take_effect
from yiwang.kernel.dispatch.models import Envelope, Leg, Outbound, Outgoing, Peer
from yiwang.kernel.dispatch.queries import TRANSFER, keys_of, own_peer
from yiwang.kernel.dispatch.refusals import AnswerInvalid
from yiwang.kernel.dispatch.rules import State, Verb, check_officer
from yiwang.kernel.dispatch.services import SLOT, Moved, conclude, move_leg, plan_settling, transfer_of
from yiwang.kernel.dispatch.wire import STORED, answered_message, read_answer
from yiwang.kernel.files.inspection import Arrival
from yiwang.kernel.files.services import attach, store
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.services import enqueue_all, finish_once, retry_dead
from yiwang.kernel.ledger.services import Event, lock
from yiwang.kernel.org.actors import Actor


@transaction.atomic(durable=True)
def receive_message(*, actor: Actor, message: Incoming) -> bool:
    """Take a message in with all it does; False for a repeat, which does nothing.

    Raises a MessageRefused, with nothing kept, for what cannot be right.
    """
    if not is_new(message):
        return False
    conclude(take_effect(message), actor)
    return True


@transaction.atomic(durable=True)
def begin_settling(*, actor: Actor, envelope: int) -> None:
    """All pieces of an envelope are here: let the worker bring its files to the addressees."""
    plan_settling(Envelope.objects.get(pk=envelope))


@transaction.atomic(durable=True)
def settle_legs(*, actor: Actor, envelope: int, copies: Mapping[int, Sequence[Arrival]]) -> None:
    """Hang the files on each leg that still waits for them, and let it arrive; a leg withdrawn meanwhile gets none."""
    moved = []
    for leg in _waiting(envelope, copies):
        for arrival in copies[leg.pk]:
            blob = store(arrival.staged, unit=leg.subject.unit, mime=arrival.mime)
            attach(blob, subject=leg.subject, slot=SLOT, name=arrival.name, by=actor.account)
        moved.append(move_leg(leg, Verb.ARRIVE))
    _complete(envelope)
    conclude([one for one in moved if one], actor)


@transaction.atomic(durable=True)
def reject_legs(*, actor: Actor, envelope: int, reason: str) -> None:
    """Refuse an envelope for all addressees here, because a file is not what was listed or is not taken."""
    moved = [move_leg(leg, Verb.REJECT, reason=reason) for leg in _waiting(envelope, None)]
    _complete(envelope)
    conclude([one for one in moved if one], actor)


def _waiting(envelope: int, wanted: Mapping[int, object] | None) -> list[Leg]:
    """Legs of this node that still wait for files, held; those in `wanted` where it is given."""
    mine = Leg.objects.filter(envelope=envelope).exclude(side=Leg.Side.OUT)
    ids = [pk for pk in mine.values_list("pk", flat=True) if wanted is None or pk in wanted]
    subjects = lock(*ids)
    rows = mine.filter(pk__in=ids, state=State.UNDERWAY).select_related("envelope", "address__unit").order_by("pk")
    legs = list(rows)
    for leg in legs:
        leg.subject = subjects[leg.pk]
    return legs


def _complete(envelope: int) -> None:
    Envelope.objects.filter(pk=envelope).update(is_complete=True)


@transaction.atomic(durable=True)
def take_answer(*, actor: Actor, answer: bytes) -> None:
    """What the other node says of a message. A second answer changes nothing.

    Raises NotFound for a message that was never sent, AnswerInvalid unless its receiver signed the answer.
    """
    row = _outgoing(message=answered_message(answer))
    told = read_answer(answer, keys_of(row.peer))
    if told.wanted:
        raise AnswerInvalid()
    is_stored = told.status == STORED
    _end(row, Outgoing.State.STORED if is_stored else Outgoing.State.REFUSED, told.refusal, actor)


@transaction.atomic(durable=True)
def cancel_transfer(*, actor: Actor, outgoing: int) -> None:
    """Let an envelope that was withdrawn before it left stay here."""
    _end(_outgoing(pk=outgoing), Outgoing.State.CANCELLED, "", actor)


_VERBS = {
    Outgoing.State.STORED: "envelope.transferred",
    Outgoing.State.REFUSED: "envelope.transfer_refused",
    Outgoing.State.CANCELLED: "envelope.transfer_cancelled",
}


def _outgoing(**wanted: object) -> Outgoing:
    """A message, its envelope held first."""
    found = Outgoing.objects.select_related("envelope", "peer__node").filter(**wanted).first()
    if found is None:
        raise NotFound()
    subject = found.envelope.subject_id if found.envelope else None
    held = lock(subject)[subject] if subject is not None else None
    row = Outgoing.objects.select_for_update(of=("self",)).select_related("envelope", "peer__node").get(pk=found.pk)
    if row.envelope is not None and held is not None:
        row.envelope.subject = held
    return row


def _end(row: Outgoing, state: Outgoing.State, refusal: str, actor: Actor) -> None:
    if row.state != Outgoing.State.WAITING:
        finish_once()
        return
    row.state, row.refusal, row.settled = state, refusal[:200], now()
    row.save(update_fields=["state", "refusal", "settled"])
    subject = row.envelope.subject if row.envelope else None
    facts = {"node": row.peer.node.code, "number": row.number, "refusal": refusal[:60]}
    conclude([Moved(Event(subject, _VERBS[state], facts) if subject else None)], actor)


@transaction.atomic(durable=True)
def retry_transfer(*, actor: Actor, outgoing: int) -> None:
    """Try a message again that was refused, under a new number, or whose job is on the dead list.

    Raises NotPermitted for all but the system officer and the platform, NotFound where there is nothing to try again.
    """
    _operates(actor)
    row = _outgoing(pk=outgoing)
    dead = Job.objects.filter(kind=TRANSFER, ref=row.pk, state=Job.State.DEAD).values_list("pk", flat=True)
    if row.state == Outgoing.State.WAITING and dead:
        retry_dead(*dead)
        return
    if row.state != Outgoing.State.REFUSED:
        raise NotFound()
    _renumber([row], Outbound.objects.select_for_update().get(pk=row.peer_id))


@transaction.atomic(durable=True)
def restart_line(*, actor: Actor, node: str) -> int:
    """Begin a new epoch towards a node, after this one came back from a backup; how many messages were renumbered.

    Numbers given since the backup are never met again; ids stay, so that nothing is taken in twice.
    Raises NotPermitted, NotFound.
    """
    _operates(actor)
    peer = Peer.objects.filter(node__code=node).exclude(pk=own_peer().pk).first()
    if peer is None:
        raise NotFound()
    line = Outbound.objects.select_for_update().get(pk=peer.pk)
    line.epoch, line.last = line.epoch + 1, 0
    waiting = Outgoing.objects.select_for_update(of=("self",)).filter(peer=peer, state=Outgoing.State.WAITING)
    return _renumber(list(waiting.order_by("number")), line)


def _renumber(rows: Sequence[Outgoing], line: Outbound) -> int:
    for row in rows:
        line.last += 1
        row.epoch, row.number, row.state, row.refusal = line.epoch, line.last, Outgoing.State.WAITING, ""
        row.settled = None
        row.save(update_fields=["epoch", "number", "state", "refusal", "settled"])
    line.save(update_fields=["epoch", "last"])
    enqueue_all(transfer_of(row) for row in rows)
    return len(rows)


def _operates(actor: Actor) -> None:
    if actor.account == 0:
        return
    check_officer(actor.officer)
    if actor.officer != "system":
        raise NotPermitted()
