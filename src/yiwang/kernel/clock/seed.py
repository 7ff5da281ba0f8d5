"""Announced years that come with the release, from the `chinesecalendar` package (State Council notices).

They are copied into the table by the first migration and by `manage load_calendar --packaged`, and stand in for it
while it is empty, so that a node whose table was lost does not count make-up weekends as rest.
"""

import zlib
from collections.abc import Iterator
from datetime import date
from functools import cache

from chinese_calendar.constants import Holiday, holidays, workdays

SOURCE = "国务院办公厅关于%d年部分节假日安排的通知"
MAKE_UP = "%s调休"
Row = tuple[date, bool, str]


@cache
def packaged() -> tuple[Row, ...]:
    """(day, whether people work, name) of every day of the package that has a name."""
    return tuple(_rows())


@cache
def packaged_years() -> frozenset[int]:
    """Years that the package covers."""
    return frozenset(day.year for day, _, _ in packaged())


@cache
def packaged_stamp() -> int:
    """The stamp of the package's content."""
    return zlib.crc32(repr(packaged()).encode())


def _rows() -> Iterator[Row]:
    for day, name in sorted(holidays.items()):
        yield day, False, _name(name)
    for day, name in sorted(workdays.items()):
        yield day, True, MAKE_UP % _name(name)


def _name(english: str) -> str:
    return str(Holiday(english).chinese)
