"""Registers as the desk shows them: issued entries with their versions, the board of quotas."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.access.queries import sees
from yiwang.kernel.base.moments import today
from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.cases.listed import with_status
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.types import labels_of, offer_of
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Unit
from yiwang.kernel.outputs.models import Document
from yiwang.kernel.outputs.queries import documents_of
from yiwang.kernel.registers import queries as registers
from yiwang.kernel.registers.models import Entry, EntryVersion, Quota, Register, Scheme
from yiwang.kernel.registers.numbering import number_key
from yiwang.kernel.registers.rules import Status, status_on
from yiwang.sites.desk.queries.quota import AccountLine, BoardLine, account_lines, board_line

PAGE = 50
TOLD_ELSEWHERE = frozenset({"case", "title"})
TONES = {Status.VALID: "ok"}
WORDS = {
    Status.VALID: _("有效"),
    Status.UPCOMING: _("尚未生效"),
    Status.EXPIRED: _("已过期"),
    Status.REVOKED: _("已撤销"),
    Status.CANCELLED: _("已注销"),
    Status.REPLACED: _("已换发"),
    Status.VOID: _("作废"),
}


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry with its status on this day in words."""

    entry: Entry
    status: str
    tone: str


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One entry with every state it ever had."""

    line: EntryLine
    versions: tuple[EntryVersion, ...]
    data: tuple[tuple[str, object], ...]
    source: Case | None
    documents: tuple[Document, ...]

    @property
    def pages(self) -> range:
        """Numbers of the pages of the latest document."""
        return range(1, self.documents[0].pages + 1) if self.documents else range(0)


@dataclass(frozen=True, slots=True)
class Board:
    """Quotas of one scheme and year that the actor's units are concerned with."""

    scheme: Scheme
    year: int
    lines: tuple[BoardLine, ...]


def entry_lines(actor: Actor, words: str, status: str, before: int = 0) -> tuple[EntryLine, ...]:
    """Issued entries the actor may see, newest first, found by number or holder; one query."""
    rows = registers.entries(actor)
    if words:
        rows = rows.filter(Q(number_key__contains=number_key(words)) | Q(holder_name__icontains=words))
    rows = with_status(rows, status, today())
    rows = rows.filter(pk__lt=before) if before else rows
    return tuple(line_of(row, today()) for row in rows.order_by("-pk")[:PAGE])


def line_of(entry: Entry, day: date) -> EntryLine:
    """An entry with its status on a day."""
    status = status_on(entry.state, entry.valid_from, entry.valid_to, day)
    return EntryLine(entry, str(WORDS[status]), TONES.get(status, ""))


def entry_page(actor: Actor, entry: int) -> EntryPage:
    """One entry the actor may see. Raises NotFound."""
    found = registers.entries(actor).select_related("replaced_by").filter(pk=entry).first()
    if found is None:
        raise NotFound()
    versions = EntryVersion.objects.filter(entry=found).order_by("-version")
    case = Case.objects.filter(pk=found.source_id).first() if found.source_id else None
    source = case if case is not None and sees(actor, case.pk) else None
    documents = tuple(documents_of(actor, found.subject_id))
    return EntryPage(line_of(found, today()), tuple(versions), _data(found, case), source, documents)


def _data(entry: Entry, case: Case | None) -> tuple[tuple[str, object], ...]:
    """What the entry keeps, under the labels of the form it came from."""
    offer = offer_of(case.version_id) if case is not None else None
    form, labels = (offer.form, labels_of(offer)) if offer is not None else (None, {})
    groups = {group.key: group.title for _step, group in form.groups()} if form is not None else {}
    return tuple(
        (labels.get(key) or groups.get(key.partition("-")[0]) or key, value)
        for key, value in entry.data.items()
        if key not in TOLD_ELSEWHERE and value not in ("", None)
    )


def lists(actor: Actor) -> tuple[Register, ...]:
    """Registers of which the actor may see an entry, by name; one query."""
    seen = registers.entries(actor).select_related(None).values("register")
    return tuple(Register.objects.filter(pk__in=seen).order_by("name"))


def boards(actor: Actor, year: int) -> tuple[Board, ...]:
    """The board of every scheme for the bureaus of the actor's posts; one query for each scheme, one for units."""
    tops = _tops(actor)
    return tuple(_board(scheme, year, tops) for scheme in Scheme.objects.order_by("name"))


def _tops(actor: Actor) -> list[Unit]:
    paths = {held.unit_path[:length] for held in actor.posts for length in range(4, len(held.unit_path) + 1, 4)}
    return list(Unit.objects.filter(path__in=paths, kind=Unit.Type.BUREAU).order_by("-depth")[:1])


def _board(scheme: Scheme, year: int, tops: list[Unit]) -> Board:
    lines = [board_line(row) for top in tops for row in registers.board(scheme.pk, year, top)]
    return Board(scheme, year, tuple(lines))


def quota_account(actor: Actor, quota: int) -> tuple[BoardLine, tuple[AccountLine, ...]]:
    """One quota with its account. Raises NotFound for quotas outside of the actor's bureau."""
    found = Quota.objects.select_related("scheme", "unit").filter(pk=quota).first()
    tops = _tops(actor)
    if found is None or not any(found.unit.path.startswith(top.path) for top in tops):
        raise NotFound()
    rows = registers.board(found.scheme_id, found.year, found.unit)
    row = next(row for row in rows if row.quota.pk == quota)
    return board_line(row), account_lines(found)
