"""Counties an item is handled in, and counters 窗口 that take applications."""

from dataclasses import dataclass

from django.db.models import Q

from yiwang.kernel.cases.authority import is_able
from yiwang.kernel.cases.types import Offer
from yiwang.kernel.cases.typespec import Authority
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Unit

MOST = 30
MOST_ON_HOME = 6


@dataclass(frozen=True)
class County:
    """A division whose own authority handles the item."""

    code: str
    name: str
    unit: str
    is_chosen: bool


@dataclass(frozen=True)
class CounterLine:
    """Where somebody helps in person."""

    name: str
    address: str
    hours: str
    phone: str


def counties_of(offer: Offer, wanted: str) -> tuple[County, ...]:
    """Divisions with an authority of the level asked for that can do the item; one alone counts as chosen."""
    known, rule = directory(), offer.spec.authority
    alike = [one for one in known.units.values() if (one.kind, one.level) == (rule.kind, rule.level)]
    fitting = [one for one in alike if is_able(offer, one)]
    found = sorted((one.division_id, one.name) for one in fitting if one.is_active and one.division_id)
    return tuple(County(code, known.divisions[code], unit, len(found) == 1 or code == wanted) for code, unit in found)


def counters_of(authority: Authority, county: str) -> tuple[CounterLine, ...]:
    """Windows and stations of the county, else windows only; the authority itself where it has none."""
    kinds = [Unit.Type.WINDOW, Unit.Type.STATION] if county else [Unit.Type.WINDOW]
    units = Unit.objects.filter(kind__in=kinds, is_active=True)
    if county:
        units = units.filter(Q(division__code__startswith=county))
    return tuple(_line(unit) for unit in units.order_by("level", "path")[:MOST])


def windows() -> tuple[CounterLine, ...]:
    """Windows for the first page."""
    units = Unit.objects.filter(kind=Unit.Type.WINDOW, is_active=True).order_by("level", "path")
    return tuple(_line(unit) for unit in units[:MOST_ON_HOME])


def _line(unit: Unit) -> CounterLine:
    return CounterLine(unit.name, unit.address, unit.hours, unit.phone)
