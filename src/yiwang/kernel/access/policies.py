"""Policies: may this actor do this to this subject? One policy per noun; the kernel asks, nobody guesses."""

from typing import Protocol

from yiwang.kernel.access.queries import sees
from yiwang.kernel.base.refusals import NotFound, NotPermitted
from yiwang.kernel.ledger.kinds import kind_key
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.org.actors import Actor


class Policy(Protocol):
    """Answers for the subjects of one noun."""

    def may(self, actor: Actor, verb: str, subject: Subject) -> bool:
        """Whether the actor may do `verb`; he is known to see the subject."""


_policies: dict[str, Policy] = {}


def register(noun: str, policy: Policy) -> None:
    """Let `policy` answer for kinds `noun:…`. Raises ValueError when the noun has one already."""
    if _policies.setdefault(noun, policy) is not policy:
        raise ValueError(f"two policies for {noun!r}")


def policy_for(subject: Subject) -> Policy:
    """The policy of a subject's noun. Raises LookupError when none is registered."""
    return _policies[kind_key(subject.kind_id).partition(":")[0]]


def may(actor: Actor, verb: str, subject: Subject) -> bool:
    """Whether the actor sees the subject and its policy allows the verb; the platform itself may everything."""
    if actor.account == 0:
        return True
    return sees(actor, subject.pk) and policy_for(subject).may(actor, verb, subject)


def require(actor: Actor, verb: str, subject: Subject) -> None:
    """Raise NotFound when the actor may not even know of the subject, NotPermitted when he may not do this."""
    if actor.account == 0:
        return
    if not sees(actor, subject.pk):
        raise NotFound()
    if not policy_for(subject).may(actor, verb, subject):
        raise NotPermitted()
