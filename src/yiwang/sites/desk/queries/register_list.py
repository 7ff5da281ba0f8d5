"""The list of one register: its declared columns, filters, sums over everything the filters leave."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from yiwang.kernel.base.moments import today
from yiwang.kernel.cases.listed import Listing, cells_of, entries_listed, register_named, sums_by, sums_of
from yiwang.kernel.forms.library import code_tables
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.registers.models import Entry, Register
from yiwang.kernel.registers.services import Column, columns_of
from yiwang.sites.desk.queries.filters import capped
from yiwang.sites.desk.queries.registers import EntryLine, line_of
from yiwang.ui.words import plain_number

PAGE, MOST_COUNTED = 50, 1001


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of an entry in words, under which heading."""

    label: str
    text: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One entry with the values of its columns."""

    line: EntryLine
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter by one column: what may be chosen, what is."""

    key: str
    label: str
    options: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Total:
    """A sum in words with its measure."""

    label: str
    text: str
    unit: str


@dataclass(frozen=True, slots=True)
class Group:
    """Sums of the entries that share one value of a column."""

    name: str
    sums: tuple[Total, ...]


@dataclass(frozen=True, slots=True)
class RegisterList:
    """A page of the list; `count` stops at 1,000, sums never do."""

    register: Register
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    choices: tuple[Choice, ...]
    totals: tuple[Total, ...]
    groups: tuple[Group, ...]
    grouped: Column | None
    count: str
    more: int


def register_list(actor: Actor, listing: Listing, *, before: int = 0, by: str = "") -> RegisterList:
    """One page, newest first; five queries, six with groups. Raises NotFound for an unknown register."""
    register = register_named(listing.register)
    columns, rows = columns_of(register), entries_listed(actor, listing, register)
    page = rows.select_related("register", "issuer")
    shown = list((page.filter(pk__lt=before) if before else page)[:PAGE])
    grouped = next((one for one in columns if one.has_filter and one.key == by), None)
    return RegisterList(
        register=register,
        columns=columns,
        lines=_lines(shown, register, columns),
        choices=tuple(_choice(one, listing.chosen) for one in columns if one.has_filter),
        totals=_totals(columns, sums_of(rows, register)),
        groups=_groups(columns, grouped, sums_by(rows, register, grouped) if grouped else {}),
        grouped=grouped,
        count=capped(rows.order_by()[:MOST_COUNTED].count()),
        more=shown[-1].pk if len(shown) == PAGE else 0,
    )


def _lines(rows: Sequence[Entry], register: Register, columns: Iterable[Column]) -> tuple[Line, ...]:
    cells, day = cells_of(rows, register), today()
    return tuple(Line(line_of(row, day), cells_in_words(cells[row.subject_id], columns)) for row in rows)


def cells_in_words(values: Mapping[str, Sequence[str | Decimal | date]], columns: Iterable[Column]) -> tuple[Cell, ...]:
    """Values of one entry in the order of the columns; nothing where there is none."""
    return tuple(
        Cell(one.label, _("、").join(_word(value, one) for value in values.get(one.key, ())), one.has_sum)
        for one in columns
    )


def _word(value: str | Decimal | date, column: Column) -> str:
    if isinstance(value, Decimal):
        return plain_number(value)
    return value.isoformat() if isinstance(value, date) else _labels(column).get(value, value)


def _labels(column: Column) -> Mapping[str, str]:
    table = code_tables().get(column.codes)
    return table.labels if table is not None else {}


def _choice(column: Column, chosen: Mapping[str, str]) -> Choice:
    own = chosen.get(column.key, "")
    options = tuple((value, label, value == own) for value, label in _labels(column).items())
    return Choice(column.key, column.label, options)


def _totals(columns: Iterable[Column], sums: Mapping[str, Decimal]) -> tuple[Total, ...]:
    return tuple(Total(one.label, plain_number(sums[one.key]), one.unit) for one in columns if one.has_sum)


def _groups(
    columns: Iterable[Column], grouped: Column | None, found: Mapping[str, Mapping[str, Decimal]]
) -> tuple[Group, ...]:
    if grouped is None:
        return ()
    labels = _labels(grouped)
    zero = {one.key: Decimal(0) for one in columns if one.has_sum}
    return tuple(Group(labels.get(value, value), _totals(columns, {**zero, **sums})) for value, sums in found.items())


def rows_of(actor: Actor, listing: Listing, most: int) -> tuple[Register, tuple[Column, ...], list[Line]]:
    """Everything the filters leave, up to `most` lines, for a file to take along."""
    register = register_named(listing.register)
    columns = columns_of(register)
    rows = list(entries_listed(actor, listing, register).select_related("register", "issuer")[:most])
    return register, columns, list(_lines(rows, register, columns))
