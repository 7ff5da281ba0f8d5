"""Who may do what to a case he sees."""

from django.db.models import QuerySet

from yiwang.kernel.access import policies
from yiwang.kernel.cases.board import is_applicant
from yiwang.kernel.cases.models import Case
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.process.models import WorkItem

READ, WITHDRAW, SUSPEND, JUDGE = "read", "withdraw", "suspend", "judge"
FILE_READ = "file.read"
IN_HAND = (SUSPEND, JUDGE, "file.attach", "file.detach")


class CasePolicy:
    """Reading needs sight; withdrawing is the applicant's; the rest belongs to whoever has the case in hand."""

    def may(self, actor: Actor, verb: str, subject: Subject) -> bool:
        """Whether an actor who sees the case may do this to it."""
        if verb in (READ, FILE_READ):
            return True
        if verb == WITHDRAW:
            return is_applicant(actor, Case.objects.get(pk=subject.pk))
        return verb in IN_HAND and has_in_hand(actor, subject.pk)


def has_in_hand(actor: Actor, case: int) -> bool:
    """Whether an open step of the case is this actor's."""
    return items_in_hand(actor, case).exists()


def items_in_hand(actor: Actor, case: int) -> QuerySet[WorkItem]:
    """Open steps of the case that are this actor's, or in the pool of a post of his."""
    return items_before(actor, case).filter(asking=0)


def items_before(actor: Actor, case: int) -> QuerySet[WorkItem]:
    """The same and the questions that wait for his opinion."""
    items = WorkItem.objects.filter(subject=case, state=WorkItem.State.OPEN)
    mine = items.filter(person=actor.person) if actor.person is not None else items.none()
    pool = items.filter(person=None, post__in=[held.post for held in actor.posts])
    return mine | pool


def register() -> None:
    """Let this policy answer for every kind of case."""
    policies.register("case", POLICY)


POLICY = CasePolicy()
