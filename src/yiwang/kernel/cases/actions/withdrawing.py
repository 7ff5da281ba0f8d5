"""Taking one's own last step back 撤回."""

from django.db import transaction

from yiwang.kernel.cases.refusals import ApplicantTold
from yiwang.kernel.cases.rules import SUPPLEMENT, checked_opinion
from yiwang.kernel.cases.services import Turn, add_opinion, begin, finish, unwind
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.process import withdrawal
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.registers.queries import entries_of_case


@transaction.atomic(durable=True)
def withdraw_step(*, actor: Actor, case: int, item: int, reason: str) -> Entry:
    """Take back one's last step as long as nobody has opened or done what follows; what it booked is undone.

    Of a joint step one's own signature is taken back. Raises NothingToWithdraw, NotWhoDidIt, NotYourItem,
    AlreadyFollowed with the name of who was faster, ApplicantTold, IrreversiblePassed, OpinionNeeded without a reason.
    """
    turn = begin(case, actor, *entries_of_case(case).values_list("subject_id", flat=True))
    words = checked_opinion(reason, is_needed=True)
    _require_untold(turn, item)
    note = f"{actor.name}撤回"
    outcome = withdrawal.withdraw(subject_id=case, item_id=item, actor=actor, board=turn.board, note=note)
    add_opinion(turn, outcome.left[0], words, "撤回")
    turn.note("case.step_withdrawn", outcome.facts())
    unwind(turn, outcome)
    return finish(turn, outcome)[0]


def _require_untold(turn: Turn, item: int) -> None:
    """The applicant reads his notice outside the worklist, so a step that waits for him counts as opened."""
    graph = turn.board.offer.graph
    live = WorkItem.objects.filter(subject=turn.case.pk, state=WorkItem.State.OPEN, asking=0)
    waiting = [one for one in live if graph.task(one.node).act == SUPPLEMENT and item in one.parents]
    if waiting:
        raise ApplicantTold()
