"""Steps on entries, inside an action that holds the locks of every subject it names.

The process engine runs them as service tasks: `issue_entry` with `void_entry` as its undo. Each returns an `Event`
for the action's single call of `ledger.services.record`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from django.db import IntegrityError
from django.utils import timezone

from yiwang.kernel.access.principals import of_party, units_above
from yiwang.kernel.access.services import grant, move
from yiwang.kernel.base.identifiers import random_code
from yiwang.kernel.base.moments import now
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import Event, create_subject
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Unit
from yiwang.kernel.registers.models import Entry, EntryVersion, Register, VoidNumber
from yiwang.kernel.registers.numbering import Pattern, number_key, pattern_of
from yiwang.kernel.registers.refusals import EntryNotValid, NoRegister, NumberTaken, PeriodInvalid
from yiwang.kernel.registers.statements import take_number
from yiwang.kernel.registers.verification import CODE_BITS, code_hash

KIND = "register"
STATE_ISSUED, STATE_ENDED = 0, 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a register's list 清单栏目: which answer it shows, in which measure, and what can be done with it.

    `field` names an answer of the case that issues, or several parted by commas of which the first given counts.
    `codes` is the code table that turns values into words, `has_filter` and `has_sum` offer both to the reader.
    """

    key: str
    field: str
    label: str
    unit: str = ""
    codes: str = ""
    has_filter: bool = False
    has_sum: bool = False


@dataclass(frozen=True, slots=True)
class Declaration:
    """A register as a definition states it."""

    key: str
    name: str
    pattern: str
    kind: str = Register.Type.CERTIFICATE
    public_fields: tuple[str, ...] = ()
    basis: str = ""
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """What shall be entered; both ends of the period are in it.

    The pattern of numbers is filled from the issuing unit (see `values_of`), and from `values` where they differ.
    """

    register: str
    issuer: int
    holder_name: str
    valid_from: date
    valid_to: date | None = None
    holder: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """Why an entry changes, on what basis, by which case, by whom and when."""

    actor: Actor
    at: datetime
    reason: str = ""
    basis: str = ""
    case: int | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A new entry, its verification code in plain (for the certificate), and the event to record."""

    entry: Entry
    code: str
    event: Event


def declare(declaration: Declaration) -> Register:
    """Make a register or bring it up to date; numbers already given stay. Raises NumberPatternInvalid."""
    pattern_of(declaration.pattern)
    fields = {name: getattr(declaration, name) for name in ("name", "pattern", "kind", "basis")}
    fields["public_fields"] = list(declaration.public_fields)
    fields["columns"] = [asdict(column) for column in declaration.columns]
    return Register.objects.update_or_create(key=declaration.key, defaults=fields)[0]


def columns_of(register: Register) -> tuple[Column, ...]:
    """The columns of a register's list as declared."""
    return tuple(Column(**column) for column in register.columns)


def issue_entry(order: Issue, change: Change, *, keys: Sequence[int] | None = None) -> Issued:
    """Give the next number and make a valid entry with a subject and a code of its own.

    Seen by the issuing unit, the units above it and the holder, unless `keys` names others. A number is given in
    this transaction or not at all. Raises NoRegister, PeriodInvalid, NumberPatternInvalid, NumberTaken.
    """
    if order.valid_to is not None and order.valid_to < order.valid_from:
        raise PeriodInvalid(field="valid_to")
    register = Register.objects.filter(pk=order.register).first()
    if register is None:
        raise NoRegister(facts={"register": order.register})
    unit, code = unit_of(order.issuer), random_code(CODE_BITS)
    entry = _new_entry(register, order, change, unit, code)
    _insert(entry)
    _add_version(entry, "issued", change)
    grant(entry.subject, _keys(order, unit) if keys is None else keys, state=STATE_ISSUED, at=change.at)
    return Issued(entry, code, _event(entry, "issued", change))


def amend_entry(
    subject: Subject,
    change: Change,
    *,
    data: Mapping[str, object] | None = None,
    valid_to: date | None = None,
    holder_name: str = "",
) -> Event:
    """Change what an entry says 变更、延续; what is not given stays. Raises EntryNotValid, PeriodInvalid."""
    entry = _in_force(subject)
    if valid_to is not None and valid_to < entry.valid_from:
        raise PeriodInvalid(field="valid_to")
    entry.data = entry.data if data is None else dict(data)
    entry.valid_to = entry.valid_to if valid_to is None else valid_to
    entry.holder_name = holder_name or entry.holder_name
    return _changed(entry, "amended", change)


def revoke_entry(subject: Subject, change: Change) -> Event:
    """Revoke 撤销 (行政许可法 art. 69). Raises EntryNotValid."""
    return _end(_in_force(subject), Entry.State.REVOKED, change)


def cancel_entry(subject: Subject, change: Change) -> Event:
    """Cancel 注销 (行政许可法 art. 70): expired, holder gone, revoked by penalty … Raises EntryNotValid."""
    return _end(_in_force(subject), Entry.State.CANCELLED, change)


