"""Who may do what to a seal he sees."""

from django.conf import settings

from yiwang.kernel.access import policies
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.outputs.models import Seal

SEAL = "seal"
READ, KEEP = "read", "keep"


class SealPolicy:
    """Reading needs sight; suspending, resuming and destroying belong to its keeper, or the keeper's post above it."""

    def may(self, actor: Actor, verb: str, subject: Subject) -> bool:
        """Whether the actor may do this."""
        return verb == READ or (verb == KEEP and keeps(actor, subject))


def keeps(actor: Actor, subject: Subject) -> bool:
    """Whether the actor keeps this seal: named in the register, or in a keeper's post of the unit or of one above."""
    path = directory().units[subject.unit].path
    posts = [held for held in actor.posts if held.role in settings.SEAL_KEEPER_ROLES]
    if any(path.startswith(held.unit_path) for held in posts):
        return True
    return actor.person is not None and Seal.objects.filter(pk=subject.pk, keeper=actor.person).exists()


POLICY = SealPolicy()


def register() -> None:
    """Let this policy answer for seals."""
    policies.register(SEAL, POLICY)
