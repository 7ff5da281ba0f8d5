"""One field, or one slot for materials, from its section of the definition."""

import re
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from yiwang.kernel.base.expressions import Expression, ExpressionRefused, compile_expression
from yiwang.kernel.forms.definition import KINDS, Bounds, DayBound, FieldDef, Look, Option, Slot, names_of
from yiwang.kernel.forms.texts import LONGEST
from yiwang.kernel.forms.words import ID_KINDS
from yiwang.kernel.forms.yaml_marks import KEY, Section

MOST_OPTIONS = 200
FORMATS = ("pdf", "jpg", "png", "ofd", "docx", "xlsx", "zip", "tif", "bmp", "heic")
LARGEST_FILE = 200 * 1024 * 1024
DAY_BOUND = re.compile(r"today([+-][0-9]{1,5})?\Z")
SIZE = re.compile(r"([0-9]{1,4}) ?(KB|MB)\Z")


@dataclass
class Scope:
    """Names declared so far: a condition may only look back, so that conditions can never go in a circle."""

    file: str
    names: set[str] = field(default_factory=lambda: {"today"})
    keys: set[str] = field(default_factory=set)
    seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def unique(self, sort: str, key: str, section: Section) -> None:
        """Refuse a key that was used before."""
        if (sort, key) in self.seen or (sort == "field" and key in self.keys):
            raise section.error("key", _("“{key}”用过了").format(key=key), _("换一个没有用过的名字"))
        self.seen[sort, key] = section.line
        if sort == "field":
            self.keys.add(key)

    def declare(self, name: str, section: Section) -> None:
        """Make a name known to the expressions that follow."""
        if not KEY.match(name):
            raise section.error("key", _("“{name}”不是名字").format(name=name), _("用小写字母、数字和下划线"))
        self.names.add(name)

    def condition(self, section: Section, key: str) -> Expression | None:
        """The compiled condition under `key`, None when there is none."""
        text = section.text(key, "")
        if not text:
            return None
        try:
            return compile_expression(text, frozenset(self.names))
        except ExpressionRefused as refusal:
            raise section.error(key, str(refusal.message), str(refusal.remedy)) from refusal


def load_field(section: Section, scope: Scope) -> FieldDef:
    """One question. Raises DefinitionRefused."""
    kind = section.choice("type", KINDS)
    key = section.name("key")
    scope.unique("field", key, section)
    one = FieldDef(
        key=key,
        kind=kind,
        label=section.text("label", most=200 if kind == "confirm" else 60),
        line=section.line,
        hint=section.text("hint", ""),
        example=section.text("example", ""),
        help=section.text("help", ""),
        unit=section.text("unit", "", most=12),
        law=section.text("law", ""),
        optional=section.flag("optional"),
        when=scope.condition(section, "when"),
        required_when=scope.condition(section, "required_when"),
        bounds=_bounds(section, kind),
        options=_options(section, kind),
        codes=section.text("codes", ""),
        other=section.flag("other"),
        look=_look(section),
        bare=section.flag("bare") if kind == "division" else False,
        value=scope.condition(section, "value") if kind == "computed" else None,
        village=section.choice("village", ("optional", "required"), "") if kind == "division" else "",
        id_kinds=_id_kinds(section, kind),
        accuracy=section.flag("accuracy") if kind == "point" else False,
        slot=_slot(section, scope) if kind == "files" else None,
        prefill=section.text("prefill", ""),
        readonly=section.flag("readonly"),
        listed=section.text("listed", "", most=60),
        sensitive=section.flag("sensitive"),
        mask=section.choice("mask", ("name", "number"), ""),
        pair=section.text("pair", "", most=20),
        width=section.choice("width", ("s", "m", "l"), ""),
        also=section.choice("also", ("mu",), ""),
    )
    section.done()
    return _sensible(one, section, scope)


def load_slot_field(section: Section, scope: Scope) -> FieldDef:
    """One material of `materials.yaml` as a field of kind files. Raises DefinitionRefused."""
    key = section.name("key")
    scope.unique("field", key, section)
    one = FieldDef(
        key=key,
        kind="files",
        label=section.text("name", most=60),
        line=section.line,
        hint=section.text("hint", ""),
        law=section.text("law", ""),
        optional=section.flag("optional"),
        when=scope.condition(section, "when"),
        required_when=scope.condition(section, "required_when"),
        sensitive=section.flag("sensitive"),
        slot=_slot(section, scope),
    )
    section.done()
    return _sensible(one, section, scope)


