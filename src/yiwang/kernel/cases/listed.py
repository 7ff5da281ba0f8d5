"""Lists of a register 台账清单: columns kept as facts of the entries, filters on them, exact sums over what is left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from yiwang.kernel.access.queries import visible
from yiwang.kernel.base.moments import today
from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.cases.values import first_given
from yiwang.kernel.forms.models import Fact
from yiwang.kernel.forms.rules import ListedFact
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.registers.models import Entry, Register
from yiwang.kernel.registers.numbering import number_key
from yiwang.kernel.registers.services import Column, columns_of

MICRO = Decimal("0.000001")
VALID, EXPIRED, ENDED = "valid", "expired", "ended"
Cells = dict[str, list[str | Decimal | date]]


@dataclass(frozen=True)
class Listing:
    """Which entries of a register: words of number or holder, status, chosen values of columns by key."""

    register: str
    words: str = ""
    status: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)


def column_facts(register: Register, values: Mapping[str, object]) -> list[ListedFact]:
    """What a new entry is listed by, from the answers of the case that issues it."""
    return [fact for column in columns_of(register) for fact in _facts(register, column, values)]


def _facts(register: Register, column: Column, values: Mapping[str, object]) -> Iterable[ListedFact]:
    name, value = fact_name(register, column), first_given(values, column.field)
    for one in value if isinstance(value, list | tuple) else [value]:
        if isinstance(one, Decimal | int) and not isinstance(one, bool):
            yield ListedFact(name, "number", Decimal(one))
        elif isinstance(one, date):
            yield ListedFact(name, "date", one)
        elif one not in (None, ""):
            yield ListedFact(name, "text", str(one))


def fact_name(register: Register, column: Column) -> str:
    """Under which name the value of a column is kept."""
    return f"{register.pk}.{column.key}"[:60]


def kept_texts(shown: Mapping[str, str], register: Register) -> dict[str, str]:
    """Answers in words that an entry keeps: the application, of the officers' forms only what is listed or public."""
    named = {name.strip() for column in columns_of(register) for name in column.field.split(",")}
    public = named | set(register.public_fields)
    return {key: text for key, text in shown.items() if "__" not in key or key in public}


def register_named(key: str) -> Register:
    """A register by its key. Raises NotFound."""
    found = Register.objects.filter(pk=key[:60]).first()
    if found is None:
        raise NotFound()
    return found


def entries_listed(actor: Actor, listing: Listing, register: Register) -> QuerySet[Entry]:
    """Entries of the list that the actor may see, newest first."""
    rows = Entry.objects.filter(visible(actor, "subject"), register=register).order_by("-pk")
    if listing.words:
        by_number = Q(number_key__contains=number_key(listing.words))
        rows = rows.filter(by_number | Q(holder_name__icontains=listing.words))
    for column in columns_of(register):
        if column.has_filter and (value := listing.chosen.get(column.key, "")):
            facts = Fact.objects.filter(subject=OuterRef("subject"), field=fact_name(register, column), text=value)
            rows = rows.filter(Exists(facts))
    return with_status(rows, listing.status, today())


def with_status(rows: QuerySet[Entry], status: str, day: date) -> QuerySet[Entry]:
    """Entries that on a day are in force (also those whose period is still to begin), expired, or ended early."""
    if status == VALID:
        return rows.filter(Q(valid_to=None) | Q(valid_to__gte=day), state=Entry.State.ISSUED)
    if status == EXPIRED:
        return rows.filter(valid_to__lt=day, state=Entry.State.ISSUED)
    return rows.exclude(state=Entry.State.ISSUED) if status == ENDED else rows


def cells_of(rows: Sequence[Entry], register: Register) -> dict[int, Cells]:
    """Values of the columns by subject of the entry and key of the column, in the order given; one query."""
    keys = {fact_name(register, column): column.key for column in columns_of(register)}
    found: dict[int, Cells] = {row.subject_id: {} for row in rows}
    for fact in Fact.objects.filter(subject__in=found, field__in=keys).order_by("pk"):
        value = next((one for one in (fact.text, fact.number, fact.date) if one is not None), None)
        if value is not None:
            found[fact.subject_id].setdefault(keys[fact.field], []).append(value)
    return found


def sums_of(rows: QuerySet[Entry], register: Register) -> dict[str, Decimal]:
    """Sum of each column that has one, over all of these entries; one query."""
    keys = {fact_name(register, column): column.key for column in columns_of(register) if column.has_sum}
    facts = Fact.objects.filter(field__in=keys, subject__in=rows.order_by().values("subject"))
    sums = facts.values_list("field").annotate(total=Sum("number")).order_by("field")
    return dict.fromkeys(keys.values(), Decimal(0)) | {
        keys[name]: Decimal(total).quantize(MICRO) for name, total in sums
    }


def sums_by(rows: QuerySet[Entry], register: Register, column: Column) -> dict[str, dict[str, Decimal]]:
    """The same for every value of a column; an entry with several values counts under each. One query."""
    keys = {fact_name(register, one): one.key for one in columns_of(register) if one.has_sum}
    name = fact_name(register, column)
    groups = Fact.objects.filter(field=name, subject__in=rows.order_by().values("subject"), text__isnull=False)
    figures = groups.filter(subject__facts__field__in=keys).values_list("text", "subject__facts__field")
    found: dict[str, dict[str, Decimal]] = {}
    for value, fact, total in figures.annotate(total=Sum("subject__facts__number")).order_by("text"):
        found.setdefault(value, {})[keys[fact]] = Decimal(total or 0).quantize(MICRO)
    return found
