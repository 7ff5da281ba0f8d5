"""Quotas as the desk shows them: the bar of one case, the account behind it, the board of all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from yiwang.kernel.base.moments import now
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.steps import BOOK, ask_for, draws_on_quota
from yiwang.kernel.cases.types import Offer
from yiwang.kernel.org.models import Account
from yiwang.kernel.registers.bookings import Ask
from yiwang.kernel.registers.models import Quota, QuotaEntry, QuotaRequest
from yiwang.kernel.registers.queries import BoardRow, account_of, quota_left

WIDTH = 1000


@dataclass(frozen=True, slots=True)
class Bar:
    """A meter in thousandths: used, asked for by other open cases, this case; `over` where they do not fit."""

    used: int
    held: int
    mine: int
    over: int

    @property
    def held_from(self) -> int:
        """Where the part asked for by others begins."""
        return self.used

    @property
    def mine_from(self) -> int:
        """Where this case begins."""
        return self.used + self.held


@dataclass(frozen=True, slots=True)
class CaseQuota:
    """The quota one case draws on: figures in its measure; `is_booked` once it has been signed."""

    quota: Quota
    category: str
    limit: Decimal
    used: Decimal
    held: Decimal
    mine: Decimal
    is_booked: bool
    bar: Bar

    @property
    def free(self) -> Decimal:
        """What may still be booked today."""
        return self.limit - self.used

    @property
    def after(self) -> Decimal:
        """What is left when this case has been granted; negative when it does not fit."""
        return self.free if self.is_booked else self.free - self.mine

    @property
    def fits(self) -> bool:
        """Whether it may be granted."""
        return self.after >= 0


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One line of the account, with the case behind it where there is one."""

    at: datetime
    title: str
    reason: str
    change: Decimal
    left: Decimal
    who: str
    case: int | None
    number: str
    is_mine: bool


def case_quota(case: Case, offer: Offer, values: Mapping[str, object]) -> CaseQuota | None:
    """The quota a case has booked, else the one it would draw on today; None when it draws on none or none is set."""
    booked = QuotaEntry.objects.filter(case=case.pk, kind=QuotaEntry.Type.BOOKING, reversed_by=None)
    entry = booked.select_related("quota__scheme", "quota__unit").first()
    if entry is not None:
        return _shown(entry.quota, entry.amount, is_booked=True, others=_asked(entry.quota, case.pk))
    ask = _ask(case, offer, values)
    found = quota_left(ask) if ask is not None else None
    if ask is None or found is None or found.quota is None:
        return None
    return _shown(found.quota, ask.amount, is_booked=False, others=_asked(found.quota, case.pk))


def _ask(case: Case, offer: Offer, values: Mapping[str, object]) -> Ask | None:
    services = [node.service for node in offer.graph.nodes.values() if node.service and node.service.name == BOOK]
    if not services or not case.is_open or not draws_on_quota(services[0].parameters, values):
        return None
    return ask_for(case.unit_id, services[0].parameters, values, now())


def _asked(quota: Quota, case: int) -> Decimal:
    rows = QuotaRequest.objects.filter(quota=quota).exclude(case=case)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def _shown(quota: Quota, mine: Decimal, *, is_booked: bool, others: Decimal) -> CaseQuota:
    used = quota.used - mine if is_booked else quota.used
    return CaseQuota(
        quota=quota,
        category=category_words(quota),
        limit=quota.limit,
        used=quota.used,
        held=others,
        mine=mine,
        is_booked=is_booked,
        bar=bar_of(quota.limit, used, others, mine),
    )


def bar_of(limit: Decimal, used: Decimal, held: Decimal, mine: Decimal) -> Bar:
    """Widths of the parts; what does not fit is cut off and shown as over."""
    if limit <= 0:
        return Bar(0, 0, 0, WIDTH if used + mine else 0)
    first = min(WIDTH, int(used * WIDTH / limit))
    second = min(WIDTH - first, int(held * WIDTH / limit))
    wanted = max(int(mine * WIDTH / limit), 6 if mine else 0)
    third = min(WIDTH - first - second, wanted)
    over = WIDTH - first - second if used + mine > limit else 0
    return Bar(first, second, 0 if over else third, over)


def category_words(quota: Quota) -> str:
    """The split in words: 商品林　人工　皆伐."""
    titles: dict[str, Mapping[str, str]] = {}
    for row in quota.scheme.dimensions:
        values = row.get("values", {})
        titles[str(row.get("key"))] = values if isinstance(values, dict) else {}
    words = [titles.get(key, {}).get(str(value), str(value)) for key, value in quota.category.items()]
    return "　".join(words)


def account_lines(quota: Quota, case: int | None = None) -> tuple[AccountLine, ...]:
    """The account of a quota, oldest first, with what was left after each line; two queries."""
    rows = list(account_of(quota).select_related("case__case"))
    names = account_names(row.account for row in rows)
    limit, found = Decimal(0), []
    used = Decimal(0)
    for row in rows:
        is_limit = row.kind == QuotaEntry.Type.LIMIT
        limit, used = (row.balance, used) if is_limit else (limit, row.balance)
        found.append(_account_line(row, row.amount if is_limit else -row.amount, limit - used, names, case))
    return tuple(found)


def _account_line(
    row: QuotaEntry, change: Decimal, left: Decimal, names: Mapping[int, str], case: int | None
) -> AccountLine:
    about = getattr(row.case, "case", None) if row.case_id else None
    return AccountLine(
        at=row.at,
        title=row.get_kind_display(),
        reason=about.title if about else row.reason,
        change=change,
        left=left,
        who=names.get(row.account, ""),
        case=row.case_id if about else None,
        number=about.number if about else "",
        is_mine=case is not None and row.case_id == case,
    )


def account_names(accounts: Iterable[int]) -> dict[int, str]:
    """Names behind accounts, 系统 for the platform itself."""
    rows = Account.objects.filter(pk__in=set(accounts)).select_related("person")
    return {0: "系统"} | {row.pk: row.person.name if row.person else row.username for row in rows}


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One line of the board with its bar and split in words."""

    row: BoardRow
    category: str
    bar: Bar

    @property
    def words(self) -> str:
        """The bar for readers of the page aloud."""
        return _("已用 %(share)s%%") % {"share": self.row.share}


def board_line(row: BoardRow) -> BoardLine:
    """A row of the kernel's board, ready for the page."""
    return BoardLine(row, category_words(row.quota), bar_of(row.limit, row.used, row.in_progress, Decimal(0)))