def _sensible(one: FieldDef, section: Section, scope: Scope) -> FieldDef:
    if one.kind in ("choice", "choices") and not one.options and not one.codes:
        raise section.error("options", _("没有选项"), _("写 options，或者用 codes 指明代码表"))
    if one.kind == "computed" and one.value is None:
        raise section.error("value", _("没有算式"), _("写 value: 算式，例如 value: a + b"))
    if one.kind == "code" and not one.codes:
        raise section.error("codes", _("没有指明代码表"), _("写 codes: 包/表，例如 codes: pack/origin"))
    if one.listed and (one.sensitive or one.kind in ("files", "point", "longtext", "person_id")):
        raise section.error("listed", _("这样的字段不能进清单"), _("清单不加密：去掉 listed，或者去掉 sensitive"))
    if one.optional and one.required_when:
        raise section.error("required_when", _("optional 和 required_when 写了两样"), _("只留 required_when"))
    if one.readonly and not one.prefill:
        raise section.error("readonly", _("只读的字段没有来源"), _("写 prefill: 来源"))
    for name in names_of(one):
        scope.declare(name, section)
    return one


def _bounds(section: Section, kind: str) -> Bounds:
    default = 2_000 if kind == "longtext" else 200
    longest = section.integer("max_length", default)
    if not 0 < longest <= LONGEST:
        raise section.error("max_length", _("长度不对"), _("1 到 {most}").format(most=LONGEST))
    bounds = Bounds(
        minimum=section.decimal("min"),
        maximum=section.decimal("max"),
        places=section.integer("places", 0),
        shortest=section.integer("min_length", 0),
        longest=longest,
        earliest=_day_bound(section, "earliest"),
        latest=_day_bound(section, "latest"),
    )
    if not 0 <= bounds.places <= 6 or (kind in ("decimal", "computed") and not section.has("places")):
        raise section.error("places", _("小数位数不对"), _("小数要写 places，0 到 6"))
    if bounds.minimum is not None and bounds.maximum is not None and bounds.minimum > bounds.maximum:
        raise section.error("min", _("下限比上限大"), _("对调 min 和 max"))
    return bounds


def _day_bound(section: Section, key: str) -> DayBound | None:
    text = section.text(key, "")
    if not text:
        return None
    found = DAY_BOUND.match(text)
    if found:
        return DayBound(None, int(found[1] or 0))
    try:
        return DayBound(date.fromisoformat(text))
    except ValueError:
        raise section.error(key, _("不是日期"), _("写成 2026-11-21，或者 today、today+365")) from None


def _options(section: Section, kind: str) -> tuple[Option, ...]:
    found: dict[str, Option] = {}
    for one in section.sections("options", most=MOST_OPTIONS):
        option = Option(
            one.text("value", most=60), one.text("label", most=60), one.text("hint", ""), one.text("group", "")
        )
        one.done()
        if option.value in found:
            raise one.error("value", _("“{value}”写了两次").format(value=option.value), _("每个选项的 value 不同"))
        found[option.value] = option
    if kind == "boolean" and found and set(found) != {"true", "false"}:
        raise section.error("options", _("是非题的选项不对"), _("两个选项，value 写 true 和 false"))
    return tuple(found.values())


def _look(section: Section) -> Look:
    look = section.choice("look", ("radio", "select", "suggest"), "")
    return "radio" if look == "radio" else "select" if look == "select" else "suggest" if look == "suggest" else ""


def _id_kinds(section: Section, kind: str) -> tuple[str, ...]:
    found = section.texts("id_kinds") if kind == "person_id" else ()
    for one in found:
        if one not in ID_KINDS:
            raise section.error("id_kinds", _("没有“{kind}”这种证件").format(kind=one), "、".join(ID_KINDS))
    return found


def _slot(section: Section, scope: Scope) -> Slot:
    formats = section.texts("formats") or ("pdf", "jpg", "png")
    for one in formats:
        if one not in FORMATS:
            raise section.error("formats", _("不收“{format}”").format(format=one), _("可以写：") + "、".join(FORMATS))
    slot = Slot(
        why=section.text("why", ""),
        sample=section.text("sample", ""),
        formats=formats,
        largest=_size(section),
        fewest=section.integer("min_files", 0),
        most=section.integer("max_files", 10),
        camera=section.flag("camera"),
        exempt=section.text("exempt", ""),
        exempt_when=scope.condition(section, "exempt_when"),
        source=section.text("source", ""),
    )
    if not 0 <= slot.fewest <= slot.most <= 100:
        raise section.error("max_files", _("份数不对"), _("min_files 不大于 max_files，至多 100"))
    return slot


def _size(section: Section) -> int:
    text = section.text("max_size", "20 MB")
    found = SIZE.match(text)
    count = int(found[1]) * (1024 * 1024 if found[2] == "MB" else 1024) if found else 0
    if not 0 < count <= LARGEST_FILE:
        raise section.error("max_size", _("大小不对"), _("写成 20 MB，至多 200 MB"))
    return count
