"""Keeping what was drawn after the commit."""

from django.db import transaction

from yiwang.kernel.cases.services import begin_anyway, finish
from yiwang.kernel.files.services import store
from yiwang.kernel.files.staging import Staged
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.outputs.actions import PDF
from yiwang.kernel.outputs.services import Rendered, keep
from yiwang.kernel.process import services as process
from yiwang.kernel.registers.models import Entry


@transaction.atomic(durable=True)
def keep_certificate(*, actor: Actor, case: int, item: int, entry: int, rendered: Rendered, staged: Staged) -> None:
    """Attach a drawn certificate to its entry and let the process go on.

    When the case was returned meanwhile, or the paper is there already, the new one is thrown away.
    """
    subject = Entry.objects.values_list("subject_id", flat=True).get(pk=entry)
    turn = begin_anyway(case, actor, subject)
    values = {"sha256": rendered.sha256}
    outcome = process.complete_reaction(subject_id=case, item_id=item, board=turn.board, result=values)
    if outcome.ignored:
        staged.discard()
        return
    blob = store(staged, unit=turn.case.unit_id, mime=PDF)
    keep(rendered, blob, subject=turn.board.held[subject], slot="certificate", by=actor.account)
    turn.note("certificate.issued", {"sha256": rendered.sha256, "sm3": rendered.sm3, **outcome.facts()})
    finish(turn, outcome)
