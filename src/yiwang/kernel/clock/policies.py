"""Who may do what to the calendar of the node."""

from yiwang.kernel.access import policies
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Account

NOUN = "calendar"
READ, EDIT = "read", "edit"


class CalendarPolicy:
    """Everybody may read the calendar, the system officer may change it (三员分立)."""

    def may(self, actor: Actor, verb: str, subject: Subject) -> bool:
        """Whether the actor may do this."""
        return verb == READ or (verb == EDIT and actor.officer == Account.Officer.SYSTEM)


POLICY = CalendarPolicy()


def register() -> None:
    """Let this policy answer for the calendar."""
    policies.register(NOUN, POLICY)
