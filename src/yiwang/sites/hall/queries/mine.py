"""The applicant's own desk: cases, drafts, messages, papers, certificates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.cases.models import Case, Notice
from yiwang.kernel.cases.queries import cases_filed_by, cases_of_party, notices_of
from yiwang.kernel.cases.rules import SUPPLEMENT
from yiwang.kernel.cases.types import offer_of
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.forms.queries import Contents, evidence_of, opened
from yiwang.kernel.notify.models import Message
from yiwang.kernel.notify.queries import messages_for
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.outputs.models import Document
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.registers.models import Entry
from yiwang.kernel.registers.queries import entries_of_case
from yiwang.sites.hall.queries.filling import DraftLine, drafts, own_case_row
from yiwang.sites.hall.queries.progress import Progress, progress_of

MOST = 50
RECENT = 10


@dataclass(frozen=True)
class CaseLine:
    """A case in the list of one's own; `word` says where it stands, `awaits` that the applicant must act."""

    case: Case
    item: str
    word: str
    awaits: bool
    url: str


@dataclass(frozen=True)
class Mine:
    """The first page of one's own."""

    todo: tuple[CaseLine, ...]
    running: tuple[CaseLine, ...]
    closed: tuple[CaseLine, ...]
    drafts: tuple[DraftLine, ...]
    messages: tuple[Message, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing yet."""
        return not (self.todo or self.running or self.closed or self.drafts)


def mine_of(actor: Actor) -> Mine:
    """Cases of the actor's own party, or those a clerk filed for others."""
    cases = list((cases_filed_by(actor) if actor.is_staff else cases_of_party(actor))[:MOST])
    waiting = _awaiting(cases)
    lines = [_line(case, awaits=case.pk in waiting) for case in cases]
    return Mine(
        todo=tuple(line for line in lines if line.awaits),
        running=tuple(line for line in lines if line.case.is_open and not line.awaits),
        closed=tuple(line for line in lines if not line.case.is_open),
        drafts=tuple(drafts(actor)),
        messages=tuple(messages_for(actor)[:RECENT]),
    )


def _awaiting(cases: Iterable[Case]) -> set[int]:
    """Cases with an open step of the applicant himself; one query."""
    nodes = Q(pk__in=())
    for case in cases:
        graph = offer_of(case.version_id).graph
        steps = [node.id for node in graph.nodes.values() if node.task and node.task.act == SUPPLEMENT]
        nodes |= Q(subject=case.pk, node__in=steps)
    return set(WorkItem.objects.filter(nodes, state=WorkItem.State.OPEN).values_list("subject_id", flat=True))


def _line(case: Case, *, awaits: bool) -> CaseLine:
    spec = offer_of(case.version_id).spec
    result = spec.results.get(case.result)
    word = result.name if result else Case.Status(case.status).label
    return CaseLine(
        case, spec.name, _("等您补正") if awaits else str(word), awaits, reverse("hall:case", args=[case.pk])
    )


@dataclass(frozen=True)
class Paper:
    """A document the applicant may download."""

    title: str
    number: str
    made: datetime
    url: str


@dataclass(frozen=True)
class OwnCase:
    """The page of one case for its applicant: progress, papers, what was handed in."""

    progress: Progress
    case: Case
    notices: tuple[Notice, ...]
    papers: tuple[Paper, ...]
    answers: Contents | None
    may_withdraw: bool


def own_case(actor: Actor, case: int) -> OwnCase:
    """A case of the actor's own. Raises NotFound for any other."""
    found = own_case_row(actor, case)
    latest = evidence_of(case, offer_of(found.version_id).form.key).first()
    return OwnCase(
        progress=progress_of(found, masked=False),
        case=found,
        notices=tuple(notices_of(case)),
        papers=tuple(_papers(case)),
        answers=opened(latest) if latest else None,
        may_withdraw=found.is_open,
    )


def _papers(case: int) -> Iterable[Paper]:
    subjects = [case, *entries_of_case(case).values_list("subject_id", flat=True)]
    rows = Document.objects.filter(subject__in=subjects).select_related("attachment").order_by("-made")
    seen: set[tuple[int, str]] = set()
    for row in rows:
        if (row.subject_id, row.key) not in seen:
            seen.add((row.subject_id, row.key))
            yield Paper(row.title, row.number, row.made, reverse("hall:file", args=[row.attachment_id]))


def readable_file(actor: Actor, attachment: int) -> Attachment:
    """A file of a draft of one's own, of a case of one's own, or of a certificate that came of it. Raises NotFound."""
    file = Attachment.objects.filter(pk=attachment, removed=None).select_related("blob").first()
    if file is None or actor.account <= 0:
        raise NotFound()
    if file.subject_id is None:
        if file.owner != actor.account:
            raise NotFound()
        return file
    own_case_row(actor, _case_of(file.subject_id))
    return file


def _case_of(subject: int) -> int:
    """The case itself, or the case that a register entry came of."""
    source = Entry.objects.filter(subject=subject).values_list("source_id", flat=True).first()
    return source or subject
