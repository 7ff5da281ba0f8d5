"""Drawing papers outside any transaction, then one action that keeps them."""

from yiwang.kernel.cases.actions.keeping import keep_certificate
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.papers import certificate_paper, entry_of, letter_paper
from yiwang.kernel.files.limits import default_limits
from yiwang.kernel.files.staging import Staged, stage
from yiwang.kernel.ledger.models import Entry as LedgerEntry
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.outputs.actions import keep_document
from yiwang.kernel.outputs.services import Rendered
from yiwang.kernel.process.models import WorkItem


def draw_certificate(case: int, item: int, output: str) -> None:
    """Draw the certificate of a granted case and report to its process; nothing when the process has gone on."""
    if not WorkItem.objects.filter(pk=item, state=WorkItem.State.WAITING).exists():
        return
    row = Case.objects.select_related("unit", "party").get(pk=case)
    entry = entry_of(case)
    rendered = certificate_paper(row, entry, output).drawn()
    keep_certificate(actor=SYSTEM, case=case, item=item, entry=entry.pk, rendered=rendered, staged=staged_of(rendered))


def draw_letter(cause: LedgerEntry) -> None:
    """Draw the letter an entry calls for and attach it to its case; may run again."""
    case = Case.objects.select_related("unit", "party", "subject").get(pk=cause.subject_id)
    paper = letter_paper(case, cause)
    if paper is None:
        return
    rendered = paper.drawn()
    keep_document(actor=SYSTEM, subject=case.pk, rendered=rendered, staged=staged_of(rendered), slot="letters")


def staged_of(rendered: Rendered) -> Staged:
    """A drawn paper, sealed and waiting to be kept."""
    return stage([rendered.pdf], default_limits())
