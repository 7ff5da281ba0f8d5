"""Holidays and kinds of pause as the law states them, read from `definitions/calendars` once per process."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from yiwang.kernel.clock.limits import Basis


@dataclass(frozen=True, slots=True)
class FixedHoliday:
    """A holiday on the same date every year, from the year in which the law began to grant it."""

    month: int
    day: int
    name: str
    valid_from: int


@dataclass(frozen=True, slots=True)
class HolidayLaw:
    """What is certain about a year before its arrangement is announced (全国年节及纪念日放假办法 art. 2).

    `dated` are moving holidays whose date has been checked, `required` the names every announced year must hold.
    """

    fixed: tuple[FixedHoliday, ...]
    dated: tuple[tuple[date, str], ...]
    required: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class PauseKind:
    """A reason for which the law stops a limit 停止计算期限."""

    key: str
    name: str
    basis: Basis
    valid_from: date


@dataclass(frozen=True, slots=True)
class RefusedKind:
    """A reason often taken for a pause that is none."""

    key: str
    name: str
    because: str
    basis: Basis


@cache
def holiday_law() -> HolidayLaw:
    """The holidays of all citizens."""
    data = _read("statutory_holidays.yaml")
    source = data["source"]
    return HolidayLaw(
        fixed=tuple(FixedHoliday(**row) for row in data["fixed"]),
        dated=tuple((row["date"], row["name"]) for row in data["dated"]),
        required=tuple(data["required"]),
        source=f"{source['law']}（{source['document']}）{source['article']}",
    )


@cache
def pause_kinds() -> dict[str, PauseKind]:
    """Kinds of pause by key."""
    rows = _read("pause_kinds.yaml")["kinds"]
    return {row["key"]: PauseKind(row["key"], row["name"], _basis(row), row["valid_from"]) for row in rows}


@cache
def refused_kinds() -> dict[str, RefusedKind]:
    """Reasons that are refused by name."""
    rows = _read("pause_kinds.yaml")["refused"]
    return {row["key"]: RefusedKind(row["key"], row["name"], row["because"], _basis(row)) for row in rows}


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((Path(settings.DEFINITIONS) / "calendars" / name).read_text("utf-8"))
    return data


def _basis(row: dict[str, str]) -> Basis:
    return Basis(row["law"], row["article"])
