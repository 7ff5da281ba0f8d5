"""Kinds of fields that hold figures and days."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.utils.translation import gettext as _

from yiwang.kernel.forms.context import Context
from yiwang.kernel.forms.definition import FieldDef, Json
from yiwang.kernel.forms.shapes import as_text
from yiwang.kernel.forms.texts import tidy_number
from yiwang.kernel.forms.words import Wrong

NUMBER = re.compile(r"[+-]?([0-9]{1,15}|[0-9]{1,3}(,[0-9]{3}){1,4})(\.[0-9]{1,15})?\Z")
DAY = re.compile(r"([0-9]{4})(?:[-/.年])([0-9]{1,2})(?:[-/.月])([0-9]{1,2})日?\Z")
SHORT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})\Z")
MU_PER_HECTARE = Decimal(15)
MU = re.compile(r"(.+?)亩\Z")


def clean_integer(one: FieldDef, raw: Json, context: Context) -> Json:
    """A whole number within its limits."""
    number = _number(one, as_text(raw))
    if number != number.to_integral_value():
        raise Wrong(_("{label}只填整数").format(label=one.bare_label))
    return int(_bounded(one, number))


def clean_decimal(one: FieldDef, raw: Json, context: Context) -> Json:
    """A decimal number within its limits, as plain text with no more places than asked for."""
    number = _number(one, as_text(raw))
    if -_places(number) > one.bounds.places:
        message = _("{label}最多写到小数点后 {places} 位").format(label=one.bare_label, places=one.bounds.places)
        raise Wrong(message)
    return plain(_bounded(one, number))


def plain(number: Decimal) -> str:
    """A decimal without exponent, trailing zeros or minus zero."""
    text = format(number.normalize(), "f")
    return "0" if text == "-0" else text


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _number(one: FieldDef, text: str) -> Decimal:
    typed = tidy_number(text)
    _refuse_mu(one, typed)
    typed = typed.removesuffix(one.unit) if one.unit else typed
    try:
        return Decimal(typed.replace(",", "")) if NUMBER.match(typed) else _no_number(one)
    except InvalidOperation:
        return _no_number(one)


def _no_number(one: FieldDef) -> Decimal:
    sample = _("，例如 {example}").format(example=one.example) if one.example else ""
    raise Wrong(_("{label}只填数字{sample}").format(label=one.bare_label, sample=sample))


def _refuse_mu(one: FieldDef, typed: str) -> None:
    found = MU.match(typed) if one.unit == "公顷" else None
    if found and NUMBER.match(found[1]):
        mu = Decimal(found[1].replace(",", ""))
        hectares = plain((mu / MU_PER_HECTARE).quantize(Decimal(1).scaleb(-one.bounds.places), ROUND_HALF_UP))
        message = _("{label}按公顷填：{mu} 亩合 {hectares} 公顷，请填 {hectares}")
        raise Wrong(message.format(label=one.bare_label, mu=plain(mu), hectares=hectares))


def _bounded(one: FieldDef, number: Decimal) -> Decimal:
    least, most = one.bounds.minimum, one.bounds.maximum
    unit = f" {one.unit}" if one.unit else ""
    if least is not None and number < least:
        raise Wrong(_("{label}不能小于 {least}{unit}").format(label=one.bare_label, least=plain(least), unit=unit))
    if most is not None and number > most:
        raise Wrong(_("{label}不能大于 {most}{unit}").format(label=one.bare_label, most=plain(most), unit=unit))
    return number


def clean_date(one: FieldDef, raw: Json, context: Context) -> Json:
    """A day; 2026-12-01, 2026年12月1日, 2026/12/1 and 20261201 are all understood."""
    day = _day(one, tidy_number(as_text(raw)))
    earliest, latest = one.bounds.earliest, one.bounds.latest
    if earliest and day < earliest.on(context.today):
        first = show_day(earliest.on(context.today))
        raise Wrong(_("{label}不能早于 {day}").format(label=one.bare_label, day=first))
    if latest and day > latest.on(context.today):
        last = show_day(latest.on(context.today))
        raise Wrong(_("{label}不能晚于 {day}").format(label=one.bare_label, day=last))
    return day.isoformat()


def _day(one: FieldDef, text: str) -> date:
    found = DAY.match(text) or SHORT_DAY.match(text)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise Wrong(_("{label}请写成年月日，例如 2026-12-01").format(label=one.bare_label))


def show_day(day: date) -> str:
    """2026年12月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


def show_number(one: FieldDef, value: Json) -> str:
    """The number with its unit; hectares also in mu where the field asks for it."""
    text = f"{_grouped(str(value))} {one.unit}".strip()
    return f"{text}（{in_mu(str(value))}）" if one.also == "mu" else text


def _grouped(value: str) -> str:
    """1120 → 1,120; what is no number stays as it is."""
    return f"{Decimal(value):,f}" if NUMBER.match(value) and "," not in value else value


def in_mu(hectares: str) -> str:
    """0.83 → 12.5 亩; nothing for what is no number."""
    if not NUMBER.match(hectares):
        return ""
    mu = Decimal(hectares.replace(",", "")) * MU_PER_HECTARE
    return f"{mu.quantize(Decimal('0.1'), ROUND_HALF_UP)} 亩"
