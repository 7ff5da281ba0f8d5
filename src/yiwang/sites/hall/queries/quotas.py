"""Quotas 限额 as the public sees them: limit, used, left."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from yiwang.kernel.base.moments import today
from yiwang.kernel.registers.models import Quota

MOST = 12


@dataclass(frozen=True)
class QuotaLine:
    """One quota of one unit and year."""

    unit: str
    name: str
    limit: Decimal
    used: Decimal
    left: Decimal
    measure: str


def quotas_of(scheme: str, county: str) -> tuple[QuotaLine, ...]:
    """Quotas of an item in a county this year; none without a county, because there would be hundreds."""
    if not scheme or not county:
        return ()
    quotas = Quota.objects.filter(scheme=scheme, year=today().year, unit__division=county)
    return tuple(_lines(quotas.select_related("scheme", "unit").order_by("category_key")))


def quotas_on_home() -> tuple[QuotaLine, ...]:
    """This year's quotas, where the node has few enough of them to be read."""
    quotas = Quota.objects.filter(year=today().year).select_related("scheme", "unit").order_by("unit", "category_key")
    found = list(quotas[: MOST + 1])
    return tuple(_lines(found)) if len(found) <= MOST else ()


def _lines(quotas: Iterable[Quota]) -> Iterable[QuotaLine]:
    for quota in quotas:
        name = _("%(split)s（%(year)d 年）") % {"year": quota.year, "split": split_words(quota)}
        yield QuotaLine(quota.unit.short_name, name, quota.limit, quota.used, quota.left, quota.scheme.measure)


def split_words(quota: Quota) -> str:
    """The split 分项 in words, in the order of the scheme; the scheme's name where there is none."""
    keys = [str(dimension["key"]) for dimension in quota.scheme.dimensions]
    return " ".join(str(quota.category[key]) for key in keys if key in quota.category) or quota.scheme.name
