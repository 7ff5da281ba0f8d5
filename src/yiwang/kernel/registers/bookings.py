"""Steps on quotas, inside an action that holds the lock of the case.

The process engine runs them as service tasks: `book_quota` with `release_quota` as its undo. A quota row is locked by
the statement that checks it and stays locked until the signing transaction ends; several are taken in order of id.
Numbers (`services.issue_entry`) are taken after quotas, so that two signings never wait for each other in a ring.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.org.models import Unit
from yiwang.kernel.registers.amounts import exact, minus
from yiwang.kernel.registers.models import Quota, QuotaEntry, QuotaRequest, Scheme
from yiwang.kernel.registers.refusals import AlreadyBooked, AmountInvalid, NoQuota, QuotaExceeded
from yiwang.kernel.registers.rules import Candidate, choose_quota
from yiwang.kernel.registers.services import Change, unit_of
from yiwang.kernel.registers.statements import use


@dataclass(frozen=True, slots=True)
class Ask:
    """What a case needs: from which scheme, for which unit, year and values, how much, on which day."""

    scheme: str
    unit: int
    year: int
    amount: Decimal
    on: date
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Booking:
    """What was booked, and what is left of the quota after it."""

    quota: int
    amount: Decimal
    left: Decimal

    def facts(self) -> dict[str, object]:
        """For the ledger entry of the case."""
        return {"quota": self.quota, "amount": str(self.amount), "left": str(self.left)}


@dataclass(frozen=True, slots=True)
class SchemeDeclaration:
    """A family of quotas as a definition states it; `dimensions` are {key, title, values}."""

    key: str
    name: str
    measure: str
    basis: str
    dimensions: tuple[Mapping[str, object], ...] = ()


def declare_scheme(declaration: SchemeDeclaration) -> Scheme:
    """Make a family of quotas or bring it up to date."""
    fields: dict[str, object] = {name: getattr(declaration, name) for name in ("name", "measure", "basis")}
    fields["dimensions"] = [dict(row) for row in declaration.dimensions]
    return Scheme.objects.update_or_create(key=declaration.key, defaults=fields)[0]


def find_quota(ask: Ask, case: Subject | None = None) -> Quota:
    """The quota a case books from: of its unit, else of the nearest above that has one for these values.

    One query; `has_booked` on the result says whether `case` has booked from it. Raises NoQuota, QuotaAmbiguous.
    """
    path = unit_of(ask.unit).path
    above = [path[:length] for length in range(Unit.steplen, len(path) + 1, Unit.steplen)]
    booked = QuotaEntry.objects.filter(
        quota=OuterRef("pk"), case=case, kind=QuotaEntry.Type.BOOKING, reversed_by=None, case__isnull=False
    )
    rows = Quota.objects.filter(scheme=ask.scheme, year=ask.year, valid_from__lte=ask.on, valid_to__gte=ask.on)
    rows = rows.filter(unit__path__in=above).annotate(has_booked=Exists(booked)).select_related("scheme", "unit")
    quotas = {row.pk: row for row in rows}
    candidates = [Candidate(row.pk, len(row.unit.path), row.category) for row in quotas.values()]
    try:
        return quotas[choose_quota(candidates, ask.values)]
    except NoQuota as refusal:
        refusal.rule = _basis(ask.scheme)
        raise


def book_quota(case: Subject, asks: Sequence[Ask], change: Change) -> list[Booking]:
    """Book for a case, all or nothing; what it had announced as request is taken off the board.

    Raises NoQuota, QuotaAmbiguous, AlreadyBooked, AmountInvalid, QuotaExceeded (naming what is left and asked).
    """
    wanted = sorted(((find_quota(ask, case), _positive(ask.amount)) for ask in asks), key=lambda pair: pair[0].pk)
    bookings = [_book(case, quota, amount, change) for quota, amount in wanted]
    QuotaRequest.objects.filter(case=case).delete()
    return bookings


def release_quota(case: Subject, change: Change) -> list[Booking]:
    """Undo of `book_quota`: give back whatever the case still holds; nothing the second time."""
    held = QuotaEntry.objects.filter(case=case, kind=QuotaEntry.Type.BOOKING, reversed_by=None)
    return [_release(booking, change) for booking in held.select_related("quota").order_by("quota", "pk")]


def note_request(case: Subject, ask: Ask, change: Change) -> QuotaRequest:
    """Show on the board what an open case asks for; it binds nothing. Raises NoQuota, QuotaAmbiguous, AmountInvalid."""
    fields = {"quota": find_quota(ask), "amount": _positive(ask.amount), "at": change.at}
    return QuotaRequest.objects.update_or_create(case=case, defaults=fields)[0]


def drop_request(case: Subject) -> None:
    """Take a case off the board when it ends without a booking."""
    QuotaRequest.objects.filter(case=case).delete()


def write_entry(entry: QuotaEntry, change: Change) -> QuotaEntry:
    """Add one line to the account of a quota, with who, when and why."""
    entry.reason, entry.account, entry.at = change.reason, change.actor.account, change.at
    entry.save(force_insert=True)
    return entry


def exceeded(quota: Quota, asked: Decimal) -> QuotaExceeded:
    """The refusal that names what is left, what is asked and the law."""
    quota.refresh_from_db(fields=["limit", "used"])
    measure = quota.scheme.measure
    values = {"name": quota.scheme.name, "left": quota.left, "asked": asked, "measure": measure}
    message = _("%(name)s不足：还剩 %(left)s %(measure)s，需要 %(asked)s %(measure)s") % values
    facts = {"quota": quota.pk, "left": str(quota.left), "asked": str(asked), "measure": measure}
    return QuotaExceeded(message, rule=quota.scheme.basis, facts=facts)


def _book(case: Subject, quota: Quota, amount: Decimal, change: Change) -> Booking:
    if getattr(quota, "has_booked", False):
        raise AlreadyBooked(facts={"quota": quota.pk})
    used = use(quota.pk, amount)
    if used is None:
        raise exceeded(quota, amount)
    kind = QuotaEntry.Type.BOOKING
    write_entry(QuotaEntry(quota=quota, case=case, kind=kind, amount=amount, balance=used), change)
    return Booking(quota.pk, amount, minus(quota.limit, used))


def _release(booking: QuotaEntry, change: Change) -> Booking:
    used = use(booking.quota_id, -booking.amount)
    if used is None:
        raise RuntimeError(f"quota {booking.quota_id} has less in use than its bookings say")
    entry = QuotaEntry(quota=booking.quota, case_id=booking.case_id, kind=QuotaEntry.Type.RELEASE, reverses=booking)
    entry.amount, entry.balance = -booking.amount, used
    write_entry(entry, change)
    return Booking(booking.quota_id, -booking.amount, minus(booking.quota.limit, used))


def _positive(amount: Decimal) -> Decimal:
    number = exact(amount)
    if number <= 0:
        raise AmountInvalid(field="amount")
    return number


def _basis(scheme: str) -> str:
    return Scheme.objects.filter(pk=scheme).values_list("basis", flat=True).first() or ""
