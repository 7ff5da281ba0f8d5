"""Form definitions from YAML, read strictly; see `docs` of the keys in README."""

import json
import re
from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _

from yiwang.kernel.base.expressions import Expression
from yiwang.kernel.crypto.digests import sha256_hex
from yiwang.kernel.forms.definition import (
    CheckDef,
    FieldDef,
    FormDef,
    GroupDef,
    Parameter,
    Rows,
    StepDef,
    names_of,
)
from yiwang.kernel.forms.field_loader import Scope, load_field, load_slot_field
from yiwang.kernel.forms.yaml_marks import Section, read_definition, refuse

MOST_STEPS, MOST_GROUPS, MOST_FIELDS, MOST_ROWS = 20, 20, 60, 200
PLACE = re.compile(r"\{([^{}]*)\}")
MOST_CHECKS, MOST_SLOTS, MOST_PROMISES = 100, 40, 12


def load_form(text: str, file: str, *, materials: str = "", materials_file: str = "") -> FormDef:
    """A form from its definition and, where a step says `materials: true`, the definition of its materials.

    Raises DefinitionRefused with file, line, key and remedy for anything unknown, doubled, missing or too large.
    """
    top = read_definition(text, file)
    scope = Scope(file)
    parameters = _parameters(top, scope)
    slots = read_definition(materials, materials_file or file) if materials else None
    steps = tuple(_steps(top, scope, slots))
    form = FormDef(
        key=top.text("key"),
        title=top.text("title"),
        digest=_digest(text, materials),
        steps=steps,
        checks=tuple(_check(one, scope) for one in top.sections("checks", most=MOST_CHECKS)),
        parameters=parameters,
        texts=_texts(top),
        promises=top.texts("promises")[:MOST_PROMISES],
        submit=top.text("submit", ""),
        codes=tuple(sorted({one.codes for step in steps for one in step.fields() if one.codes})),
    )
    top.done()
    return form


def _digest(*texts: str) -> str:
    """Comments, blank lines and blanks at line ends do not make a new version."""
    lines = [[line.rstrip() for line in text.splitlines() if not re.match(r"\s*(#|$)", line)] for text in texts]
    return sha256_hex(json.dumps(lines, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _texts(top: Section) -> dict[str, str]:
    section = top.section("texts")
    return {key: section.text(key, most=300) for key in section} if section else {}


def _parameters(top: Section, scope: Scope) -> dict[str, Parameter]:
    section = top.section("parameters")
    found = {}
    for key in section or ():
        one = section.section(key) if section else None
        if one is None:
            continue
        value = _parameter_value(one.text("value"))
        found[key] = Parameter(key, value, one.text("title", ""), one.text("source", ""), one.text("note", ""))
        one.done()
        scope.declare(key, one)
    return found


def _parameter_value(text: str) -> str | Decimal | bool:
    if text in ("true", "false"):
        return text == "true"
    return Decimal(text) if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", text) else text


def _steps(top: Section, scope: Scope, slots: Section | None) -> Iterable[StepDef]:
    for section in top.sections("steps", most=MOST_STEPS, required=True):
        key = section.name("key")
        scope.unique("step", key, section)
        groups = [_group(one, scope, key) for one in section.sections("groups", most=MOST_GROUPS)]
        if section.flag("materials"):
            groups.append(_materials(section, scope, slots))
        if not groups:
            raise section.error("groups", _("这一步没有内容"), _("写上 groups，或者 materials: true"))
        title = section.text("title", most=40)
        short, hint = section.text("short", title, most=20), section.text("hint", "")
        section.done()
        yield StepDef(key, title, tuple(groups), short, hint)


def _materials(section: Section, scope: Scope, slots: Section | None) -> GroupDef:
    if slots is None:
        raise section.error("materials", _("没有材料的定义"), _("在同一文件夹写 materials.yaml"))
    inner = Scope(slots.file, scope.names, scope.keys)
    fields = tuple(load_slot_field(one, inner) for one in slots.sections("materials", most=MOST_SLOTS, required=True))
    title, hint = slots.text("title", ""), slots.text("hint", "")
    slots.text("key", "")
    slots.done()
    return GroupDef("materials", title, fields, hint, line=section.line)


def _group(section: Section, scope: Scope, step: str) -> GroupDef:
    key = section.name("key", f"{step}_{section.line}")
    when = scope.condition(section, "when")
    rows = _rows(section, scope, key)
    inner = Scope(scope.file, set(scope.names), scope.keys) if rows else scope
    fields = tuple(load_field(one, inner) for one in section.sections("fields", most=MOST_FIELDS, required=True))
    _columns_seen(section, scope, key, rows, fields)
    title, hint, prefill = section.text("title", "", most=60), section.text("hint", ""), section.text("prefill", "")
    section.done()
    return GroupDef(key, title, fields, hint, when, rows, prefill, section.line)


def _rows(section: Section, scope: Scope, key: str) -> Rows | None:
    rows = section.section("rows")
    if rows is None:
        return None
    scope.unique("field", key, section)
    fewest, most = rows.integer("min", 0), rows.integer("max", 20)
    if not 0 <= fewest <= most <= MOST_ROWS:
        raise rows.error("max", _("行数不对"), _("min 不大于 max，max 不大于 {most}").format(most=MOST_ROWS))
    found = Rows(fewest, most, rows.text("noun", "一行"), rows.flag("fixed"), rows.texts("unique"))
    rows.done()
    return found


def _columns_seen(section: Section, scope: Scope, key: str, rows: Rows | None, fields: tuple[FieldDef, ...]) -> None:
    if rows is None:
        return
    scope.declare(key, section)
    for one in fields:
        if one.kind in ("files", "division", "person_id", "point") or one.listed:
            raise refuse(scope.file, one.line, one.key, _("重复的行里不能用"), _("移到行外，或者换一种类型"))
        for name in names_of(one):
            scope.declare(name, section)
    missing = set(rows.unique) - {one.key for one in fields}
    if missing:
        raise section.error(
            "rows", _("unique 里的列不存在：{names}").format(names="、".join(missing)), _("写这一组的字段名")
        )


def _check(section: Section, scope: Scope) -> CheckDef:
    fails_when = _needed(section, scope.condition(section, "fails_when"))
    field = section.name("field")
    if field not in scope.keys:
        raise section.error("field", _("没有这个字段"), _("写这张表里的一个字段名"))
    message = section.text("message")
    unknown = set(PLACE.findall(message)) - scope.keys
    if unknown:
        raise section.error(
            "message", _("没有这些字段：{names}").format(names="、".join(unknown)), _("花括号里写字段名")
        )
    check = CheckDef(section.name("key"), fails_when, field, message, section.text("law", ""))
    scope.unique("check", check.key, section)
    section.done()
    return check


def _needed(section: Section, expression: Expression | None) -> Expression:
    if expression is None:
        raise section.error("fails_when", _("没有写"), _("写出错的条件，例如 area > parcel_area"))
    return expression
