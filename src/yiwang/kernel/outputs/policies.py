"""Who may do what to a seal he sees."""

from django.conf import settings

from yiwang.kernel.access import policies
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import INSIDE, directory
from yiwang.kernel.org.models import Unit
from yiwang.kernel.outputs.models import Seal

SEAL = "seal"
READ, KEEP = "read", "keep"


class SealPolicy:
    """Reading needs sight; suspending, resuming and destroying belong to its keeper, or the keeper's post above it."""

    def may(self, actor: Actor, verb: str, subject: Subject) -> bool:
        """Whether the actor may do this."""
        return verb == READ or (verb == KEEP and keeps(actor, subject))


def keeps(actor: Actor, subject: Subject) -> bool:
    """Whether the actor keeps this seal: he is named in the register, or holds a keeper's post that serves the unit."""
    if any(actor.holds(post) for post in keeper_posts(directory().units[subject.unit])):
        return True
    return actor.person is not None and Seal.objects.filter(pk=subject.pk, keeper=actor.person).exists()


def keeper_posts(unit: Unit) -> list[int]:
    """Keepers' posts of a unit: its own, those of its sections, those of the units above."""
    known = directory()
    above = {unit.pk, *(one.pk for one in known.above(unit))}
    posts = [post for role in settings.SEAL_KEEPER_ROLES for post in known.by_role.get(role, ())]
    return [post.pk for post in posts if post.unit_id in above or _is_section(post.unit, unit)]


def _is_section(section: Unit, unit: Unit) -> bool:
    return section.kind in INSIDE and section.path[: -Unit.steplen] == unit.path


POLICY = SealPolicy()


def register() -> None:
    """Let this policy answer for seals."""
    policies.register(SEAL, POLICY)
