"""The one worklist: every kind of case in one list, sorted by what is due, paged by (due, id)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yiwang.kernel.org.actors import Actor
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.questions import ANSWERED, AWAITED
from yiwang.sites.desk.queries.dues import Due, Frame, bucket_of, due_words
from yiwang.sites.desk.queries.facets import BUCKETS, Facets, briefs, facets_of
from yiwang.sites.desk.queries.filters import Filters, capped, mine, narrowed
from yiwang.sites.desk.queries.kinds import UNKNOWN, Mark, marks
from yiwang.ui.words import day_words

PAGE = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: due of the last line (None among lines without one) and its id."""

    due: datetime | None
    item: int

    def __str__(self) -> str:
        return f"{self.due.isoformat() if self.due else ''}~{self.item}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list; everything comes from the work item itself."""

    item: int
    case: int
    kind: int
    mark: Mark
    number: str
    title: str
    source: str
    step: str
    note: str
    note_icon: str
    is_question: bool
    urgent: int
    unread: bool
    pooled: bool
    due: Due
    bucket: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under one heading."""

    key: str
    title: str
    count: str
    hint: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Worklist:
    """A page of the list with its counts and the place to go on after."""

    groups: tuple[Group, ...]
    facets: Facets
    after: Place | None

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines of the page in order."""
        return tuple(line for group in self.groups for line in group.lines)


def worklist(actor: Actor, filters: Filters, frame: Frame, after: Place | None = None) -> Worklist:
    """What waits for this actor; one query for the counts, one for kinds, one or two for each index branch."""
    brief = briefs(actor)
    known = marks({row.kind for row in brief})
    facets = facets_of(brief, actor, filters, frame, known)
    rows = page_of(actor, filters, frame, after, timeless=facets.may_have_timeless)
    lines = [line_of(row, frame, known) for row in rows[:PAGE]]
    more = Place(rows[PAGE - 1].due, rows[PAGE - 1].pk) if len(rows) > PAGE else None
    return Worklist(tuple(_groups(lines, facets, frame)), facets, more)


def page_of(
    actor: Actor, filters: Filters, frame: Frame, after: Place | None, *, size: int = PAGE, timeless: bool = True
) -> list[WorkItem]:
    """At most `size` + 1 open items in order of due; those without a due date stand last."""
    rows: list[WorkItem] = []
    if after is None or after.due is not None:
        rows = _branches(actor, filters, frame, after, size, timed=True)
    if timeless and len(rows) <= size:
        rest = after if after and after.due is None else None
        rows += _branches(actor, filters, frame, rest, size, timed=False)
    return rows[: size + 1]


def _branches(
    actor: Actor, filters: Filters, frame: Frame, after: Place | None, size: int, *, timed: bool
) -> list[WorkItem]:
    found: list[WorkItem] = []
    for condition in mine(actor):
        query = narrowed(WorkItem.objects.filter(condition, state=WorkItem.State.OPEN), filters, frame)
        found += _slice(query.filter(due__isnull=not timed), after, size)
    return sorted(found, key=lambda row: (row.due or row.created, row.pk))


def _slice(query: QuerySet[WorkItem], after: Place | None, size: int) -> list[WorkItem]:
    if after is not None and after.due is None:
        query = query.filter(pk__gt=after.item)
    elif after is not None:
        query = query.filter(Q(due__gt=after.due) | Q(due=after.due, pk__gt=after.item))
    return list(query.order_by("due", "pk")[: size + 1])


def line_of(row: WorkItem, frame: Frame, known: dict[int, Mark]) -> Line:
    """A work item as a line of the list."""
    return Line(
        item=row.pk,
        case=row.subject_id,
        kind=row.kind,
        mark=known.get(row.kind, UNKNOWN),
        number=row.number,
        title=row.title,
        source=row.source,
        step=row.label,
        note=row.note,
        note_icon="users" if row.asking or row.note in (AWAITED, ANSWERED) else "undo",
        is_question=bool(row.asking),
        urgent=row.urgent,
        unread=row.read is None,
        pooled=row.person is None,
        due=due_words(row.due, frame),
        bucket=bucket_of(row.due, frame),
    )


def _groups(lines: list[Line], facets: Facets, frame: Frame) -> Iterator[Group]:
    titles = {"late": _("已超期"), "today": _("今天到期"), "near": _("三个工作日内"), "later": _("以后")}
    hints = {
        "late": _("先办这些，超期会记入办件"),
        "today": day_words(frame.today, frame.today),
        "near": _("至 %(day)s") % {"day": day_words(frame.near, frame.today)},
        "later": _("按期限排列"),
    }
    for key in BUCKETS:
        inside = tuple(line for line in lines if line.bucket == key)
        if inside:
            yield Group(key, titles[key], capped(facets.buckets.get(key, 0)), hints[key], inside)
