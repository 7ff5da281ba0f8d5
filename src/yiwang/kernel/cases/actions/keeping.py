"""Keeping what was drawn after the commit."""

from django.db import transaction

from yiwang.kernel.cases.services import begin_anyway, finish
from yiwang.kernel.files.services import store
from yiwang.kernel.files.staging import Staged
from yiwang.kernel.ledger.services import record
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.outputs.actions import PDF
from yiwang.kernel.outputs.models import Document
from yiwang.kernel.outputs.rules import Use
from yiwang.kernel.outputs.services import Rendered, keep, log_use, note_discarded
from yiwang.kernel.process import services as process
from yiwang.kernel.registers.models import Entry


@transaction.atomic(durable=True)
def keep_certificate(
    *, actor: Actor, case: int, item: int, entry: int, rendered: Rendered, staged: Staged, use: Use | None = None
) -> None:
    """Attach a drawn certificate to its entry, write the use of its seal down and let the process go on.

    When the case was returned meanwhile, or the paper is there already, the new one is thrown away. Raises
    SealSuspended, SealDestroyed, SealExpired when that came about while it was drawn; then the process waits on.
    """
    subject = Entry.objects.values_list("subject_id", flat=True).get(pk=entry)
    turn = begin_anyway(case, actor, subject, *([use.seal] if use else []))
    values = {"sha256": rendered.sha256}
    outcome = process.complete_reaction(subject_id=case, item_id=item, board=turn.board, result=values)
    if outcome.ignored:
        staged.discard()
        if use is not None:
            record(note_discarded(use, rendered, turn.board.held[use.seal]), actor=actor)
        return
    blob = store(staged, unit=turn.case.unit_id, mime=PDF)
    signature = Document.Signature.SIGNED if use is not None else Document.Signature.NONE
    held = turn.board.held
    row = keep(rendered, blob, subject=held[subject], slot="certificate", by=actor.account, signature=signature)
    if use is not None:
        turn.board.events.append(log_use(use, row, held[use.seal]))
    turn.note("certificate.issued", {"sha256": rendered.sha256, "sm3": rendered.sm3, **outcome.facts()})
    finish(turn, outcome)
