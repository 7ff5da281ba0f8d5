"""Who may do what to envelopes and legs he sees."""

from yiwang.kernel.access import policies
from yiwang.kernel.dispatch.models import Envelope, Leg
from yiwang.kernel.dispatch.rules import READABLE, State
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Unit

ENVELOPE, LEG, PEER, PROPOSAL = "envelope", "leg", "peer", "trust_proposal"
READ, CONTENT, FILE_READ = "read", "content", "file.read"
OPEN, SIGN, REFUSE, WITHDRAW, URGE = "open", "sign", "refuse", "withdraw", "urge"
RECEIVING, SENDING = (OPEN, SIGN, REFUSE), (WITHDRAW, URGE)
REGISTRAR = "registrar"


class EnvelopePolicy:
    """Who sees a sent envelope may read it; withdrawing is for its author and the registrar of the sending unit."""

    def may(self, actor: Actor, verb: str, subject: Subject) -> bool:
        """Whether the actor may do this."""
        if verb in (READ, CONTENT, FILE_READ):
            return True
        return verb in SENDING and sends(actor, Envelope.objects.select_related("sender__unit").get(subject=subject))


class LegPolicy:
    """Content and files of a leg are read by its sender at once, by its addressee only once it was opened."""

    def may(self, actor: Actor, verb: str, subject: Subject) -> bool:
        """Whether the actor may do this."""
        if verb == READ:
            return True
        leg = Leg.objects.select_related("envelope__sender__unit", "address__unit").get(subject=subject)
        if verb in (CONTENT, FILE_READ):
            return State(leg.state) in READABLE or (leg.side != Leg.Side.IN and sends(actor, leg.envelope))
        if verb in RECEIVING:
            return leg.side != Leg.Side.OUT and leg.address.unit is not None and registers_for(actor, leg.address.unit)
        return verb in SENDING and leg.side != Leg.Side.IN and sends(actor, leg.envelope)


class OfficersOnly:
    """Nodes and trust are the officers'; they have rules of their own and hold no grants."""

    def may(self, actor: Actor, verb: str, subject: Subject) -> bool:
        """Nobody by this way."""
        return False


def registers_for(actor: Actor, unit: Unit) -> bool:
    """Whether the actor is the registrar 收发员 of a unit: of itself, its sections and windows, else of one above."""
    post = directory().post_of(unit, REGISTRAR)
    return post is not None and actor.holds(post.pk)


def sends(actor: Actor, envelope: Envelope) -> bool:
    """Whether the actor sent this, or is the registrar of the unit that did."""
    unit = envelope.sender.unit
    return actor.account == envelope.by or (unit is not None and registers_for(actor, unit))


ENVELOPES, LEGS, OFFICERS = EnvelopePolicy(), LegPolicy(), OfficersOnly()


def register() -> None:
    """Let these policies answer for their nouns."""
    policies.register(ENVELOPE, ENVELOPES)
    policies.register(LEG, LEGS)
    policies.register(PEER, OFFICERS)
    policies.register(PROPOSAL, OFFICERS)
