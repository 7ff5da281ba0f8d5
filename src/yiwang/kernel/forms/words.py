"""Kinds of fields that hold words and numbers of persons: text, phone, identity, credit code, realty unit."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from yiwang.kernel.base.identifiers import is_credit_code, is_id_card
from yiwang.kernel.base.masks import mask_id, mask_name, mask_phone
from yiwang.kernel.base.refusals import Text
from yiwang.kernel.forms.context import Context
from yiwang.kernel.forms.definition import FieldDef, Json
from yiwang.kernel.forms.shapes import as_parts, as_text
from yiwang.kernel.forms.texts import is_clean, tidy, tidy_lines, tidy_number

MOBILE = re.compile(r"1[3-9][0-9]{9}\Z")
LANDLINE = re.compile(r"0[0-9]{2,3}-?[0-9]{7,8}(-[0-9]{1,6})?\Z")
REALTY = re.compile(r"[0-9]{12}[GJZ][ABSXCDEFWY][0-9]{5}[FLQW][0-9]{8}\Z")
PASSPORT = re.compile(r"[A-Z0-9]{5,20}\Z")

ID_KINDS: Mapping[str, Text] = {
    "id_card": lazy("居民身份证"),
    "household": lazy("户口簿"),
    "passport": lazy("护照"),
    "hk_macao": lazy("港澳居民居住证"),
    "taiwan": lazy("台湾居民居住证"),
    "foreigner": lazy("外国人永久居留身份证"),
    "credit_code": lazy("统一社会信用代码"),
}
CITIZEN_NUMBERS = ("id_card", "household", "hk_macao", "taiwan")


class Wrong(ValueError):
    """What was typed is not an answer; the text says so in plain words."""


def clean_text(one: FieldDef, raw: Json, context: Context) -> Json:
    """Text as text, never markup: kept exactly but for blanks and widths."""
    lines = one.kind == "longtext"
    value = tidy_lines(as_text(raw)) if lines else tidy(as_text(raw))
    if not is_clean(value, lines=lines):
        raise Wrong(_("{label}里有看不见的控制字符，请删掉重新输入").format(label=one.bare_label))
    if len(value) > one.bounds.longest:
        message = _("{label}最多 {most} 个字，现在有 {count} 个字")
        raise Wrong(message.format(label=one.bare_label, most=one.bounds.longest, count=len(value)))
    if len(value) < one.bounds.shortest:
        message = _("{label}至少写 {least} 个字").format(label=one.bare_label, least=one.bounds.shortest)
        raise Wrong(message)
    return value


def clean_phone(one: FieldDef, raw: Json, context: Context) -> Json:
    """A Chinese mobile number, or a landline with its area code."""
    value = re.sub(r"\A(\+86|0086)", "", tidy_number(as_text(raw)))
    digits = value.replace("-", "")
    if MOBILE.match(digits):
        return digits
    if LANDLINE.match(value):
        return value
    raise Wrong(_("{label}不对：手机号是 11 位数字，座机要写区号，例如 0791-88000000").format(label=one.bare_label))


def clean_credit_code(one: FieldDef, raw: Json, context: Context) -> Json:
    """Unified social credit code 统一社会信用代码 (GB 32100-2015)."""
    return _credit(one, tidy_number(as_text(raw)).upper())


def _credit(one: FieldDef, value: str) -> str:
    if len(value) != 18:
        message = _("{label}应当是 18 位，现在是 {count} 位").format(label=one.bare_label, count=len(value))
        raise Wrong(message)
    if not is_credit_code(value):
        raise Wrong(_("{label}的校验码不对，可能抄错了一位，请对照营业执照再看一遍").format(label=one.bare_label))
    return value


def clean_person_id(one: FieldDef, raw: Json, context: Context) -> Json:
    """An identity paper: kind and number; citizen numbers and credit codes are checked to the last digit."""
    parts = as_parts(raw)
    kinds = one.id_kinds or tuple(ID_KINDS)
    kind = tidy(parts.get("kind", "")) or kinds[0]
    if kind not in kinds:
        raise Wrong(_("请选择证件种类"))
    number = tidy_number(parts.get("number", "")).upper()
    return {"kind": kind, "number": _identity(one, kind, number)}


def _identity(one: FieldDef, kind: str, number: str) -> str:
    if kind == "credit_code":
        return _credit(one, number)
    if kind in CITIZEN_NUMBERS:
        return _citizen(number)
    if not PASSPORT.match(number):
        raise Wrong(_("证件号码只能是 5 到 20 位字母和数字"))
    return number


def _citizen(number: str) -> str:
    if len(number) != 18:
        raise Wrong(_("身份证号应当是 18 位，现在是 {count} 位").format(count=len(number)))
    if not is_id_card(number):
        raise Wrong(_("身份证号不对，可能抄错了一位，请对照证件再看一遍"))
    return number


def clean_realty_unit(one: FieldDef, raw: Json, context: Context) -> Json:
    """Realty unit code 不动产单元号, 28 signs: county 6, cadastral area 3 + 3, kind 2, serial 5, fixture 1, unit 8."""
    value = re.sub(r"[-_.]", "", tidy_number(as_text(raw)).upper())
    if len(value) != 28:
        message = _("{label}应当是 28 位，现在是 {count} 位。照不动产权证上的“不动产单元号”抄，空格不用管")
        raise Wrong(message.format(label=one.bare_label, count=len(value)))
    if not REALTY.match(value):
        message = _(
            "{label}的样子不对：前 12 位是数字，第 13、14 位是字母（林地是 GE、JE、ZE），第 20 位是字母（林木是 L）"
        )
        raise Wrong(message.format(label=one.bare_label))
    return value


def show_realty_unit(value: str) -> str:
    """In the groups of the certificate: 340123 002004 GE00022 L00000001."""
    return " ".join((value[:6], value[6:12], value[12:19], value[19:]))


def masked(one: FieldDef, value: Json) -> str:
    """A sensitive value as others than its owner see it."""
    if isinstance(value, dict):
        return mask_id(str(value.get("number", "")))
    text = str(value)
    if one.kind == "phone":
        return mask_phone(text)
    return mask_name(text) if one.mask == "name" else mask_id(text)
