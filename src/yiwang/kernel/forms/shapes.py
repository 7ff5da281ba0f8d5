"""Raw input of any shape taken as the shape a field expects; what does not fit counts as empty."""

from yiwang.kernel.forms.context import Context
from yiwang.kernel.forms.definition import FieldDef, Json, Raw
from yiwang.kernel.forms.texts import tidy

PARTS = {
    "division": ("county", "township", "village"),
    "person_id": ("kind", "number"),
    "point": ("lon", "lat", "accuracy"),
}
SIDE_PARTS = {"person_id": ("kind",), "point": ("accuracy",), "division": ("county",)}


def as_text(raw: Json) -> str:
    """A single text."""
    return raw if isinstance(raw, str) else ""


def as_texts(raw: Json) -> list[str]:
    """Several texts."""
    if isinstance(raw, str):
        return [raw] if raw else []
    return [one for one in raw if isinstance(one, str)] if isinstance(raw, list) else []


def as_parts(raw: Json) -> dict[str, str]:
    """Named texts of a composed field."""
    return {key: one for key, one in raw.items() if isinstance(one, str)} if isinstance(raw, dict) else {}


def as_rows(raw: Json) -> list[Raw]:
    """Rows of a repeating group."""
    return [one for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []


def is_blank(one: FieldDef, raw: Json) -> bool:
    """Whether nothing was typed that counts as an answer."""
    if one.kind in PARTS:
        parts = as_parts(raw)
        return not any(tidy(parts.get(part, "")) for part in PARTS[one.kind] if part not in SIDE_PARTS[one.kind])
    if one.kind in ("choices", "files"):
        return not any(tidy(text) for text in as_texts(raw))
    return not tidy(as_text(raw))


def typed(one: FieldDef, raw: Json, context: Context) -> Json:
    """The input of a field outside rows: files come from their slot, read-only values from the prefill."""
    if one.kind == "files":
        return [str(file.id) for file in context.in_slot(one.key)]
    return context.prefilled(one.prefill) if one.readonly else raw


def is_blank_row(fields: tuple[FieldDef, ...], row: Raw) -> bool:
    """Whether a row was left empty; read-only columns do not count."""
    return all(is_blank(one, row.get(one.key)) for one in fields if not one.readonly)
