"""What people do with envelopes: send, withdraw, urge; open, sign for, refuse."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from yiwang.kernel.access.policies import require
from yiwang.kernel.base.refusals import NotFound, NotPermitted, Refusal
from yiwang.kernel.dispatch.incoming import urge
from yiwang.kernel.dispatch.limits import REASON
from yiwang.kernel.dispatch.models import Leg
from yiwang.kernel.dispatch.policies import OPEN, REFUSE, SIGN, registers_for
from yiwang.kernel.dispatch.policies import URGE as MAY_URGE
from yiwang.kernel.dispatch.policies import WITHDRAW as MAY_WITHDRAW
from yiwang.kernel.dispatch.queries import envelope_of
from yiwang.kernel.dispatch.refusals import LegWithdrawn, ReasonMissing
from yiwang.kernel.dispatch.rules import Verb, ask_withdrawal, check_urge
from yiwang.kernel.dispatch.services import (
    URGE,
    WITHDRAWAL,
    Moved,
    NewEnvelope,
    Note,
    Sent,
    conclude,
    move_leg,
    send,
    standing_of,
)
from yiwang.kernel.files.queries import readable_by
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import Event, lock, record
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What came of asking: withdrawn at once, asked of other nodes, too late; keys of legs."""

    done: tuple[UUID, ...]
    asked: tuple[UUID, ...]
    kept: tuple[UUID, ...]


@transaction.atomic(durable=True)
def send_envelope(*, actor: Actor, new: NewEnvelope) -> Sent:
    """Send an envelope 发文 for one's unit, as its registrar.

    Raises NotPermitted, NotFound for a file the actor may not read, and what `services.send` raises.
    """
    unit = directory().units.get(new.sender)
    if unit is None or not (actor.account == 0 or registers_for(actor, unit)):
        raise NotPermitted()
    if actor.account != 0:
        for file in new.files:
            readable_by(actor, file)
    sent = send(new, actor)
    record(*sent.events, actor=actor)
    return sent


@transaction.atomic(durable=True)
def withdraw_envelope(*, actor: Actor, envelope: int, to: Sequence[str] = ()) -> Withdrawal:
    """Withdraw 撤回 a sent envelope (its subject) from addressees, from all unless `to` names some.

    Only what nobody has opened comes back. An addressee on another node is asked; his node decides, and its receipt
    tells. Raises NotFound, NotPermitted, LegOpened or LegWithdrawn when nothing is left to be withdrawn.
    """
    subject, legs = _sent_legs(actor, MAY_WITHDRAW, envelope, to)
    before = {leg.key for leg in legs if leg.is_withdrawing}
    moved: list[Moved] = []
    kept: list[UUID] = []
    refusal: Refusal = LegWithdrawn()
    for leg in legs:
        try:
            moved += _withdraw(leg)
        except Refusal as caught:
            refusal = caught
            kept.append(leg.key)
    asked = [leg for leg in legs if leg.is_withdrawing]
    if not moved and not asked:
        raise refusal
    fresh = [leg for leg in asked if leg.key not in before]
    if moved or fresh:
        event = Event(subject, "envelope.withdrawal_asked", {"legs": len(legs), "kept": len(kept)})
        conclude([*moved, *_asking(WITHDRAWAL, fresh)], actor, event)
    done = tuple(leg.key for leg in legs if leg.key not in kept and not leg.is_withdrawing)
    return Withdrawal(done, tuple(leg.key for leg in asked), tuple(kept))


def _withdraw(leg: Leg) -> list[Moved]:
    if leg.side == Leg.Side.HERE:
        done = move_leg(leg, Verb.WITHDRAW)
        return [done] if done else []
    ask_withdrawal(standing_of(leg))
    leg.is_withdrawing = True
    leg.save(update_fields=["is_withdrawing"])
    return []


def _asking(kind: str, legs: Sequence[Leg]) -> list[Moved]:
    """One message to each node, and an event on each leg."""
    nodes: dict[int, list[str]] = {}
    for leg in legs:
        nodes.setdefault(leg.address.peer_id, []).append(str(leg.key))
    verb = "leg.withdrawal_asked" if kind == WITHDRAWAL else "leg.urged"
    events = [Moved(Event(leg.subject, verb, {"leg": str(leg.key)})) for leg in legs]
    return [*events, *(Moved(None, (Note(peer, kind, {"legs": keys}),)) for peer, keys in nodes.items())]


@transaction.atomic(durable=True)
def urge_leg(*, actor: Actor, envelope: int, to: Sequence[str]) -> None:
    """Urge 催办 addressees who have neither signed nor refused.

    Raises NotFound, NotPermitted, LegClosed, LegWithdrawn.
    """
    _subject, legs = _sent_legs(actor, MAY_URGE, envelope, to)
    for leg in legs:
        check_urge(standing_of(leg))
    here = [Moved(urge(leg)) for leg in legs if leg.side == Leg.Side.HERE]
    away = [leg for leg in legs if leg.side == Leg.Side.OUT]
    for leg in away:
        leg.urged += 1
        leg.save(update_fields=["urged"])
    conclude([*here, *_asking(URGE, away)], actor)


@transaction.atomic(durable=True)
def open_leg(*, actor: Actor, leg: int) -> None:
    """Open 打开 what came for one's unit; from then on it cannot be withdrawn. Again does nothing.

    Raises NotFound, NotPermitted, LegUnderway, LegWithdrawn.
    """
    _move(actor, OPEN, leg, Verb.OPEN)


@transaction.atomic(durable=True)
def sign_for_leg(*, actor: Actor, leg: int) -> None:
    """Sign for 签收. Raises NotFound, NotPermitted, LegUnderway, LegWithdrawn, LegClosed."""
    _move(actor, SIGN, leg, Verb.SIGN)


@transaction.atomic(durable=True)
def refuse_leg(*, actor: Actor, leg: int, reason: str) -> None:
    """Refuse 拒收 and return, for a reason of at most 100 characters.

    Raises NotFound, NotPermitted, ReasonMissing, LegUnderway, LegWithdrawn, LegClosed.
    """
    if not 0 < len(reason.strip()) <= REASON:
        raise ReasonMissing(field="reason")
    _move(actor, REFUSE, leg, Verb.REFUSE, reason.strip())


def _move(actor: Actor, policy: str, leg: int, verb: Verb, reason: str = "") -> None:
    subject = lock(leg)[leg]
    require(actor, policy, subject)
    row = Leg.objects.select_related("envelope", "address__unit").filter(pk=leg).exclude(side=Leg.Side.OUT).first()
    if row is None:
        raise NotFound()
    row.subject = subject
    moved = move_leg(row, verb, reason=reason, by=actor.name)
    conclude([moved] if moved else [], actor)


def _sent_legs(actor: Actor, policy: str, envelope: int, to: Sequence[str]) -> tuple[Subject, list[Leg]]:
    """A sent envelope and its legs to these addresses, to all where none is named; all of them held."""
    sent = envelope_of(envelope)
    mine = Leg.objects.filter(envelope=sent).select_related("envelope", "address__unit").order_by("pk")
    wanted = mine.filter(address__code__in=to) if to else mine
    subjects = lock(envelope, *wanted.values_list("pk", flat=True))
    require(actor, policy, subjects[envelope])
    legs = list(wanted)
    if not legs or (to and len(legs) != len(set(to))):
        raise NotFound()
    for leg in legs:
        leg.subject = subjects[leg.pk]
    return subjects[envelope], legs
