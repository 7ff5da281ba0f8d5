"""Setting, changing and correcting quotas; bookings are steps of a case (`bookings.py`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from yiwang.kernel.access.policies import require
from yiwang.kernel.access.principals import units_above
from yiwang.kernel.access.services import grant
from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import InvalidInput, NotFound, NotPermitted
from yiwang.kernel.ledger.models import Entry as LedgerEntry
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import Event, create_subject, lock, record
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Unit
from yiwang.kernel.registers.amounts import exact
from yiwang.kernel.registers.bookings import exceeded, write_entry
from yiwang.kernel.registers.models import Quota, QuotaEntry, Scheme
from yiwang.kernel.registers.policies import KEEP, QUOTA, keeps
from yiwang.kernel.registers.refusals import (
    AmountInvalid,
    CorrectionBelowBookings,
    LimitBelowUse,
    PeriodInvalid,
    QuotaExists,
)
from yiwang.kernel.registers.rules import category_key, check_category
from yiwang.kernel.registers.services import Change
from yiwang.kernel.registers.statements import move_limit, use

YEARS = (2000, 2100)


@dataclass(frozen=True, slots=True)
class NewQuota:
    """A quota as the deciding authority handed it down; `opening` is what was used before the platform knew of it."""

    scheme: str
    unit: int
    year: int
    limit: Decimal
    source: str
    category: Mapping[str, str] = field(default_factory=dict)
    opening: Decimal = Decimal(0)
    valid_from: date | None = None
    valid_to: date | None = None


@transaction.atomic(durable=True)
def set_quota(*, actor: Actor, new: NewQuota) -> Quota:
    """Enter a quota. Raises NotPermitted, NotFound, CategoryInvalid, AmountInvalid, PeriodInvalid, QuotaExists."""
    unit, scheme = _place(actor, new)
    quota = _quota(new, unit, scheme)
    _save(quota)
    grant(quota.subject, units_above(unit), state=0, at=now())
    change = Change(actor, now(), new.source)
    write_entry(_line(quota, QuotaEntry.Type.LIMIT, quota.limit, quota.limit), change)
    if quota.used:
        write_entry(_line(quota, QuotaEntry.Type.OPENING, quota.used, quota.used), change)
    facts = {"scheme": scheme.pk, "year": quota.year, "category": quota.category_key, "limit": str(quota.limit)}
    record(Event(quota.subject, "quota.set", {**facts, "used": str(quota.used)}), actor=actor)
    return quota


@transaction.atomic(durable=True)
def adjust_limit(*, actor: Actor, quota: int, by: Decimal, reason: str) -> LedgerEntry:
    """Raise or lower a limit on a document of the deciding authority, named in `reason`; never below what is used.

    Raises NotFound, NotPermitted, AmountInvalid, InvalidInput, LimitBelowUse.
    """
    row, amount = _kept(actor, quota, reason), _other_than_zero(by)
    limit = move_limit(row.pk, amount)
    if limit is None:
        facts = {"used": str(row.used), "limit": str(row.limit), "by": str(amount)}
        raise LimitBelowUse(rule=row.scheme.basis, facts=facts)
    write_entry(_line(row, QuotaEntry.Type.LIMIT, amount, limit), Change(actor, now(), reason))
    return _recorded(row, "quota.adjusted", amount, limit, actor)


@transaction.atomic(durable=True)
def correct_quota(*, actor: Actor, quota: int, by: Decimal, reason: str) -> LedgerEntry:
    """Correct what is used by an entry of its own; a booking is never altered, and what cases hold stays covered.

    Raises NotFound, NotPermitted, AmountInvalid, InvalidInput, QuotaExceeded, CorrectionBelowBookings.
    """
    row, amount = _kept(actor, quota, reason), _other_than_zero(by)
    used = use(row.pk, amount)
    if used is None:
        raise exceeded(row, amount)
    _covers_bookings(row, used)
    write_entry(_line(row, QuotaEntry.Type.CORRECTION, amount, used), Change(actor, now(), reason))
    return _recorded(row, "quota.corrected", amount, used, actor)


def _place(actor: Actor, new: NewQuota) -> tuple[Unit, Scheme]:
    unit = Unit.objects.filter(pk=new.unit).first()
    scheme = Scheme.objects.filter(pk=new.scheme).first()
    if unit is None or scheme is None:
        raise NotFound()
    if not keeps(actor, unit):
        raise NotPermitted()
    check_category(scheme.dimensions, new.category)
    return unit, scheme


def _quota(new: NewQuota, unit: Unit, scheme: Scheme) -> Quota:
    limit, opening = exact(new.limit, field="limit"), exact(new.opening, field="opening")
    if not 0 <= opening <= limit:
        raise AmountInvalid(_("期初已用数要在零和限额之间"), field="opening")
    if not new.source.strip():
        raise InvalidInput(_("请写明下达限额的文件和文号"), field="source")
    if not YEARS[0] <= new.year <= YEARS[1]:
        raise InvalidInput(_("年份不对"), field="year")
    begin, end = new.valid_from or date(new.year, 1, 1), new.valid_to or date(new.year, 12, 31)
    if end < begin:
        raise PeriodInvalid(field="valid_to")
    return Quota(
        subject=create_subject(QUOTA, unit=unit.pk, node=unit.node_id),
        scheme=scheme,
        unit=unit,
        year=new.year,
        category=dict(new.category),
        category_key=category_key(new.category),
        limit=limit,
        used=opening,
        source=new.source.strip(),
        valid_from=begin,
        valid_to=end,
    )


def _save(quota: Quota) -> None:
    try:
        quota.save(force_insert=True)
    except IntegrityError as error:
        raise QuotaExists() from error


def _kept(actor: Actor, quota: int, reason: str) -> Quota:
    row = Quota.objects.filter(pk=quota).first()
    if row is None:
        raise NotFound()
    subject = lock(row.subject_id)[row.subject_id]
    require(actor, KEEP, subject)
    if not reason.strip():
        raise InvalidInput(_("请写明依据的文件或更正的理由"), field="reason")
    row = Quota.objects.select_related("scheme").get(pk=quota)
    row.subject = subject
    return row


def _covers_bookings(quota: Quota, used: Decimal) -> None:
    """What cases hold must stay in use, or it could not be given back; the row is locked by now."""
    live = QuotaEntry.objects.filter(quota=quota, kind=QuotaEntry.Type.BOOKING, reversed_by=None)
    held: Decimal = live.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    if used < held:
        raise CorrectionBelowBookings(facts={"held": str(held), "used": str(used)})


def _other_than_zero(amount: Decimal) -> Decimal:
    number = exact(amount, field="by")
    if number == 0:
        raise AmountInvalid(_("数量不能是零"), field="by")
    return number


def _line(quota: Quota, kind: QuotaEntry.Type, amount: Decimal, balance: Decimal) -> QuotaEntry:
    return QuotaEntry(quota=quota, kind=kind, amount=amount, balance=balance)


def _recorded(quota: Quota, verb: str, amount: Decimal, balance: Decimal, actor: Actor) -> LedgerEntry:
    subject: Subject = quota.subject
    return record(Event(subject, verb, {"amount": str(amount), "balance": str(balance)}), actor=actor)[0]
