"""When a job is tried again, and when a repeated one comes next. Plain values only."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(hours=1)
JITTER = 0.25

_EVERY = re.compile(r"every ([1-9]\d{0,3})(s|m|h)")
_DAILY = re.compile(r"daily (\d\d):(\d\d)")
_WEEKLY = re.compile(r"weekly ([1-7]) (\d\d):(\d\d)")
_MONTHLY = re.compile(r"monthly ([1-9]|1\d|2[0-8]) (\d\d):(\d\d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}


def pause_after(failures: int, roll: float) -> timedelta:
    """How long to wait after the n-th failure: 2 s, doubled each time up to an hour, ± 25 % by `roll` in [0, 1)."""
    pause = min(FIRST_PAUSE * (1 << min(failures - 1, 20)), LONGEST_PAUSE)
    return pause * (1 - JITTER + 2 * JITTER * roll)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A rule of repetition: a fixed interval, or a time of day, of a weekday (1 = Monday), of a day of the month."""

    interval: timedelta | None = None
    clock: time = time()
    weekday: int | None = None
    day: int | None = None


def parse_repeat(text: str) -> Repeat:
    """Read `every 30s|10m|2h`, `daily 02:30`, `weekly 1 02:30` or `monthly 28 02:30`. Raises ValueError otherwise."""
    if found := _EVERY.fullmatch(text):
        return Repeat(interval=timedelta(**{_UNITS[found[2]]: int(found[1])}))
    if found := _DAILY.fullmatch(text):
        return Repeat(clock=time(int(found[1]), int(found[2])))
    if found := _WEEKLY.fullmatch(text):
        return Repeat(clock=time(int(found[2]), int(found[3])), weekday=int(found[1]))
    if found := _MONTHLY.fullmatch(text):
        return Repeat(clock=time(int(found[2]), int(found[3])), day=int(found[1]))
    raise ValueError(f"not a rule of repetition: {text!r}")


def next_after(rule: Repeat, moment: datetime, zone: tzinfo) -> datetime:
    """First moment after `moment` that fits the rule, on the clocks of `zone`."""
    if rule.interval is not None:
        return moment + rule.interval
    day = moment.astimezone(zone).date()
    for offset in range(63):
        wanted = datetime.combine(day + timedelta(days=offset), rule.clock, zone)
        if wanted > moment and _fits(rule, wanted):
            return wanted
    raise ValueError(f"no day fits {rule}")


def _fits(rule: Repeat, moment: datetime) -> bool:
    return rule.weekday in (None, moment.isoweekday()) and rule.day in (None, moment.day)
