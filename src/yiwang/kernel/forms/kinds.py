"""The kinds of fields in one table: how each is cleaned, shown and seen by expressions."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from yiwang.kernel.forms import answers, figures, places, words
from yiwang.kernel.forms.context import Context
from yiwang.kernel.forms.definition import FieldDef, Json, names_of
from yiwang.kernel.forms.figures import show_day
from yiwang.kernel.forms.shapes import as_parts, as_texts

Clean = Callable[[FieldDef, Json, Context], Json]
Show = Callable[[FieldDef, Json, Context], str]

CLEANERS: Mapping[str, Clean] = {
    "text": words.clean_text,
    "longtext": words.clean_text,
    "integer": figures.clean_integer,
    "decimal": figures.clean_decimal,
    "date": figures.clean_date,
    "choice": answers.clean_choice,
    "choices": answers.clean_choices,
    "code": answers.clean_code,
    "division": places.clean_division,
    "person_id": words.clean_person_id,
    "credit_code": words.clean_credit_code,
    "realty_unit": words.clean_realty_unit,
    "phone": words.clean_phone,
    "files": answers.clean_files,
    "point": places.clean_point,
    "boolean": answers.clean_boolean,
    "confirm": answers.clean_confirm,
    "computed": lambda one, raw, context: raw,
}


def clean(one: FieldDef, raw: Json, context: Context) -> Json:
    """The answer as stored. Raises Wrong in plain words."""
    return CLEANERS[one.kind](one, raw, context)


def _day(one: FieldDef, value: Json, context: Context) -> str:
    return show_day(date.fromisoformat(str(value)))


def _files(one: FieldDef, value: Json, context: Context) -> str:
    ids = value if isinstance(value, list) else []
    return "、".join(file.name for file in context.in_slot(one.key) if file.id in ids)


def _person(one: FieldDef, value: Json, context: Context) -> str:
    parts = as_parts(value)
    return f"{words.ID_KINDS.get(parts.get('kind', ''), '')} {parts.get('number', '')}".strip()


SHOWERS: Mapping[str, Show] = {
    "integer": lambda one, value, context: figures.show_number(one, value),
    "decimal": lambda one, value, context: figures.show_number(one, value),
    "computed": lambda one, value, context: figures.show_number(one, value),
    "date": _day,
    "choice": answers.show_options,
    "choices": answers.show_options,
    "code": answers.show_code,
    "division": lambda one, value, context: as_parts(value).get("name", ""),
    "person_id": _person,
    "realty_unit": lambda one, value, context: words.show_realty_unit(str(value)),
    "files": _files,
    "point": lambda one, value, context: places.show_point(value),
    "boolean": lambda one, value, context: answers.show_boolean(one, value),
    "confirm": lambda one, value, context: _("已确认"),
}


def show(one: FieldDef, value: Json, context: Context) -> str:
    """A stored answer in words, with unit and code labels; nothing for no answer."""
    if value is None or value in ("", []):
        return ""
    shower = SHOWERS.get(one.kind)
    return shower(one, value, context) if shower else str(value)


def seen_as(one: FieldDef, value: Json) -> dict[str, object]:
    """What expressions see of a stored answer: names and plain values, None for no answer."""
    if one.kind in ("division", "person_id", "point"):
        return _parts_seen(one, as_parts(value))
    if one.kind == "files":
        return {f"{one.key}_count": len(value) if isinstance(value, list) else 0}
    if one.kind == "choices":
        return {one.key: tuple(as_texts(value)) if value is not None else None}
    if one.kind == "code" and isinstance(value, dict):
        return {one.key: str(value.get("code") or "") or None}
    return {one.key: Decimal(str(value)) if one.kind in ("decimal", "computed") and value is not None else value}


def _parts_seen(one: FieldDef, parts: dict[str, str]) -> dict[str, object]:
    wanted = {"point": ("lon", "lat"), "division": ("county", "township"), "person_id": ("kind", "number")}[one.kind]
    values = [parts.get(part) or None for part in wanted]
    numbers = [Decimal(text) if text and one.kind == "point" else text for text in values]
    return dict(zip(names_of(one), numbers, strict=True))
