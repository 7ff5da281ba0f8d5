"""Drawing papers outside any transaction and sealing them, then one action that keeps them.

Whether the seal may be used is asked first, so that no paper of a suspended seal is ever drawn. When the signer does
not answer, the paper is kept unsigned and the same job comes again; a certificate is not issued before it is signed.
"""

from yiwang.kernel.base.moments import now
from yiwang.kernel.cases.actions.keeping import keep_certificate
from yiwang.kernel.cases.board import REACTION
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.papers import Paper, certificate_paper, entry_of, letter_paper
from yiwang.kernel.files.limits import default_limits
from yiwang.kernel.files.staging import Staged, stage
from yiwang.kernel.jobs.services import Order
from yiwang.kernel.ledger.models import Entry as LedgerEntry
from yiwang.kernel.ledger.reactions import DELIVERY
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.outputs.actions import keep_document
from yiwang.kernel.outputs.rules import Decided
from yiwang.kernel.outputs.sealing import Made, next_try, sealed, use_for
from yiwang.kernel.outputs.services import Rendered
from yiwang.kernel.process.models import WorkItem

LETTER = "cases.draw_letter"
GRANTED = "certificate.granted"


def draw_certificate(case: int, item: int, output: str) -> None:
    """Draw the certificate of a granted case and report to its process; nothing when the process has gone on.

    Raises SealSuspended and what else `use_for` refuses, before anything is drawn.
    """
    if not WorkItem.objects.filter(pk=item, state=WorkItem.State.WAITING).exists():
        return
    row = Case.objects.select_related("unit", "party").get(pk=case)
    entry = entry_of(case)
    made = made_of(row, certificate_paper(row, entry, output), decision_on(case))
    staged = staged_of(made.rendered)
    if made.is_waiting:
        args = {"case": case, "parameters": {"output": output}}
        again = Order(REACTION, ref=item, line=case, args=args, due=now() + next_try())
        subject, paper = entry.subject_id, made.rendered
        keep_document(actor=SYSTEM, subject=subject, rendered=paper, staged=staged, slot="certificate", again=again)
        return
    keep_certificate(
        actor=SYSTEM, case=case, item=item, entry=entry.pk, rendered=made.rendered, staged=staged, use=made.use
    )


def draw_letter(cause: LedgerEntry) -> None:
    """Draw the letter an entry calls for and attach it to its case; may run again."""
    case = Case.objects.select_related("unit", "party", "subject").get(pk=cause.subject_id)
    paper = letter_paper(case, cause)
    if paper is None:
        return
    made = made_of(case, paper, Decided(cause.author, cause.post))
    due = now() + next_try()
    again = Order(f"{DELIVERY}:{LETTER}", ref=cause.pk, line=case.pk, due=due) if made.is_waiting else None
    keep_document(
        actor=SYSTEM,
        subject=case.pk,
        rendered=made.rendered,
        staged=staged_of(made.rendered),
        slot="letters",
        use=made.use,
        again=again,
    )


def made_of(case: Case, paper: Paper, decided: Decided) -> Made:
    """The paper with its seal, or waiting for the signer."""
    use = use_for(case.unit_id, paper.spec, decided)
    return sealed(paper.drawn(), use)


def decision_on(case: int) -> Decided:
    """Who granted what the certificate is about."""
    rows = LedgerEntry.objects.filter(subject=case, verb=GRANTED).order_by("-seq")
    author, post = rows.values_list("author", "post").first() or (0, 0)
    return Decided(author, post)


def staged_of(rendered: Rendered) -> Staged:
    """A drawn paper, sealed for the store and waiting to be kept."""
    return stage([rendered.pdf], default_limits())
