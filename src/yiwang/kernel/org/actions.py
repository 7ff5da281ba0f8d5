"""Changing the organisation: the system officer's work, one change at a time, each recorded."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yiwang.kernel.base.moments import now, today
from yiwang.kernel.base.refusals import InvalidInput, NotFound
from yiwang.kernel.ledger.services import Event, create_subject, lock, record
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.batches import batch_held, carry_out, chains_of, check_untouched, drop, events_of
from yiwang.kernel.org.directory import changed
from yiwang.kernel.org.imports import CHANGED, MOST_ROWS, NEW, Row, judge
from yiwang.kernel.org.models import Division, Holding, Person, Post, StaffImport, Unit
from yiwang.kernel.org.refusals import ImportFaulty, UnitIsClosed
from yiwang.kernel.org.rules import (
    LENGTHS,
    changes,
    parent_code,
    require_end,
    require_role,
    require_system_officer,
    require_text,
)
from yiwang.kernel.org.services import (
    MOST_POSTS,
    check_closable,
    check_number,
    check_successor,
    checked_unit,
    hold,
    note,
    person_held,
    placed,
    unit_held,
)

__all__ = ["MOST_POSTS"]
MOST_REASON = 200


@dataclass(frozen=True)
class DivisionRow:
    """A line of a table of divisions."""

    line: int
    code: str
    name: str


@transaction.atomic(durable=True)
def load_divisions(*, actor: Actor, rows: Iterable[DivisionRow]) -> int:
    """Add or rename divisions; codes left out stay. Returns how many rows were read.

    Raises NotSystemOfficer; InvalidInput naming the line of a code of wrong length, an empty name or a missing parent:
    nothing is taken.
    """
    require_system_officer(actor)
    ordered = sorted(rows, key=lambda row: (len(row.code), row.code))
    known = set(Division.objects.values_list("code", flat=True)) | {row.code for row in ordered}
    divisions = [_division(row, known) for row in ordered]
    changed()
    Division.objects.bulk_create(
        divisions, update_conflicts=True, unique_fields=["code"], update_fields=["name", "level", "parent"]
    )
    return len(divisions)


def _division(row: DivisionRow, known: set[str]) -> Division:
    level = LENGTHS.get(len(row.code))
    if level is None or not row.code.isdigit() or not row.name.strip():
        message = _("第 %(line)s 行：区划代码应为 2、4、6、9 或 12 位数字，名称不能为空")
        raise InvalidInput(message % {"line": row.line}, field=row.code)
    parent = parent_code(row.code)
    if parent and parent not in known:
        message = _("第 %(line)s 行：上级区划 %(parent)s 不存在")
        raise InvalidInput(message % {"line": row.line, "parent": parent}, field=row.code)
    return Division(code=row.code, name=row.name.strip(), level=level, parent_id=parent or None)


@dataclass(frozen=True)
class UnitFacts:
    """What a unit is called, what kind it is, where it stands."""

    name: str
    short_name: str
    kind: str
    level: int
    division: str = ""
    credit_code: str = ""
    word: str = ""
    address: str = ""
    phone: str = ""
    hours: str = ""

    @property
    def columns(self) -> dict[str, object]:
        """As columns of the table."""
        values: dict[str, object] = asdict(self)
        return values | {"division_id": values.pop("division") or None}


@transaction.atomic(durable=True)
def found_unit(*, actor: Actor, facts: UnitFacts, parent: int | None, node: int) -> Unit:
    """Add a unit under another, or as a root beside the tree of divisions (farms, reserves, Party organs, courts).

    Records `unit.founded`. Raises NotSystemOfficer, UnitIsClosed; InvalidInput for a wrong credit code, an unknown
    division, parent or kind.
    """
    hold(actor)
    values = checked_unit(facts.columns)
    unit = _planted(parent, {"node_id": node, **values})
    changed()
    note(unit, "unit.founded", {"name": unit.name, "kind": unit.kind, "parent": parent or 0}, actor)
    return unit


def _planted(parent: int | None, values: dict[str, object]) -> Unit:
    if parent is None:
        return Unit.add_root(**values)
    above = Unit.objects.filter(pk=parent).first()
    if above is None:
        raise InvalidInput(_("没有这个上级单位"), field="parent")
    if not above.is_active:
        raise UnitIsClosed()
    return above.add_child(**values)


@transaction.atomic(durable=True)
def change_unit(*, actor: Actor, unit: int, facts: UnitFacts) -> Unit:
    """Put names, kind, level, division, code, address right; its place in the tree stays. Records `unit.changed`.

    Nothing is recorded when nothing differs. Raises NotSystemOfficer, NotFound, UnitIsClosed, InvalidInput.
    """
    hold(actor)
    row, values = unit_held(unit), checked_unit(facts.columns)
    told = changes({name: getattr(row, name) for name in values}, values)
    if told:
        Unit.objects.filter(pk=unit).update(**values)
        changed()
        note(row, "unit.changed", {"changes": told}, actor)
    return Unit.objects.get(pk=unit)


@transaction.atomic(durable=True)
def close_unit(*, actor: Actor, unit: int, reason: str) -> None:
    """Close a unit 撤销; it stays in the records. Records `unit.closed`.

    Raises NotSystemOfficer, NotFound, UnitIsClosed, InvalidInput without a reason; UnitInUse, naming the numbers, while
    posts are held, units stand below it, or work is open in its pools.
    """
    hold(actor)
    row = unit_held(unit)
    words = require_text(reason, MOST_REASON, "reason", _("理由"))
    check_closable(row)
    Unit.objects.filter(pk=unit).update(is_active=False)
    changed()
    note(row, "unit.closed", {"reason": words}, actor)


@transaction.atomic(durable=True)
def reopen_unit(*, actor: Actor, unit: int, reason: str) -> None:
    """Take back that a unit was closed. Records `unit.reopened`.

    Raises NotSystemOfficer, NotFound, InvalidInput without a reason or for a unit that is open; UnitIsClosed while
    the one above it is closed.
    """
    hold(actor)
    row = Unit.objects.filter(pk=unit).first()
    if row is None:
        raise NotFound(_("没有这个单位"))
    words = require_text(reason, MOST_REASON, "reason", _("理由"))
    if row.is_active:
        raise InvalidInput(_("这个单位没有撤销"), field="unit")
    above = row.get_parent()
    if above is not None and not above.is_active:
        raise UnitIsClosed(_("上级单位已经撤销，先恢复上级"))
    Unit.objects.filter(pk=unit).update(is_active=True)
    changed()
    note(row, "unit.reopened", {"reason": words}, actor)


@transaction.atomic(durable=True)
def open_post(*, actor: Actor, unit: int, role: str, name: str, reach: int = Post.Reach.OWN) -> Post:
    """Add a post to a unit. Records `post.opened` on the unit.

    Raises NotSystemOfficer, NotFound, UnitIsClosed; InvalidInput when the unit has one with this role, or for a role
    or name that cannot be.
    """
    hold(actor)
    row = unit_held(unit)
    values = {"role": require_role(role), "name": require_text(name, 60, "name", _("岗位名称")), "reach": reach}
    if reach not in Post.Reach.values:
        raise InvalidInput(_("请选能看到哪些件"), field="reach")
    if Post.objects.filter(unit=unit, role=role).exists():
        raise InvalidInput(_("这个单位已经有这个岗位"), field="role")
    changed()
    post = Post.objects.create(unit_id=unit, **values)
    note(row, "post.opened", {"post": post.pk, **values}, actor)
    return post


@dataclass(frozen=True)
class PersonFacts:
    """What is kept of a member of staff. The certificate is that of law enforcement 行政执法证."""

    name: str
    staff_number: str = ""
    certificate: str = ""
    certificate_until: date | None = None
    phone: str = ""


@transaction.atomic(durable=True)
def take_on(
    *, actor: Actor, name: str, certificate: str = "", certificate_until: date | None = None, staff_number: str = ""
) -> Person:
    """Add a member of staff. Records `person.taken_on`.

    Raises NotSystemOfficer, InvalidInput without a name, NumberTaken.
    """
    hold(actor)
    values = _checked_person(PersonFacts(name, staff_number, certificate, certificate_until), None)
    person = Person.objects.create(**values)
    note(person, "person.taken_on", {"name": person.name, "staff_number": person.staff_number}, actor)
    return person


@transaction.atomic(durable=True)
def change_person(*, actor: Actor, person: int, facts: PersonFacts) -> Person:
    """Put name, number, certificate or telephone right. Records `person.changed`; of the telephone only that it did.

    Raises NotSystemOfficer, NotFound, InvalidInput, NumberTaken.
    """
    hold(actor)
    row = person_held(person)
    values = _checked_person(facts, person)
    told = changes({name: getattr(row, name) for name in values}, values)
    if told:
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
        note(row, "person.changed", {"changes": _recorded(told)}, actor)
    return row


def _checked_person(facts: PersonFacts, person: int | None) -> dict[str, object]:
    name = facts.name.strip()
    if not name:
        raise InvalidInput(_("请写姓名"), field="name")
    require_text(name, 60, "name", _("姓名"))
    for field, most in (("staff_number", 30), ("certificate", 40), ("phone", 40)):
        if len(getattr(facts, field)) > most or not str(getattr(facts, field)).isprintable():
            raise InvalidInput(_("最多 %(most)d 个字") % {"most": most}, field=field)
    check_number(facts.staff_number.strip(), person or 0)
    values: dict[str, object] = asdict(facts)
    values |= {"name": name, "staff_number": facts.staff_number.strip()}
    return values if person is not None else {key: value for key, value in values.items() if key != "phone"}


def _recorded(told: dict[str, list[object]]) -> dict[str, object]:
    kept: dict[str, object] = {name: [_plain(one) for one in pair] for name, pair in told.items() if name != "phone"}
    return kept | ({"phone": []} if "phone" in told else {})


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


@transaction.atomic(durable=True)
def appoint(*, actor: Actor, person: int, post: int, since: date) -> Holding:
    """Put a person into a post from a day. Records `holding.begun` on the person.

    Raises NotSystemOfficer, NotFound, UnitIsClosed, OfficerHoldsNoPost; InvalidInput when he holds it already, or
    holds too many.
    """
    hold(actor)
    row, at = person_held(person), Post.objects.select_related("unit").filter(pk=post).first()
    if at is None:
        raise NotFound(_("没有这个岗位"))
    holding = placed(row, at, since)
    facts = {"holding": holding.pk, "post": at.pk, "unit": at.unit_id, "since": since.isoformat()}
    note(row, "holding.begun", facts, actor)
    return holding


@transaction.atomic(durable=True)
def end_holding(*, actor: Actor, holding: int, until: date, successor: int | None = None, reason: str = "") -> Holding:
    """End a holding with a last day 免去任职. What is open in the person's own name goes over on the day after.

    It goes to `successor`, who must hold the post then, else back to the pool of the post. A last day still ahead may
    be moved. Records `holding.ended` on the person; the package of cases hands over. Raises NotSystemOfficer, NotFound,
    HoldingEnded, InvalidInput for a day before yesterday or before it began, SuccessorNeeded.
    """
    hold(actor)
    row = Holding.objects.select_related("person", "post").filter(pk=holding).first()
    if row is None:
        raise NotFound(_("没有这个任职"))
    require_end(row.since, row.until, until, today())
    check_successor(row, successor, until)
    if len(reason.strip()) > MOST_REASON:
        raise InvalidInput(_("理由最多 %(most)d 个字") % {"most": MOST_REASON}, field="reason")
    facts = {"holding": row.pk, "post": row.post_id, "unit": row.post.unit_id, "reason": reason.strip()}
    days = [row.until.isoformat() if row.until else "", until.isoformat()]
    row.until, row.successor_id = until, successor
    row.save(update_fields=["until", "successor"])
    note(row.person, "holding.ended", {**facts, "until": days, "successor": successor or 0}, actor)
    return row


@transaction.atomic(durable=True)
def prepare_import(*, actor: Actor, name: str, rows: Sequence[Row]) -> StaffImport:
    """Keep the lines of a table until they are taken; a draft of the same officer is dropped. Changes nobody.

    Raises NotSystemOfficer, InvalidInput for an empty table or one of more than 1,000 lines.
    """
    hold(actor)
    if not 0 < len(rows) <= MOST_ROWS:
        raise InvalidInput(_("表里要有 1 到 %(most)d 行") % {"most": MOST_ROWS}, field="file")
    if any("\0" in text for row in rows for text in row.cells.values()):
        raise InvalidInput(_("表里有读不出的字"), field="file")
    StaffImport.objects.filter(by=actor.account, state=StaffImport.State.DRAFT).delete()
    kept = [[row.line, dict(row.cells)] for row in rows]
    return StaffImport.objects.create(name=name.strip()[:100], rows=kept, by=actor.account, at=now())


@transaction.atomic(durable=True)
def take_import(*, actor: Actor, batch: int, only_good: bool = False) -> StaffImport:
    """Take a prepared table, judged anew. Records `staff.imported`, and each change on the chain of its person.

    Raises NotSystemOfficer, NotFound, ImportSettled; ImportFaulty when a line is wrong (unless `only_good`) or none is
    left to be taken: then nothing is.
    """
    hold(actor)
    row = batch_held(batch, StaffImport.State.DRAFT)
    judged = judge([Row(line, cells) for line, cells in row.rows])
    good = [one for one in judged if one.state in (NEW, CHANGED)]
    if not good or (not only_good and any(one.problems for one in judged)):
        raise ImportFaulty()
    made = carry_out(good)
    row.state, row.rows, row.made, row.taken_at = StaffImport.State.TAKEN, [], made.as_json(), now()
    row.subject = create_subject("org:import", unit=0)
    row.save()
    facts = {"people": len(made.people), "holdings": len(made.holdings), "changed": len(made.changes)}
    record(Event(row.subject, "staff.imported", facts), *events_of(made, batch), actor=actor)
    return row


@transaction.atomic(durable=True)
def undo_import(*, actor: Actor, batch: int, reason: str) -> StaffImport:
    """Take a whole import back, as long as nothing was built on it. Records `staff.import_undone` and `person.dropped`.

    Raises NotSystemOfficer, NotFound, ImportSettled, InvalidInput without a reason, BuiltUpon.
    """
    hold(actor)
    row = batch_held(batch, StaffImport.State.TAKEN)
    words = require_text(reason, MOST_REASON, "reason", _("理由"))
    made: dict[str, Any] = row.made
    check_untouched(made)
    chains = chains_of(made["people"])
    drop(made)
    row.state = StaffImport.State.UNDONE
    row.save(update_fields=["state"])
    subject = lock(row.subject_id or 0)[row.subject_id or 0]
    told = [Event(chains[pk], "person.dropped", {"import": batch}) for pk in made["people"]]
    facts = {"reason": words, "people": len(made["people"]), "holdings": len(made["holdings"])}
    record(Event(subject, "staff.import_undone", facts), *told, actor=actor)
    return row
