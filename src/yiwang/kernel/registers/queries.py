"""Reading registers and quotas."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from yiwang.kernel.access.queries import visible
from yiwang.kernel.base.masks import mask_name
from yiwang.kernel.base.moments import today
from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Unit
from yiwang.kernel.registers.bookings import Ask, find_quota
from yiwang.kernel.registers.models import Entry, Quota, QuotaEntry
from yiwang.kernel.registers.numbering import number_key
from yiwang.kernel.registers.rules import Status, status_on
from yiwang.kernel.registers.verification import check_tag, fits_code

SAME_NUMBER = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a stranger learns of an entry 核验结果: masked holder, public data, whether it is in force."""

    status: Status
    register: str
    number: str
    holder: str
    issuer: str
    valid_from: date
    valid_to: date | None
    data: tuple[tuple[str, object], ...]
    replaced_by: str
    subject: int


@dataclass(frozen=True, slots=True)
class Left:
    """What a quota has left, or why none applies."""

    quota: Quota | None
    left: Decimal
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One line of the board of quotas 限额执行情况."""

    quota: Quota
    limit: Decimal
    used: Decimal
    in_progress: Decimal
    cases: int
    left: Decimal

    @property
    def share(self) -> int:
        """Hundredths of the limit in use, rounded down."""
        return int(self.used * 100 / self.limit) if self.limit else 0


def quota_left(ask: Ask) -> Left:
    """What is left of the quota a case would book from; for checks by rule, which show a finding and refuse nothing."""
    try:
        quota = find_quota(ask)
    except Refusal as refusal:
        return Left(None, Decimal(0), refusal)
    return Left(quota, quota.left)


def board(scheme: str, year: int, unit: Unit | None = None) -> list[BoardRow]:
    """Every quota of a scheme and year, of a unit and those below it where one is given; one query."""
    rows = Quota.objects.filter(scheme=scheme, year=year).select_related("unit", "scheme")
    if unit is not None:
        rows = rows.filter(unit__path__startswith=unit.path)
    rows = rows.annotate(asked=Sum("requests__amount"), cases=Count("requests"))
    return [_board_row(row) for row in rows.order_by("unit__path", "category_key")]


def _board_row(quota: Quota) -> BoardRow:
    asked: Decimal = getattr(quota, "asked", None) or Decimal(0)
    cases: int = getattr(quota, "cases", 0)
    return BoardRow(quota, quota.limit, quota.used, asked, cases, quota.left)


def account_of(quota: Quota) -> QuerySet[QuotaEntry]:
    """The account of a quota, oldest first."""
    return QuotaEntry.objects.filter(quota=quota).order_by("pk")


def status_of(entry: Entry, day: date | None = None) -> Status:
    """Status of an entry today or on a day."""
    return status_on(entry.state, entry.valid_from, entry.valid_to, day or today())


def entries(actor: Actor) -> QuerySet[Entry]:
    """Entries that the actor may see."""
    return Entry.objects.filter(visible(actor, "subject")).select_related("register", "issuer")


def entries_of_case(case: int) -> QuerySet[Entry]:
    """Entries that a case gave rise to."""
    return Entry.objects.filter(source=case).select_related("register").order_by("pk")


def in_force(register: str, day: date) -> QuerySet[Entry]:
    """Entries of a register that are valid on a day."""
    period = Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gte=day))
    return Entry.objects.filter(period, register=register, state=Entry.State.ISSUED)


def find_for_verification(number: str) -> list[Entry]:
    """Entries of a number as people type it: width, brackets and blanks do not matter.

    Mostly one; two registers may know the same number, and then code or tag tells which is meant.
    """
    rows = Entry.objects.filter(number_key=number_key(number)[:64])
    return list(rows.select_related("register", "issuer", "replaced_by").order_by("-pk")[:SAME_NUMBER])


def verify(number: str, *, code: str = "", tag: str = "") -> Verdict | None:
    """What anybody may learn who holds number and code, or the QR code; None for unknown and for wrong alike.

    As much work is done for an unknown number as for a known one. Attempts are limited by the page that asks.
    """
    found: list[Entry | None] = [*find_for_verification(number)]
    for entry in found or [None]:
        fits = check_tag(entry, tag) if tag else fits_code(entry, code)
        if entry is not None and fits:
            return verdict_on(entry)
    return None


def verdict_on(entry: Entry) -> Verdict:
    """The public view of an entry."""
    shown = [name for name in entry.register.public_fields if name in entry.data]
    return Verdict(
        status=status_of(entry),
        register=entry.register.name,
        number=entry.number,
        holder=mask_name(entry.holder_name),
        issuer=entry.issuer.name,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        data=tuple((name, entry.data[name]) for name in shown),
        replaced_by=entry.replaced_by.number if entry.replaced_by else "",
        subject=entry.subject_id,
    )
