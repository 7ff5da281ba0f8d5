"""Calendars for pure tests: the years that come with the release."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from yiwang.kernel.clock.law import holiday_law
from yiwang.kernel.clock.seed import packaged, packaged_years
from yiwang.kernel.clock.workdays import Mark, Workdays

ZONE = ZoneInfo("Asia/Shanghai")
MARKS = {day: Mark(is_work, name) for day, is_work, name in packaged()}
CALENDAR = Workdays(MARKS, packaged_years(), holiday_law())


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A moment of a day in China."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)
