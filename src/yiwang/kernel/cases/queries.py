"""Reading cases; every door starts from what the actor may see."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce

from yiwang.kernel.access.queries import Row, Wanted, page, sees, visible
from yiwang.kernel.base.moments import today
from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.cases.authority import is_handled_here
from yiwang.kernel.cases.board import is_mine
from yiwang.kernel.cases.models import Case, CaseType, Notice, Opinion, TypeVersion
from yiwang.kernel.cases.opening import track_tag
from yiwang.kernel.cases.types import Offer, offer_of, warm
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.process.board import Held
from yiwang.kernel.process.graph import Node, Task
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.search.queries import Search, find

TRACK_WRONG = "0" * 64


@dataclass(frozen=True)
class Step:
    """An item of a case as its page needs it: the row, what the step asks for, whether it is the actor's."""

    item: WorkItem
    node: Node
    task: Task
    is_mine: bool

    @property
    def moves(self) -> Mapping[str, str]:
        """Key and label of each way to decide."""
        return self.task.moves


def case_for(actor: Actor, case: int) -> Case:
    """A case the actor may see, with party, unit and division. Raises NotFound."""
    if actor.account != 0 and not sees(actor, case):
        raise NotFound()
    rows = Case.objects.select_related("party", "unit", "division", "version").defer("version__content")
    found = rows.filter(pk=case).first()
    if found is None:
        raise NotFound()
    return found


def open_steps(actor: Actor, case: Case) -> list[Step]:
    """Every step that waits for somebody, those of the actor first."""
    offer = offer_of(case.version_id)
    items = WorkItem.objects.filter(subject=case.pk, state=WorkItem.State.OPEN, asking=0).order_by("pk")
    steps = [_step(actor, case, offer, item) for item in items]
    return sorted(steps, key=lambda step: not step.is_mine)


def _step(actor: Actor, case: Case, offer: Offer, item: WorkItem) -> Step:
    node = offer.graph.nodes[item.node]
    task = offer.graph.task(item.node)
    held = Held(item.pk, item.instance_id, item.node, item.post, item.person, item.unit)
    return Step(item, node, task, is_mine(actor, held, node, case))


def all_steps(case: int) -> list[WorkItem]:
    """Every item the case ever had, oldest first, without the opinions that were asked for."""
    return list(WorkItem.objects.filter(subject=case, asking=0).order_by("pk"))


def questions_of(case: int) -> list[WorkItem]:
    """Every opinion somebody asked for 加签, oldest first; the caller has checked that the case may be seen."""
    return list(WorkItem.objects.filter(subject=case, asking__gt=0).order_by("pk"))


def opinions_of(case: int) -> QuerySet[Opinion]:
    """Opinions, oldest first; the caller has checked that the case may be seen."""
    return Opinion.objects.filter(subject=case).order_by("at", "pk")


def notices_of(case: int) -> QuerySet[Notice]:
    """Papers to the applicant, oldest first; the caller has checked that the case may be seen."""
    return Notice.objects.filter(subject=case).order_by("at", "pk")


@dataclass(frozen=True, slots=True)
class Brief:
    """A case as a list shows it; no more is read than that."""

    case: int
    number: str
    title: str
    party: str
    unit: int
    version: int
    status: int
    result: str
    opened: datetime
    due: datetime | None
    closed: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether anything can still happen to it."""
        return self.status != Case.Status.CLOSED

    @property
    def sorted_by(self) -> datetime:
        """What lists are sorted by."""
        return self.closed or self.due or self.opened


BRIEF = ("subject", "number", "title", "party_name", "unit", "version", "status", "result", "opened", "due", "closed")


def briefs_of(ids: Sequence[int]) -> list[Brief]:
    """Cases in the order of their ids as given; the caller has them from a door that checks what may be seen."""
    named = Case.objects.annotate(party_name=Coalesce("party__name", Value("")))
    rows = named.filter(pk__in=ids).values_list(*BRIEF)
    found = {row[0]: Brief(*row) for row in rows}
    return [found[pk] for pk in ids if pk in found]


def cases_page(actor: Actor, wanted: Wanted, after: Row | None = None) -> list[Brief]:
    """One page of the cases an actor may see, in the order of the page; two queries."""
    return briefs_of([row.subject for row in page(actor, wanted, after)])


def cases_found(actor: Actor, search: Search) -> list[Brief]:
    """One page of the cases an actor may see that hold some words, newest first."""
    return briefs_of(find(actor, replace(search, noun="case")))


def cases_of_party(actor: Actor) -> QuerySet[Case]:
    """Cases of a signed-in citizen or firm, newest first."""
    own = Case.objects.filter(visible(actor), party=actor.party) if actor.party is not None else Case.objects.none()
    return own.select_related("version__type", "unit").order_by("-opened")


def cases_filed_by(actor: Actor) -> QuerySet[Case]:
    """Cases a member of staff filed for others, newest first."""
    filed = Case.objects.filter(visible(actor), filed_by=actor.account)
    return filed.select_related("version__type", "unit", "party").order_by("-opened")


def track(number: str, code: str) -> Case | None:
    """The case with this number and tracking code; unknown and wrong look and last the same."""
    case = Case.objects.select_related("party", "unit", "version").filter(number=number.strip()).first()
    expected = case.track_tag if case is not None else TRACK_WRONG
    return case if hmac.compare_digest(expected, track_tag(code)) else None


def kinds() -> list[CaseType]:
    """Every type a case may be of, by name; one query."""
    return list(CaseType.objects.order_by("name"))


def offers() -> list[Offer]:
    """Every type that can be applied for today at a unit of this node; matters inside the house are not among them."""
    day = today()
    versions = TypeVersion.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=day),
        status=TypeVersion.Status.PUBLISHED,
        valid_from__lte=day,
        type__is_offered=True,
    )
    ids = list(versions.order_by("type__name").values_list("pk", flat=True))
    warm(ids)
    known = [offer_of(pk) for pk in ids]
    return [offer for offer in known if is_handled_here(offer) and not offer.spec.authority.is_own]
