"""Who may do what to entries and quotas he sees."""

from yiwang.kernel.access import policies
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Unit

ENTRY, QUOTA = "register", "quota"
READ, FILE_READ, KEEP = "read", "file.read", "keep"
KEEPER = "quota_keeper"


class EntryPolicy:
    """Reading needs sight; entries change only through cases and their services."""

    def may(self, actor: Actor, verb: str, subject: Subject) -> bool:
        """Whether the actor may do this."""
        return verb in (READ, FILE_READ)


class QuotaPolicy:
    """Reading needs sight; limits and corrections belong to the quota keeper of the unit or of one above it."""

    def may(self, actor: Actor, verb: str, subject: Subject) -> bool:
        """Whether the actor may do this."""
        return verb == READ or (verb == KEEP and keeps(actor, Unit.objects.get(pk=subject.unit)))


def keeps(actor: Actor, unit: Unit) -> bool:
    """Whether the actor keeps the quotas of this unit; the platform itself does (first load, demonstration)."""
    if actor.account == 0:
        return True
    return any(held.role == KEEPER and unit.path.startswith(held.unit_path) for held in actor.posts)


ENTRIES, QUOTAS = EntryPolicy(), QuotaPolicy()


def register() -> None:
    """Let these policies answer for their nouns."""
    policies.register(ENTRY, ENTRIES)
    policies.register(QUOTA, QUOTAS)
