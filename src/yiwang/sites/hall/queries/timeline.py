"""What has happened to a case, what is happening, what comes: from its ledger, its work items and its process."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from yiwang.kernel.base.moments import today
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.rules import DELIVER, INTAKE, SIGN, SUPPLEMENT
from yiwang.kernel.cases.types import Offer
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.ledger.queries import entries_of
from yiwang.kernel.process.graph import Task
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.hall.queries.flow import UNITS, plan_of
from yiwang.ui.words import amount_words, day_words


def last_day(moment: datetime) -> date:
    """The last day of a limit that is kept as the first moment after it."""
    return localtime(moment - timedelta(microseconds=1)).date()


@dataclass(frozen=True)
class Event:
    """One line of the timeline: `state` is done, now or next."""

    title: str
    state: str
    text: str = ""
    at: datetime | None = None
    when: str = ""


@dataclass(frozen=True)
class Names:
    """Names of people and units by id."""

    persons: Mapping[int, str]
    units: Mapping[int, str]

    def person(self, pk: int | None) -> str:
        """Name of a person, empty when unknown."""
        return self.persons.get(pk or 0, "")

    def unit(self, pk: int | None) -> str:
        """Name of a unit, empty when unknown."""
        return self.units.get(pk or 0, "")

    def who(self, item: WorkItem) -> str:
        """Unit and person of an item."""
        return " ".join(name for name in (self.unit(item.unit), self.person(item.person)) if name)


def events_of(case: Case, offer: Offer, items: Sequence[WorkItem], names: Names) -> tuple[Event, ...]:
    """The whole timeline, oldest first; two queries."""
    past = [*_done_steps(offer, items, names), *_milestones(case)]
    past.sort(key=lambda event: event.at or case.opened)
    if not case.is_open:
        return tuple(past)
    waiting = [item for item in items if item.state in (WorkItem.State.OPEN, WorkItem.State.WAITING)]
    return (*past, *_now(case, offer, waiting, names), *_next(case, offer, waiting))


def _milestones(case: Case) -> Iterator[Event]:
    for entry in entries_of(case.pk):
        told = _told(entry, case)
        if told is not None:
            yield Event(told[0], "done", told[1], entry.at)


def _told(entry: Entry, case: Case) -> tuple[str, str] | None:
    channel = _("窗口代为提交。") if case.channel == Case.Channel.COUNTER else _("网上提交。")
    silent = _("五个工作日内没有通知补正，自收到之日起视为受理（行政许可法第三十二条）。")
    told = {
        "case.opened": (_("提交申请"), channel),
        "case.accepted": (_("受理"), silent if entry.facts.get("by_silence") else ""),
        "case.corrections_requested": (_("一次性告知补正"), _("要补的全部写在告知书里。")),
        "case.supplemented": (_("已补正"), _("受理时限从补正之日重新计算。")),
        "case.refused": (_("不予受理"), ""),
        "case.suspended": (_("中止，停止计时"), ""),
        "case.resumed": (_("恢复办理"), ""),
        "case.extended": (_("延长期限一次"), ""),
        "case.granted": (_("决定：准予"), ""),
        "case.denied": (_("决定：不予"), ""),
        "case.withdrawn": (_("申请人撤回"), ""),
        "case.step_returned": (_("退回重办"), ""),
        "case.closed": (_("办结"), ""),
    }
    return told.get(entry.verb)


def _task(offer: Offer, item: WorkItem) -> Task | None:
    node = offer.graph.nodes.get(item.node)
    return node.task if node else None


def _done_steps(offer: Offer, items: Sequence[WorkItem], names: Names) -> Iterator[Event]:
    for item in items:
        task = _task(offer, item)
        if item.state == WorkItem.State.DONE and item.done and task and task.act not in (INTAKE, SIGN, SUPPLEMENT):
            yield Event(item.label, "done", names.who(item), item.done)


def _now(case: Case, offer: Offer, waiting: Sequence[WorkItem], names: Names) -> Iterator[Event]:
    for item in waiting:
        task = _task(offer, item)
        text = names.who(item)
        if task and task.act == INTAKE:
            text = _("材料要补的，只通知一次，一次说全；到期没有通知的，就算从收到那天起受理了。")
        yield Event(item.label or _("系统处理"), "now", text, when=_started(case, item))


def _started(case: Case, item: WorkItem) -> str:
    started = _("%(day)s开始") % {"day": day_words(localtime(item.created).date(), today())}
    if item.due is None or case.status == Case.Status.SUSPENDED:
        return started
    return _("%(started)s，最迟 %(day)s") % {"started": started, "day": day_words(last_day(item.due), today())}


def _next(case: Case, offer: Offer, waiting: Sequence[WorkItem]) -> Iterator[Event]:
    plan = plan_of(offer.graph)
    reached = max((plan.ranks.get(item.node, 0) for item in waiting), default=0)
    for node in plan.main:
        task = offer.graph.nodes[node].task
        if task is not None and plan.ranks[node] > reached:
            yield Event(offer.graph.nodes[node].label, "next", when=_expected(case, task))


def _expected(case: Case, task: Task) -> str:
    if task.act == SIGN and case.status == Case.Status.ACCEPTED and case.due is not None:
        return _("最迟 %(day)s") % {"day": day_words(last_day(case.due), today())}
    if task.limit is None:
        return ""
    amount = amount_words(task.limit.amount, UNITS[task.limit.unit])
    if task.act == DELIVER:
        return _("决定以后 %(amount)s内") % {"amount": amount}
    return _("%(amount)s内") % {"amount": amount}
