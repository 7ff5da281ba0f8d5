"""Kinds of fields answered by choosing: choice, choices, code, yes or no, confirmation, files."""

from django.utils.translation import gettext as _

from yiwang.kernel.forms.context import Attached, Context
from yiwang.kernel.forms.definition import FieldDef, Json, Option
from yiwang.kernel.forms.shapes import as_text, as_texts
from yiwang.kernel.forms.texts import is_clean, tidy, tidy_number
from yiwang.kernel.forms.words import Wrong

YES, NO = "true", "false"


def yes_no(one: FieldDef) -> tuple[Option, ...]:
    """The two options of a yes-or-no question."""
    return one.options or (Option(YES, _("是")), Option(NO, _("否")))


def options_of(one: FieldDef, context: Context) -> tuple[Option, ...]:
    """What may be chosen today."""
    if one.kind == "boolean":
        return yes_no(one)
    if one.codes:
        return context.codes[one.codes].options(context.today)
    return one.options


def clean_choice(one: FieldDef, raw: Json, context: Context) -> Json:
    """One of the options; anything else was forged or is out of date."""
    return _chosen(one, tidy(as_text(raw)), context)


def clean_choices(one: FieldDef, raw: Json, context: Context) -> Json:
    """Several of the options in their own order, within the allowed count."""
    chosen = {_chosen(one, tidy(text), context) for text in as_texts(raw) if tidy(text)}
    fewest, most = one.bounds.minimum, one.bounds.maximum
    if fewest is not None and len(chosen) < fewest:
        raise Wrong(_("{label}至少选 {n} 项").format(label=one.bare_label, n=int(fewest)))
    if most is not None and len(chosen) > most:
        raise Wrong(_("{label}最多选 {n} 项").format(label=one.bare_label, n=int(most)))
    return [option.value for option in options_of(one, context) if option.value in chosen]


def _chosen(one: FieldDef, value: str, context: Context) -> str:
    if any(option.value == value for option in options_of(one, context)):
        return value
    raise Wrong(_("{label}请在列出的里面选").format(label=one.bare_label))


def clean_code(one: FieldDef, raw: Json, context: Context) -> Json:
    """A code of the table; where others are allowed, words that are not in the table are kept as words."""
    table, typed = context.codes[one.codes], tidy(as_text(raw))
    value = table.values.get(typed, tidy_number(typed))
    if table.may_choose(value, context.today):
        return {"code": value, "text": table.labels[value]} if one.other else value
    if not one.other:
        raise Wrong(_("{label}请在列出的里面选").format(label=one.bare_label))
    return {"code": "", "text": _other(one, typed)}


def _other(one: FieldDef, typed: str) -> str:
    if typed.isdigit():
        raise Wrong(_("没有 {code} 这个代码，请写名称").format(code=typed[:20]))
    if not is_clean(typed) or len(typed) > 40:
        raise Wrong(_("{label}写名称，不超过 40 个字").format(label=one.bare_label))
    return typed


def clean_boolean(one: FieldDef, raw: Json, context: Context) -> Json:
    """Yes or no."""
    value = tidy(as_text(raw))
    if value in (YES, NO):
        return value == YES
    raise Wrong(_("{label}请选“是”或“否”").format(label=one.bare_label))


def clean_confirm(one: FieldDef, raw: Json, context: Context) -> Json:
    """A box that must be ticked; only yes is an answer."""
    if tidy(as_text(raw)) in (YES, "on"):
        return True
    raise Wrong(_("请确认：{label}").format(label=one.bare_label))


def clean_files(one: FieldDef, raw: Json, context: Context) -> Json:
    """Ids of the files that lie in this slot, checked for number, kind and size; what was typed does not count."""
    found, slot = context.in_slot(one.key), one.slot
    if slot is None or not found:
        raise Wrong(_("请上传{label}").format(label=one.bare_label))
    if len(found) < slot.fewest:
        raise Wrong(_("{label}至少要 {n} 份").format(label=one.bare_label, n=slot.fewest))
    if len(found) > slot.most:
        raise Wrong(_("{label}最多 {n} 份，请删去几份").format(label=one.bare_label, n=slot.most))
    for file in found:
        _fits(one, file)
    return [file.id for file in found]


def _fits(one: FieldDef, file: Attached) -> None:
    slot = one.slot
    if slot and slot.formats and _ending(file) not in slot.formats:
        message = _("“{name}”的格式不对，{label}只收 {formats}")
        formats = "、".join(slot.formats).upper()
        raise Wrong(message.format(name=file.name, label=one.bare_label, formats=formats))
    if slot and slot.largest and file.size > slot.largest:
        has, most = size(file.size), size(slot.largest)
        raise Wrong(_("“{name}”有 {has}，超过 {most}").format(name=file.name, has=has, most=most))
    if file.size == 0:
        raise Wrong(_("“{name}”是空文件，请重新选").format(name=file.name))


def _ending(file: Attached) -> str:
    ending = file.name.rpartition(".")[2].lower()
    return {"jpeg": "jpg", "tiff": "tif"}.get(ending, ending)


def size(count: int) -> str:
    """1258291 → 1.2 MB, 20971520 → 20 MB."""
    if count < 1024 * 1024:
        return f"{max(1, round(count / 1024))} KB"
    return f"{round(count / 1024 / 1024, 1):g} MB"


def show_options(one: FieldDef, value: Json, context: Context) -> str:
    """The words of what was chosen, also where the option has since been withdrawn."""
    words = dict(context.codes[one.codes].labels) if one.codes else {}
    words |= {option.value: option.label for option in options_of(one, context)}
    return "、".join(words.get(text, text) for text in as_texts(value))


def show_boolean(one: FieldDef, value: Json) -> str:
    """是 or 否, or the words of the definition."""
    wanted = YES if value is True else NO
    return next(option.label for option in yes_no(one) if option.value == wanted)


def show_code(one: FieldDef, value: Json, context: Context) -> str:
    """The words of a code."""
    if isinstance(value, dict):
        return str(value.get("text", ""))
    return context.codes[one.codes].labels.get(str(value), str(value))