def replace_entry(subject: Subject, order: Issue, change: Change) -> tuple[Issued, Event]:
    """Issue a new entry in the place of this one 换发; both events are to be recorded.

    Raises EntryNotValid and whatever `issue_entry` raises.
    """
    old = _in_force(subject)
    issued = issue_entry(order, change)
    old.replaced_by = issued.entry
    return issued, _end(old, Entry.State.REPLACED, change)


def void_entry(subject: Subject, change: Change) -> Event | None:
    """Undo of `issue_entry`: the entry is void 作废, its number is kept with the reason and never used again.

    Does nothing and returns None when it is void already. Raises EntryNotValid when it was ended otherwise.
    """
    if Entry.objects.filter(subject=subject, state=Entry.State.VOID).exists():
        return None
    entry = _in_force(subject)
    _void_number(entry, change)
    return _end(entry, Entry.State.VOID, change)


def undo_replacement(old: Subject, new: Subject, change: Change) -> list[Event]:
    """Undo of `replace_entry`: the new entry is void, the old one in force again; does nothing the second time."""
    voided = void_entry(new, change)
    if voided is None:
        return []
    entry = Entry.objects.get(subject=old, state=Entry.State.REPLACED)
    entry.subject = old
    entry.state, entry.replaced_by = Entry.State.ISSUED, None
    move(old, state=STATE_ISSUED, at=change.at)
    return [voided, _changed(entry, "restored", change)]


def _in_force(subject: Subject) -> Entry:
    entry = Entry.objects.get(subject=subject)
    entry.subject = subject
    if entry.state != Entry.State.ISSUED:
        raise EntryNotValid(facts={"number": entry.number, "state": entry.state})
    return entry


def next_number(series: str, unit: Unit, pattern: str, *, at: datetime | None = None) -> str:
    """The next number of a run that is no register, such as those of cases of a type; given in this transaction or not.

    Raises NumberPatternInvalid.
    """
    return _take(series, pattern_of(pattern), values_of(unit), at or now())[2]


def unit_of(number: int) -> Unit:
    """A unit from memory, else from the table: it may be seconds old."""
    return directory().units.get(number) or Unit.objects.get(pk=number)


def values_of(unit: Unit) -> dict[str, str]:
    """What a unit puts into a pattern: its word for documents 文号代字, division code and credit code."""
    return {"word": unit.word, "division": unit.division_id or "", "unit": unit.credit_code}


def _take(series: str, pattern: Pattern, values: Mapping[str, str], at: datetime) -> tuple[int, int, str]:
    today = timezone.localtime(at, timezone.get_default_timezone())
    known: dict[str, str | int] = {**values, "year": today.year, "month": today.month}
    row, seq = take_number(series, pattern.scope(known), today.year if pattern.has_year else 0)
    return row, seq, pattern.render(known, seq)


def _new_entry(register: Register, order: Issue, change: Change, unit: Unit, code: str) -> Entry:
    values = {**values_of(unit), **order.values}
    series, seq, number = _take(f"{KIND}:{register.key}", pattern_of(register.pattern), values, change.at)
    return Entry(
        subject=create_subject(f"{KIND}:{register.key}", unit=unit.pk, node=unit.node_id),
        register=register,
        series_id=series,
        seq=seq,
        number=number,
        number_key=number_key(number),
        valid_from=order.valid_from,
        valid_to=order.valid_to,
        holder_id=order.holder,
        holder_name=order.holder_name,
        issuer=unit,
        source_id=change.case,
        data=dict(order.data),
        code_hash=code_hash(number, code),
        code=code,
    )


def _insert(entry: Entry) -> None:
    try:
        entry.save(force_insert=True)
    except IntegrityError as error:
        raise NumberTaken(facts={"number": entry.number}) from error


def _keys(order: Issue, unit: Unit) -> list[int]:
    keys = units_above(unit)
    return keys if order.holder is None else [*keys, of_party(order.holder)]


def _end(entry: Entry, state: Entry.State, change: Change) -> Event:
    entry.state = state
    move(entry.subject, state=STATE_ENDED, at=change.at)
    return _changed(entry, state.value, change)


def _changed(entry: Entry, verb: str, change: Change) -> Event:
    entry.version += 1
    entry.save(update_fields=["state", "version", "data", "valid_to", "holder_name", "replaced_by"])
    _add_version(entry, verb, change)
    return _event(entry, verb, change)


def _add_version(entry: Entry, verb: str, change: Change) -> None:
    EntryVersion.objects.create(
        entry=entry,
        version=entry.version,
        change=verb,
        state=entry.state,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        holder_name=entry.holder_name,
        data=entry.data,
        reason=change.reason,
        basis=change.basis,
        case_id=change.case,
        account=change.actor.account,
        at=change.at,
    )


def _void_number(entry: Entry, change: Change) -> None:
    VoidNumber.objects.create(
        entry=entry,
        series_id=entry.series_id,
        seq=entry.seq,
        number=entry.number,
        reason=change.reason,
        account=change.actor.account,
        at=change.at,
    )


def _event(entry: Entry, verb: str, change: Change) -> Event:
    facts = {"register": entry.register_id, "number": entry.number, "version": entry.version, "case": change.case}
    return Event(entry.subject, f"entry.{verb}", facts)
