"""All cases an actor may see: open by due, closed by end, found by number, title, applicant or place."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from yiwang.kernel.access.queries import PAGE, Row, Wanted, count
from yiwang.kernel.cases.models import Case, CaseType
from yiwang.kernel.cases.queries import Brief, cases_found, cases_page, kinds
from yiwang.kernel.cases.types import offer_of, warm
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Unit
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.search.queries import Search
from yiwang.sites.desk.queries.case import result_words
from yiwang.sites.desk.queries.dues import Due, Frame, due_words
from yiwang.sites.desk.queries.filters import capped
from yiwang.sites.desk.queries.kinds import Mark, mark_of

FOUND = 50


@dataclass(frozen=True, slots=True)
class Wish:
    """Which cases: open or closed, one kind, some words, only those due by midnight, after which line."""

    is_closed: bool = False
    kind: int = 0
    words: str = ""
    due_today: bool = False
    after: Row | None = None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in the list, everything already words."""

    case: Brief
    url: str
    unit: str
    mark: Mark
    status: str
    tone: str
    due: Due | None
    closed: str


@dataclass(frozen=True, slots=True)
class Casebook:
    """A page of the list; counts stop at 1,000 (none beside words), `kinds` are the options of the filter."""

    lines: tuple[CaseLine, ...]
    open_count: str
    closed_count: str
    kinds: SafeString
    has_kinds: bool
    after: str


def casebook(actor: Actor, wish: Wish, frame: Frame) -> Casebook:
    """One page; at most six queries whatever the number of kinds."""
    rows = found_cases(actor, wish) if wish.words else _paged(actor, wish, frame)
    warm(row.version for row in rows)
    labels = _labels([row.case for row in rows if row.is_open])
    last = rows[-1] if len(rows) == PAGE and not wish.words else None
    offered, units = kinds(), directory().units
    return Casebook(
        lines=tuple(_line(row, labels.get(row.case, ""), units[row.unit], frame) for row in rows),
        open_count=_counted(actor, wish, is_closed=False),
        closed_count=_counted(actor, wish, is_closed=True),
        kinds=_options(offered, wish.kind),
        has_kinds=len(offered) > 1,
        after=f"{last.sorted_by.isoformat()}~{last.case}" if last else "",
    )


def _counted(actor: Actor, wish: Wish, *, is_closed: bool) -> str:
    return "" if wish.words else capped(count(actor, _wanted(wish.kind, is_closed=is_closed)))


def _options(offered: Iterable[CaseType], chosen: int) -> SafeString:
    rows = ((one.kind_id, " selected" if one.kind_id == chosen else "", one.name) for one in offered)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


def _wanted(kind: int, *, is_closed: bool) -> Wanted:
    return Wanted(state=int(is_closed), kind=kind or None, newest_first=is_closed)


def _paged(actor: Actor, wish: Wish, frame: Frame) -> list[Brief]:
    wanted = _wanted(wish.kind, is_closed=wish.is_closed)
    if wish.due_today and not wish.is_closed:
        wanted = replace(wanted, until=frame.tonight)
    return cases_page(actor, wanted, wish.after)


def found_cases(actor: Actor, wish: Wish) -> list[Brief]:
    """Cases whose number, title, applicant or place holds the words, newest first; at most fifty."""
    return cases_found(actor, Search(wish.words, int(wish.is_closed), kind=wish.kind or None, size=FOUND))


def _labels(cases: list[int]) -> dict[int, str]:
    rows = WorkItem.objects.filter(subject__in=cases, state=WorkItem.State.OPEN).order_by("pk")
    found: dict[int, str] = {}
    for subject, label in rows.values_list("subject", "label") if cases else ():
        found[subject] = f"{found[subject]}、{label}" if subject in found else label
    return found


def _due(row: Brief, frame: Frame) -> Due | None:
    if not row.is_open:
        return None
    return Due(lead=_("已停表")) if row.status == Case.Status.SUSPENDED else due_words(row.due, frame)


def _line(row: Brief, at_work: str, unit: Unit, frame: Frame) -> CaseLine:
    status, tone = result_words(row, offer_of(row.version), at_work)
    return CaseLine(
        case=row,
        url=reverse("desk:case", args=[row.case]),
        unit=unit.short_name,
        mark=mark_of(row.version),
        status=status,
        tone=tone,
        due=_due(row, frame),
        closed=f"{localtime(row.closed):%Y-%m-%d}" if row.closed else "",
    )
