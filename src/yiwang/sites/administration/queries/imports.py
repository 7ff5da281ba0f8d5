"""Imports of people: the list of them, and one with its lines judged."""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiwang.kernel.base.refusals import InvalidInput, NotFound, Text
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.imports import CHANGED, COLUMNS, MOST_ROWS, NEW, UNCHANGED, WRONG, Judged, Row, judge
from yiwang.kernel.org.models import Account, StaffImport

SHOWN = 20
EXAMPLE = ("QS2026", "张三", "资源管理股", "审查岗", "2026-01-01", "", "")
STATES: dict[str, tuple[Text, str]] = {
    WRONG: (gettext_lazy("有错"), "late"),
    NEW: (gettext_lazy("新增"), "ok"),
    CHANGED: (gettext_lazy("有变"), "on"),
    UNCHANGED: (gettext_lazy("不变"), ""),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the preview."""

    number: int
    state: Text
    tone: str
    cells: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A prepared import with every line judged, wrong ones first."""

    batch: StaffImport
    lines: tuple[Line, ...]
    counts: Counter[str]

    @property
    def good(self) -> int:
        """Lines that would do something."""
        return self.counts[NEW] + self.counts[CHANGED]


def imports_of(actor: Actor) -> list[StaffImport]:
    """The latest imports; drafts are their maker's own."""
    rows = StaffImport.objects.order_by("-pk").defer("rows")
    return [row for row in rows[:SHOWN] if row.state != StaffImport.State.DRAFT or row.by == actor.account]


def import_of(actor: Actor, batch: int) -> StaffImport:
    """One import. Raises NotFound for somebody else's draft too."""
    row = StaffImport.objects.filter(pk=batch).first()
    if row is None or (row.state == StaffImport.State.DRAFT and row.by != actor.account):
        raise NotFound(_("没有这次导入"))
    return row


def names_of(rows: list[StaffImport]) -> dict[int, str]:
    """User names of whoever made these imports."""
    return dict(Account.objects.filter(pk__in={row.by for row in rows}).values_list("pk", "username"))


def draft_of(batch: StaffImport) -> Draft:
    """The lines of a draft, judged as things stand now."""
    judged = judge([Row(line, cells) for line, cells in batch.rows])
    order = (WRONG, NEW, CHANGED, UNCHANGED)
    ordered = sorted(judged, key=lambda one: (order.index(one.state), one.row.line))
    return Draft(batch, tuple(map(_line, ordered)), Counter(one.state for one in judged))


def _line(one: Judged) -> Line:
    remarks = [f"{COLUMNS[column]}：{text}" for column, text in one.problems]
    if not remarks:
        remarks = [
            f"{COLUMNS[name]} {pair[0] or _('（空）')} → {pair[1] or _('（空）')}" for name, pair in one.changes.items()
        ]
        remarks += [_("任职从 %(day)s 起") % {"day": one.since}] if one.post is not None else []
    state, tone = STATES[one.state]
    return Line(one.row.line, state, tone, tuple(one.row.text(column) for column in COLUMNS), tuple(remarks))


def rows_of(table: list[tuple[int, list[str]]]) -> list[Row]:
    """Lines under their heads, in whatever order the columns stand.

    Raises InvalidInput when the head misses a column that every line needs, or there are too many lines.
    """
    heads = [text.replace(" ", "") for text in (table[0][1] if table else [])]
    places = {key: heads.index(str(title)) for key, title in COLUMNS.items() if str(title) in heads}
    missing = [str(COLUMNS[key]) for key in ("staff_number", "name") if key not in places]
    if missing:
        raise InvalidInput(_("第一行要有列名：%(names)s") % {"names": "、".join(missing)}, field="file")
    if len(table) - 1 > MOST_ROWS:
        raise InvalidInput(_("最多 %(most)d 行，请分几次导入") % {"most": MOST_ROWS}, field="file")
    return [
        Row(number, {key: cells[at] for key, at in places.items() if at < len(cells)}) for number, cells in table[1:]
    ]
