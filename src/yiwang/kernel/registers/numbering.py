"""Patterns of numbers 编号规则 such as `{word}采字〔{year}〕第{seq:06d}号`."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from string import Formatter

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiwang.kernel.registers.refusals import NumberPatternInvalid

PLACEHOLDERS = {
    "word": gettext_lazy("文号代字"),
    "division": gettext_lazy("区划代码"),
    "unit": gettext_lazy("单位代码"),
    "year": gettext_lazy("年"),
    "month": gettext_lazy("月"),
    "seq": gettext_lazy("顺序号"),
}
PADDED = re.compile(r"0[1-9]d")
MAX_LENGTH = 64
_TEXTS = {"word", "division", "unit"}
_BRACKETS = str.maketrans("〔〕【】（）()﹝﹞", "[][][][][]")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A checked pattern. Everything but the sequence is the scope in which numbers run without gaps."""

    text: str
    names: frozenset[str]

    @property
    def has_year(self) -> bool:
        """Whether the numbers start anew every year."""
        return "year" in self.names

    def scope(self, values: Mapping[str, str | int]) -> str:
        """Which run of numbers the values belong to, the year aside.

        Raises NumberPatternInvalid for a missing value.
        """
        return "|".join(str(self._value(name, values)) for name in sorted(self.names - {"seq", "year"}))

    def render(self, values: Mapping[str, str | int], seq: int) -> str:
        """The number. Raises NumberPatternInvalid when a value is missing or the number is too long."""
        filled = {name: self._value(name, values) for name in self.names - {"seq"}}
        number = self.text.format(**filled, seq=seq)
        if len(number) > MAX_LENGTH:
            raise NumberPatternInvalid(_("编号超过 %(most)d 个字") % {"most": MAX_LENGTH})
        return number

    def _value(self, name: str, values: Mapping[str, str | int]) -> str | int:
        value = values.get(name, "")
        if value == "" or (name in _TEXTS) is not isinstance(value, str):
            text = _("编号规则要用%(part)s，发证单位没有设置") % {"part": PLACEHOLDERS[name]}
            raise NumberPatternInvalid(text, facts={"name": name})
        return value


@cache
def pattern_of(text: str) -> Pattern:
    """Check a pattern: known placeholders only, each once, `{seq}` among them.

    Raises NumberPatternInvalid naming the part.
    """
    names = [name for name in (_placeholder(*part) for part in _parts(text)) if name]
    if names.count("seq") != 1:
        raise NumberPatternInvalid(_("编号规则里要有一个 {seq}"))
    if len(names) != len(set(names)):
        raise NumberPatternInvalid(_("编号规则里同一占位符出现两次"))
    return Pattern(text, frozenset(names))


def _parts(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    if not text or len(text) > 100 or any(unicodedata.category(sign).startswith("C") for sign in text):
        raise NumberPatternInvalid(_("编号规则为空、过长或含有不可见字符"))
    try:
        return list(Formatter().parse(text))
    except ValueError:
        raise NumberPatternInvalid(_("编号规则的花括号不成对")) from None


def _placeholder(literal: str, name: str | None, spec: str | None, conversion: str | None) -> str | None:
    if name is None:
        return None
    if name not in PLACEHOLDERS:
        text = _("编号规则里不认识的占位符 {%(name)s}") % {"name": name[:30]}
        raise NumberPatternInvalid(text, facts={"name": name[:30]})
    is_number = name not in _TEXTS
    if conversion or (spec and not (is_number and PADDED.fullmatch(spec))):
        text = _("占位符 {%(name)s} 的格式只能写成 {%(name)s:06d} 这样的位数") % {"name": name}
        raise NumberPatternInvalid(text, facts={"name": name})
    return name


def number_key(number: str) -> str:
    """A number as people may type it, in one spelling: full-width, brackets and blanks do not matter."""
    text = unicodedata.normalize("NFKC", number.translate(_BRACKETS)).translate(_BRACKETS)
    return "".join(text.split()).upper()
