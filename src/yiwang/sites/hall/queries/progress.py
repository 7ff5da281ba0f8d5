"""Where a case stands, for its applicant: a sentence, who has it, what he must do, how the days were counted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from yiwang.kernel.base.masks import mask_name
from yiwang.kernel.base.moments import today
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.rules import SUPPLEMENT
from yiwang.kernel.cases.types import Offer, offer_of
from yiwang.kernel.clock.explanations import Explanation
from yiwang.kernel.clock.models import Clock
from yiwang.kernel.clock.queries import clocks_of, explain
from yiwang.kernel.org.models import Person, Unit
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.hall.queries.timeline import Event, Names, events_of
from yiwang.ui.words import amount_words, day_words

ORDER = ("delivery", "promised", "statutory", "acceptance")


@dataclass(frozen=True)
class Hands:
    """Who has the case now."""

    where: str
    who: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Todo:
    """What the applicant must do, with the address where he does it."""

    words: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class Contact:
    """Whom to ask."""

    name: str
    phone: str
    hours: str


@dataclass(frozen=True)
class Progress:
    """Everything the page of one case shows to its applicant; `applicant` is masked for whoever is not signed in."""

    case: int
    number: str
    item: str
    item_key: str
    applicant: str
    headline: str
    is_open: bool
    result: str
    hands: Hands
    todo: Todo
    contact: Contact
    explained: Explanation | None
    limit_lines: tuple[str, ...]
    events: tuple[Event, ...]
    awaits_corrections: bool


def progress_of(case: Case, *, masked: bool) -> Progress:
    """The progress of a case the caller has the right to see; about nine queries."""
    offer = offer_of(case.version_id)
    items = list(WorkItem.objects.filter(subject=case.pk, asking=0).order_by("pk"))
    waiting = [item for item in items if item.state == WorkItem.State.OPEN]
    names = names_of(items)
    clocks = clocks_of(case.pk)
    applicant = case.party.name if case.party else ""
    awaits = any(act_of(offer, item) == SUPPLEMENT for item in waiting)
    return Progress(
        case=case.pk,
        number=case.number,
        item=offer.spec.name,
        item_key=offer.spec.key,
        applicant=mask_name(applicant) if masked else applicant,
        headline=_headline(case, offer, waiting, awaits),
        is_open=case.is_open,
        result=case.result,
        hands=_hands(case, waiting, names, awaits),
        todo=_todo(case, awaits),
        contact=contact_of(case.unit),
        explained=_explained(case, clocks, awaits),
        limit_lines=tuple(_limit_lines(case, clocks)),
        events=events_of(case, offer, items, names),
        awaits_corrections=awaits,
    )


def act_of(offer: Offer, item: WorkItem) -> str:
    """What kind of step an item is."""
    node = offer.graph.nodes.get(item.node)
    return node.task.act if node and node.task else ""


def names_of(items: Iterable[WorkItem]) -> Names:
    """Names of the people and units behind items; two queries."""
    rows = list(items)
    persons = Person.objects.in_bulk({row.person for row in rows if row.person})
    units = Unit.objects.in_bulk({row.unit for row in rows if row.unit})
    return Names({pk: one.name for pk, one in persons.items()}, {pk: one.name for pk, one in units.items()})


def contact_of(unit: Unit) -> Contact:
    """Whom to ask about a case of this unit."""
    return Contact(unit.name, unit.phone, unit.hours)


def _headline(case: Case, offer: Offer, waiting: Sequence[WorkItem], awaits: bool) -> str:
    if not case.is_open:
        result = offer.spec.results.get(case.result)
        return _("已办结：%(result)s") % {"result": result.name if result else case.result}
    if case.status == Case.Status.SUSPENDED:
        return _("已中止办理")
    if awaits:
        return _("等您补正材料")
    labels = "、".join(dict.fromkeys(item.label for item in waiting))
    if case.status == Case.Status.RECEIVED:
        return _("已收到，等待受理")
    return _("正在%(steps)s") % {"steps": labels} if labels else _("正在办理")


def _hands(case: Case, waiting: Sequence[WorkItem], names: Names, awaits: bool) -> Hands:
    if not case.is_open:
        return Hands(_("已经办结"), since=None)
    if awaits:
        return Hands(_("在您手里"), _("等您补正"))
    if not waiting:
        return Hands(case.unit.name, _("系统正在处理"))
    where = "；".join(dict.fromkeys(names.unit(item.unit) or case.unit.name for item in waiting))
    people = "、".join(dict.fromkeys(name for item in waiting if (name := names.person(item.person))))
    who = _("经办人 %(people)s") % {"people": people} if people else _("等待经办人领办")
    return Hands(where, who, max(item.created for item in waiting))


def _todo(case: Case, awaits: bool) -> Todo:
    if awaits:
        note = _("要补的都写在一份告知书里，一次补齐")
        return Todo(_("补正材料"), note, reverse("hall:corrections", args=[case.pk]))
    if case.is_open:
        return Todo(_("什么都不用做"), _("有决定会在“我的办件”里告诉您"))
    if case.result == "granted":
        return Todo(_("领取证照"), _("在“我的办件”里下载"), reverse("hall:case", args=[case.pk]))
    return Todo(_("没有要做的"), _("对决定不服的，可以申请行政复议或者起诉"))


def _explained(case: Case, clocks: Sequence[Clock], awaits: bool) -> Explanation | None:
    if awaits:
        return None
    running = {clock.name: clock for clock in clocks if clock.stopped_at is None}
    latest = {clock.name: clock for clock in clocks}
    wanted = running if case.is_open else latest
    order = ORDER if case.is_open else ("promised", "statutory", "acceptance")
    chosen = next((wanted[name] for name in order if name in wanted), None)
    return explain(chosen) if chosen is not None else None


def _limit_lines(case: Case, clocks: Sequence[Clock]) -> Iterator[str]:
    for clock in clocks:
        if clock.name == "statutory" and clock.stopped_at is None and case.is_open:
            facts = {
                "amount": amount_words(clock.amount + clock.extension, clock.unit),
                "day": day_words(clock.due, today()),
            }
            yield _("法定时限 %(amount)s，到 %(day)s。") % facts
