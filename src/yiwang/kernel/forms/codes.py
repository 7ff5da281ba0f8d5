"""Code tables 代码表: what a stored code means, where the table comes from and when it is in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils.translation import gettext as _

from yiwang.kernel.forms.definition import Option
from yiwang.kernel.forms.yaml_marks import Section, read_definition

MOST_CODES = 3_000


@dataclass(frozen=True, slots=True)
class Code:
    """One line of a table; `until` is its last day, `choosable` is false for headings of groups."""

    value: str
    label: str
    group: str = ""
    hint: str = ""
    choosable: bool = True
    until: date | None = None


@dataclass(frozen=True)
class CodeTable:
    """A versioned dictionary with its source; provinces may replace it by their own edition."""

    key: str
    title: str
    source: str
    note: str
    valid_from: date | None
    valid_until: date | None
    codes: tuple[Code, ...]

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Every code ever valid with its words, so that old forms stay readable."""
        return {code.value: code.label for code in self.codes}

    @cached_property
    def values(self) -> Mapping[str, str]:
        """Words to code, for typed words."""
        return {code.label: code.value for code in self.codes if code.choosable}

    def options(self, day: date) -> tuple[Option, ...]:
        """What may be chosen on that day, in the order of the table."""
        if not self.is_valid(day):
            return ()
        return tuple(Option(c.value, c.label, c.hint, c.group) for c in self.codes if c.choosable and _lasts(c, day))

    def is_valid(self, day: date) -> bool:
        """Whether the table is in force on that day."""
        return (self.valid_from or day) <= day <= (self.valid_until or day)

    def may_choose(self, value: str, day: date) -> bool:
        """Whether the code is in the table and in force."""
        return self.is_valid(day) and any(c.value == value and c.choosable and _lasts(c, day) for c in self.codes)


def _lasts(code: Code, day: date) -> bool:
    return code.until is None or day <= code.until


def load_codes(text: str, file: str) -> CodeTable:
    """A code table from its file. Raises DefinitionRefused."""
    top = read_definition(text, file)
    table = CodeTable(
        key=top.text("key"),
        title=top.text("title"),
        source=top.text("source"),
        note=top.text("note", ""),
        valid_from=top.day("valid_from"),
        valid_until=top.day("valid_until"),
        codes=tuple(_codes(top)),
    )
    top.done()
    return table


def _codes(top: Section) -> list[Code]:
    section = top.section("codes")
    if section is None:
        raise top.error("codes", _("没有写代码"), _("在 codes: 下面每行写 代码: 名称"))
    if len(section.nodes) > MOST_CODES:
        raise top.error("codes", _("代码太多"), _("至多 {most} 个").format(most=MOST_CODES))
    return _grouped(top, section)


def _grouped(top: Section, section: Section) -> list[Code]:
    heads = {value: section.text(value, most=100) for value in top.texts("headings") if section.has(value)}
    ended = _ended(top)
    group, found = "", []
    for value in section:
        label = section.text(value, most=100)
        group = label if value in heads else group
        inside = "" if value in heads else group
        found.append(Code(value, label, inside, "", value not in heads, ended.get(value)))
    return found


def _ended(top: Section) -> dict[str, date]:
    section = top.section("ended")
    if section is None:
        return {}
    days = {value: section.day(value) for value in section}
    return {value: day for value, day in days.items() if day}
