"""Patterns that turn the facts of a case into the texts of a document: `{form.area} 公顷[，{form.stems} 株]`.

`{path}` is a dotted path into the context, `{path|filter}` formats it; `[ … ]` is left out when a path inside is empty.
A pattern is data of a definition: it can name values and nothing else.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from unicodedata import category

from django.utils import timezone

from yiwang.kernel.base.masks import mask_id

Context = Mapping[str, object]
_PLACE = re.compile(r"\{([a-z_][a-z0-9_]*(?:\.[a-z0-9_]+)*)(?:\|([a-z]+))?\}")
BREAK = "\u200b"
_RUN = re.compile(r"[!-~]{31,}|[^\w\s]{11,}")
_NUMBER = re.compile(r"[0-9A-Za-z]{6,}")
_OPTIONAL = re.compile(r"\[([^\[\]]*\{[^\[\]]*)\]")


def chinese_date(value: date | datetime) -> str:
    """2026年11月21日, in the zone of the node."""
    day = timezone.localdate(value) if isinstance(value, datetime) else value
    return f"{day.year}年{day.month}月{day.day}日"


def text_of(value: object) -> str:
    """A value as a document prints it; nothing for None and empty lists."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return chinese_date(value)
    if isinstance(value, float | Decimal):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    if isinstance(value, list | tuple):
        return "、".join(text for text in map(text_of, value) if text)
    return "" if value is None else tidy(str(value))


def tidy(text: str) -> str:
    """Text on one line, without control, direction and invisible signs."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(sign for sign in line if category(sign) not in ("Cc", "Cf", "Cs"))


def breakable(text: str) -> str:
    """Text whose long runs of letters, digits or signs may be broken anywhere, so that they stay inside their box."""
    return _RUN.sub(lambda found: BREAK.join(found[0]), text)


def _day(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return chinese_date(date.fromisoformat(value))
    return text_of(value)


def _masked(value: object) -> str:
    return _NUMBER.sub(lambda found: mask_id(found[0]), text_of(value))


FILTERS: dict[str, Callable[[object], str]] = {"date": _day, "mask": _masked}


def paths_of(pattern: str) -> Iterator[str]:
    """Every path a pattern names."""
    return (found[1] for found in _PLACE.finditer(pattern))


def faults_of(pattern: str) -> list[str]:
    """What is wrong with a pattern: unknown filters, loose braces."""
    faults = [f"|{found[2]}" for found in _PLACE.finditer(pattern) if found[2] and found[2] not in FILTERS]
    return faults + [sign for sign in "{}" if sign in _PLACE.sub("", pattern)]


def look_up(context: Context, path: str) -> object:
    """The value at a dotted path; None when any part is missing."""
    value: object = context
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def fill(pattern: str, context: Context) -> str:
    """The text of a pattern; empty when it names values and all of them are empty."""
    if _PLACE.search(pattern) and not any(text_of(look_up(context, path)) for path in paths_of(pattern)):
        return ""
    return _filled(_OPTIONAL.sub(lambda part: _unless_empty(part[1], context), pattern), context)


def _unless_empty(part: str, context: Context) -> str:
    return part if all(text_of(look_up(context, path)) for path in paths_of(part)) else ""


def _filled(pattern: str, context: Context) -> str:
    def value(found: re.Match[str]) -> str:
        return FILTERS.get(found[2], text_of)(look_up(context, found[1]))

    return _PLACE.sub(value, pattern).strip()
