"""Working days in memory, right across processes.

Every process compares the one `stamp` of the calendar row with its own at most once per `CALENDAR_REFRESH` seconds
and reads the table anew when it differs. A clock keeps the stamp it was counted under, so that what was counted in
the seconds between is found and counted again.
"""

import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings

from yiwang.kernel.clock.law import holiday_law
from yiwang.kernel.clock.models import Calendar, Day, Year
from yiwang.kernel.clock.seed import packaged, packaged_stamp, packaged_years
from yiwang.kernel.clock.workdays import Mark, Workdays

REFRESH = 5.0
CALENDAR = 1
_STEPS = (2, 4, 6, 9, 12)


@dataclass
class _Snapshot:
    """The table as it was under one stamp; replaced as a whole, never changed."""

    stamp: int
    marks: dict[str, dict[date, Mark]]
    years: frozenset[int]
    compiled: dict[str, Workdays] = field(default_factory=dict)


_current: _Snapshot | None = None
_checked = 0.0


def workdays(region: str = "") -> Workdays:
    """Working days of a region: the country's, with those of each division above it and its own laid over them."""
    snapshot = _fresh()
    if region not in snapshot.compiled:
        snapshot.compiled[region] = _compiled(snapshot, region)
    return snapshot.compiled[region]


def stamp() -> int:
    """What a due date counted now is marked with."""
    return _fresh().stamp


def forget() -> None:
    """Read the table anew at the next use; after a change in this process, and in tests."""
    global _current
    _current = None


def chain(region: str) -> list[str]:
    """The country, each division above a region, and itself: `4501` → ``["", "45", "4501"]``."""
    return ["", *(region[:length] for length in _STEPS if length <= len(region))]


def _fresh() -> _Snapshot:
    global _current, _checked
    snapshot, moment = _current, time.monotonic()
    if snapshot is not None and moment - _checked < getattr(settings, "CALENDAR_REFRESH", REFRESH):
        return snapshot
    mark = Calendar.objects.filter(pk=CALENDAR).values_list("stamp", flat=True).first() or packaged_stamp()
    if snapshot is None or snapshot.stamp != mark:
        snapshot = _load(mark)
    _current, _checked = snapshot, moment
    return snapshot


def _load(mark: int) -> _Snapshot:
    years = Year.objects.filter(region="").values_list("year", flat=True)
    snapshot = _Snapshot(mark, defaultdict(dict), frozenset(years) or packaged_years())
    if not years:
        snapshot.marks[""] = {day: Mark(is_work, name) for day, is_work, name in packaged()}
    for region, day, is_work, name in Day.objects.values_list("region", "date", "is_work", "name"):
        snapshot.marks[region][day] = Mark(is_work, name)
    return snapshot


def _compiled(snapshot: _Snapshot, region: str) -> Workdays:
    merged: dict[date, Mark] = {}
    for part in chain(region):
        merged |= snapshot.marks.get(part, {})
    return Workdays(merged, snapshot.years, holiday_law())
