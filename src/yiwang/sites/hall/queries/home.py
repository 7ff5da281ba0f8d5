"""The first page: what can be done here, how much is being done, what is left of quotas."""

from dataclasses import dataclass
from datetime import datetime, time

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from yiwang.kernel.base.moments import now, today
from yiwang.kernel.cases.models import Case
from yiwang.sites.hall.queries.offers import ItemLine, items
from yiwang.sites.hall.queries.places import CounterLine, windows
from yiwang.sites.hall.queries.quotas import QuotaLine, quotas_on_home

FIGURES_KEPT_SECONDS = 60


@dataclass(frozen=True)
class Figure:
    """A counted number of cases."""

    name: str
    value: int


@dataclass(frozen=True)
class Home:
    """What the first page shows."""

    items: tuple[ItemLine, ...]
    figures: tuple[Figure, ...]
    counted: datetime
    quotas: tuple[QuotaLine, ...]
    counters: tuple[CounterLine, ...]


def home() -> Home:
    """The first page; figures are counted once a minute."""
    counts, counted = _kept_counts()
    return Home(tuple(items()), _figures(counts), counted, quotas_on_home(), windows())


def _kept_counts() -> tuple[dict[str, int], datetime]:
    kept: tuple[dict[str, int], datetime] | None = cache.get("hall.figures")
    if kept is None:
        kept = _counts(), now()
        cache.set("hall.figures", kept, FIGURES_KEPT_SECONDS)
    return kept


def _counts() -> dict[str, int]:
    zone, day, moment = get_current_timezone(), today(), now()
    morning, new_year = (datetime.combine(start, time(), zone) for start in (day, day.replace(month=1, day=1)))
    still = ~Q(status=Case.Status.CLOSED)
    return Case.objects.aggregate(
        accepted_today=Count("pk", filter=Q(accepted__gte=morning)),
        closed_today=Count("pk", filter=Q(closed__gte=morning)),
        in_hand=Count("pk", filter=still),
        late=Count("pk", filter=still & ~Q(status=Case.Status.SUSPENDED) & Q(due__lte=moment)),
        accepted_year=Count("pk", filter=Q(accepted__gte=new_year)),
        closed_year=Count("pk", filter=Q(closed__gte=new_year)),
    )


def _figures(counts: dict[str, int]) -> tuple[Figure, ...]:
    names = {
        "accepted_today": _("今日受理"),
        "closed_today": _("今日办结"),
        "in_hand": _("正在办理"),
        "late": _("超期"),
        "accepted_year": _("今年受理"),
        "closed_year": _("今年办结"),
    }
    return tuple(Figure(name, counts[key]) for key, name in names.items())
