"""A filled form read back: label and words, masked where personal, for checking, for the desk and for evidence."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from yiwang.kernel.forms.context import Attached, Context
from yiwang.kernel.forms.definition import FieldDef, GroupDef, Json
from yiwang.kernel.forms.kinds import show
from yiwang.kernel.forms.rules import Outcome, is_exempt
from yiwang.kernel.forms.shapes import as_rows
from yiwang.kernel.forms.words import masked

PLACE = re.compile(r"\{([a-z0-9_]+)\}")


@dataclass(frozen=True, slots=True)
class Answer:
    """One line: `text` in full, `safe` as others may see it, files of a slot, remark such as 免提交."""

    key: str
    label: str
    text: str
    safe: str
    files: tuple[Attached, ...] = ()
    remark: str = ""
    law: str = ""


@dataclass(frozen=True, slots=True)
class AnswerBlock:
    """The answers of one step."""

    step: str
    title: str
    answers: tuple[Answer, ...]


def answer_blocks(outcome: Outcome) -> tuple[AnswerBlock, ...]:
    """Visible answers step by step; questions left blank are left out."""
    blocks = []
    for step in outcome.form.steps:
        answers = tuple(one for group in step.groups for one in _of_group(group, outcome, outcome.context))
        blocks.append(AnswerBlock(step.key, step.title, answers))
    return tuple(blocks)


def _of_group(group: GroupDef, outcome: Outcome, context: Context) -> Iterator[Answer]:
    if group.rows:
        yield from _of_rows(group, as_rows(outcome.values.get(group.key)), context)
        return
    for one in group.fields:
        answer = _of_field(one, outcome, context)
        if answer:
            yield answer


def _of_field(one: FieldDef, outcome: Outcome, context: Context) -> Answer | None:
    value = outcome.values.get(one.key)
    if value is None:
        exempt = one.key not in outcome.hidden and is_exempt(one, dict(outcome.seen))
        remark = _("免提交，{reason}").format(reason=one.slot.exempt) if exempt and one.slot else ""
        return Answer(one.key, one.label, remark, remark, (), "", one.law) if remark else None
    text = show(one, value, context)
    files = context.in_slot(one.key) if one.slot else ()
    safe = safe_text(one, value, text)
    return Answer(one.key, one.label, text, safe, files, "", one.law)


def safe_text(one: FieldDef, value: Json, text: str) -> str:
    """The answer as others than its owner see it."""
    return masked(one, value) if one.sensitive else text


def _of_rows(group: GroupDef, rows: Sequence[Mapping[str, Json]], context: Context) -> Iterator[Answer]:
    for number, row in enumerate(rows, 1):
        words = [(one, row.get(one.key)) for one in group.fields]
        text = "　".join(show(one, value, context) for one, value in words if value is not None)
        safe = "　".join(safe_text(one, v, show(one, v, context)) for one, v in words if v is not None)
        title = group.title if len(rows) == 1 else f"{group.title} {number}"
        yield Answer(f"{group.key}-{number}", title, text, safe)


def shown_texts(outcome: Outcome) -> dict[str, str]:
    """Every answer in words by key, for titles and documents: fields, places by part, whole rows, single columns,
    and the sentences the definition puts together; a sentence none of whose answers is given is empty.
    In the language of the office.
    """
    texts: dict[str, str] = {}
    with translation.override(settings.LANGUAGE_CODE):
        for _step, group in outcome.form.groups():
            texts |= _row_texts(group, outcome) if group.rows else _field_texts(group, outcome)
    made = {key: _sentence(template, texts) for key, template in outcome.form.texts.items()}
    return texts | made


def _field_texts(group: GroupDef, outcome: Outcome) -> dict[str, str]:
    texts = {}
    for one in group.fields:
        value = outcome.values.get(one.key)
        texts[one.key] = show(one, value, outcome.context)
        if one.kind == "division" and isinstance(value, dict) and isinstance(value["words"], list):
            names = ("county", "township", "village")
            prefix = "" if one.bare else f"{one.key}_"
            texts |= {prefix + name: str(word) for name, word in zip(names, value["words"], strict=True)}
    return texts


def _row_texts(group: GroupDef, outcome: Outcome) -> dict[str, str]:
    rows = as_rows(outcome.values.get(group.key))
    cells = [{one.key: show(one, row.get(one.key), outcome.context) for one in group.fields} for row in rows]
    columns = {one.key: "、".join(cell[one.key] for cell in cells if cell[one.key]) for one in group.fields}
    return columns | {group.key: "，".join(" ".join(text for text in cell.values() if text) for cell in cells)}


def _sentence(template: str, texts: Mapping[str, str]) -> str:
    """Parts divided by `|` stand only where one of their answers is given."""
    parts = [part for part in template.split("|") if _is_given(part, texts)]
    return PLACE.sub(lambda found: texts.get(found[1], ""), "".join(parts)).strip("，。；、 ")


def _is_given(part: str, texts: Mapping[str, str]) -> bool:
    names = PLACE.findall(part)
    return not names or any(texts.get(name) for name in names)
