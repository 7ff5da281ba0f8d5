"""Other cases of the same applicant, and where a case stands in the worklist."""

from dataclasses import dataclass

from yiwang.kernel.access.queries import visible
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.types import offer_of
from yiwang.kernel.org.actors import Actor
from yiwang.sites.desk.queries.case import status_of
from yiwang.sites.desk.queries.dues import Frame
from yiwang.sites.desk.queries.facets import briefs

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Related:
    """One other case with its state in words."""

    case: Case
    status: str
    tone: str


@dataclass(frozen=True, slots=True)
class InList:
    """第 6 件，共 37 件, with the lines before and after it."""

    number: int
    total: int
    before: int
    next: int


def related_cases(actor: Actor, case: Case) -> tuple[Related, ...]:
    """Cases of the same party that the actor may see, newest first; one query."""
    if case.party_id is None:
        return ()
    rows = Case.objects.filter(visible(actor), party=case.party_id).exclude(pk=case.pk).order_by("-opened")
    return tuple(Related(row, *status_of(row, offer_of(row.version_id))) for row in rows[:SHOWN])


def place_in_list(actor: Actor, frame: Frame, item: int) -> InList | None:
    """Where an item stands in the actor's list, sorted by due; one query."""
    far = frame.near_end.replace(year=9999, month=12, day=1)
    ordered = [row.pk for row in sorted(briefs(actor), key=lambda row: (row.due or far, row.pk))]
    if item not in ordered:
        return None
    at = ordered.index(item)
    before = ordered[at - 1] if at else 0
    return InList(at + 1, len(ordered), before, ordered[at + 1] if at + 1 < len(ordered) else 0)
