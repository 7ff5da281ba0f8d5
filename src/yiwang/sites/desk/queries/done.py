"""What the actor has done, and what he began for others: newest first."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.queries import cases_filed_by
from yiwang.kernel.cases.types import offer_of
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.desk.queries.kinds import UNKNOWN, Mark, mark_of, marks
from yiwang.sites.desk.queries.worklist import PAGE, Place


@dataclass(frozen=True, slots=True)
class PastLine:
    """One line: what was done with it, or how it stands."""

    case: int
    mark: Mark
    number: str
    title: str
    source: str
    step: str
    outcome: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class PastPage:
    """A page of such lines and the place to go on after."""

    lines: tuple[PastLine, ...]
    after: Place | None


def done_list(actor: Actor, after: Place | None = None) -> PastPage:
    """Steps this person finished, latest first; two queries."""
    query = WorkItem.objects.filter(person=actor.person, state=WorkItem.State.DONE)
    if after is not None and after.due is not None:
        query = query.filter(Q(done__lt=after.due) | Q(done=after.due, pk__lt=after.item))
    rows = list(query.order_by("-done", "-pk")[: PAGE + 1]) if actor.person is not None else []
    known = marks({row.kind for row in rows})
    more = Place(rows[PAGE - 1].done, rows[PAGE - 1].pk) if len(rows) > PAGE else None
    return PastPage(tuple(_done(row, known) for row in rows[:PAGE]), more)


def _done(row: WorkItem, known: dict[int, Mark]) -> PastLine:
    mark = known.get(row.kind, UNKNOWN)
    return PastLine(row.subject_id, mark, row.number, row.title, row.source, row.label, row.move, row.done)


def started_list(actor: Actor, after: Place | None = None) -> PastPage:
    """Cases this account filed for others, latest first; one query."""
    query = cases_filed_by(actor)
    if after is not None and after.due is not None:
        query = query.filter(Q(opened__lt=after.due) | Q(opened=after.due, pk__lt=after.item))
    rows = list(query.order_by("-opened", "-pk")[: PAGE + 1])
    more = Place(rows[PAGE - 1].opened, rows[PAGE - 1].pk) if len(rows) > PAGE else None
    return PastPage(tuple(_started(row) for row in rows[:PAGE]), more)


def _started(case: Case) -> PastLine:
    result = offer_of(case.version_id).spec.results.get(case.result)
    outcome = result.name if result else case.get_status_display()
    source = case.party.name if case.party else ""
    return PastLine(case.pk, mark_of(case.version_id), case.number, case.title, source, "", outcome, case.opened)
