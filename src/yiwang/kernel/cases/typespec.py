"""What a case type says of itself, read from its definition files; plain values, no tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from yiwang.kernel.base.expressions import ExpressionRefused, compile_expression
from yiwang.kernel.clock.law import pause_kinds
from yiwang.kernel.clock.limits import Basis as LimitBasis
from yiwang.kernel.clock.limits import Extension, Limit, Unit, check_promise
from yiwang.kernel.clock.refusals import LimitInvalid
from yiwang.kernel.forms.yaml_marks import Section, read_definition

STARTS = {"acceptance": "received", "statutory": "accepted", "promised": "accepted", "delivery": "decided"}
UNITS = ("wd", "cd", "hour", "month")
MOST_LEVELS = 5


@dataclass(frozen=True)
class LevelRule:
    """When another level decides 审批权限: a condition on the answers and the rule that sets it."""

    level: int
    when: str
    law: str


@dataclass(frozen=True)
class Authority:
    """Which unit is asked: a kind of unit at a level, found by a field of the form; the first of `levels` that holds
    names another level. `is_own` is for matters inside the house: the bureau of whoever opens the case.
    """

    kind: str
    level: int
    division_field: str
    station_field: str = ""
    levels: tuple[LevelRule, ...] = ()
    is_own: bool = False


@dataclass(frozen=True)
class Concern:
    """The kind of entry that a case is about 延续、变更、注销: its register, the field with its number, and between how
    many days before its last day it may be asked for (0: any time).
    """

    register: str
    field: str
    earliest: int
    latest: int
    basis: LimitBasis


@dataclass(frozen=True)
class QuestionAnswer:
    """A question applicants often ask."""

    question: str
    answer: str


@dataclass(frozen=True)
class Basis:
    """A law and its articles."""

    law: str
    articles: str


@dataclass(frozen=True)
class Result:
    """A way in which a case of this type ends."""

    key: str
    name: str
    is_grant: bool


@dataclass(frozen=True)
class TypeSpec:
    """A case type 事项 as its guide page, its clock and its process need it."""

    key: str
    name: str
    mark: str
    summary: str
    kind: str
    level: int
    audience: tuple[str, ...]
    codes: Mapping[str, str]
    valid_from: date
    valid_to: date | None
    authority: Authority
    concern: Concern | None
    title: str
    number: str
    apply_level: int
    receive_level: int
    quota: str
    summary_fields: tuple[str, ...]
    basis: tuple[Basis, ...]
    needed: tuple[str, ...]
    not_needed: tuple[str, ...]
    who: str
    bars: tuple[str, ...]
    bars_law: str
    fee_charged: bool
    fee_note: str
    trips: int
    limits: Mapping[str, Limit]
    remedies: Mapping[str, str]
    faq: tuple[QuestionAnswer, ...]
    results: Mapping[str, Result]


def parse_type(text: str, file: str = "type.yaml", names: frozenset[str] | None = None) -> TypeSpec:
    """Read a type definition; `names` are the answers its conditions may use (None: not checked).

    Raises DefinitionRefused naming file, line, key and remedy.
    """
    top = read_definition(text, file)
    spec = _spec(top)
    top.done()
    if names is not None:
        _check_names(top, spec, names)
    return spec


def _check_names(top: Section, spec: TypeSpec, names: frozenset[str]) -> None:
    for rule in spec.authority.levels:
        try:
            compile_expression(rule.when, names)
        except ExpressionRefused as refused:
            raise top.error("authority", str(refused.message), str(refused.remedy)) from refused
    if spec.concern is not None and spec.concern.field not in names:
        raise top.error("concerns", f"申请表里没有 {spec.concern.field}", "field 写申请表里填证号的那一格")


def _spec(top: Section) -> TypeSpec:
    fee, identity = _required(top, "fee"), _required(top, "identity")
    spec = TypeSpec(
        key=top.text("key"),
        name=top.text("name"),
        mark=top.text("mark", most=1),
        summary=top.text("summary"),
        kind=top.text("kind"),
        level=top.integer("level"),
        audience=top.texts("audience"),
        codes=_texts(top, "codes", ("basic", "implementing")),
        valid_from=top.day("valid_from") or _missing(top, "valid_from"),
        valid_to=top.day("valid_to"),
        authority=_authority(top),
        concern=_concern(top),
        title=top.text("title"),
        number=top.text("number"),
        apply_level=identity.integer("apply"),
        receive_level=identity.integer("receive"),
        quota=top.text("quota", ""),
        summary_fields=top.texts("summary_fields"),
        basis=_basis(top),
        needed=top.texts("needed"),
        not_needed=top.texts("not_needed"),
        who=top.text("who", ""),
        bars=top.texts("bars"),
        bars_law=top.text("bars_law", ""),
        fee_charged=fee.flag("charged"),
        fee_note=fee.text("note", ""),
        trips=top.integer("trips", 0),
        limits=_limits(top),
        remedies=_texts(top, "remedies", ("reconsideration", "suit", "laws")),
        faq=_faq(top),
        results=_results(top),
    )
    fee.done()
    identity.done()
    return spec


def _missing(top: Section, key: str) -> date:
    raise top.error(key, "没有写", f"补上 {key}: 2026-11-21 这样的日期")


def _required(top: Section, key: str) -> Section:
    found = top.section(key)
    if found is None:
        raise top.error(key, "没有写", f"补上 {key}:")
    return found


def _texts(top: Section, key: str, names: tuple[str, ...]) -> dict[str, str]:
    section = top.section(key)
    if section is None:
        return {}
    found = {name: section.text(name, "") for name in names}
    section.done()
    return found


def _authority(top: Section) -> Authority:
    section = _required(top, "authority")
    is_own = section.flag("own")
    found = Authority(
        kind=section.text("kind", "" if is_own else None),
        level=section.integer("level", 0 if is_own else None),
        division_field=section.name("division_field", "" if is_own or top.has("concerns") else None),
        station_field=section.name("station_field", ""),
        levels=tuple(_level(inner) for inner in section.sections("levels", most=MOST_LEVELS)),
        is_own=is_own,
    )
    section.done()
    return found


def _level(section: Section) -> LevelRule:
    found = LevelRule(section.integer("level"), section.text("when"), section.text("law"))
    section.done()
    return found


def _concern(top: Section) -> Concern | None:
    section = top.section("concerns")
    if section is None:
        return None
    found = Concern(
        register=section.name("register"),
        field=section.name("field"),
        earliest=section.integer("earliest", 0),
        latest=section.integer("latest", 0),
        basis=LimitBasis(section.text("law"), section.text("article"), section.text("note", "")),
    )
    if found.earliest and found.earliest < found.latest:
        raise section.error("earliest", "比 latest 还小", "earliest 是到期前最多多少天，latest 是到期前最少多少天")
    section.done()
    return found


def _basis(top: Section) -> tuple[Basis, ...]:
    found = []
    for section in top.sections("basis", most=30, required=True):
        found.append(Basis(section.text("law"), section.text("articles")))
        section.done()
    return tuple(found)


def _faq(top: Section) -> tuple[QuestionAnswer, ...]:
    found = []
    for section in top.sections("faq", most=50):
        found.append(QuestionAnswer(section.text("q"), section.text("a")))
        section.done()
    return tuple(found)


def _limits(top: Section) -> dict[str, Limit]:
    section = _required(top, "limits")
    found = {}
    for name in list(section.keys()):
        if name not in STARTS:
            raise section.error(name, "不认识这个期限", "只能写：" + "、".join(STARTS))
        inner = section.section(name)
        if inner is not None:
            found[name] = _limit(name, inner)
    section.done()
    _promise_within_law(section, found)
    return found


def _promise_within_law(section: Section, limits: Mapping[str, Limit]) -> None:
    promised, statutory = limits.get("promised"), limits.get("statutory")
    if promised and statutory:
        try:
            check_promise(statutory, promised)
        except LimitInvalid as error:
            raise section.error("promised", str(error.message), str(error.rule)) from error


def _limit(name: str, section: Section) -> Limit:
    found = Limit(
        name=name,
        amount=section.integer("amount"),
        unit=Unit(section.choice("unit", UNITS)),
        start_event=STARTS[name],
        basis=LimitBasis(section.text("law"), section.text("article"), section.text("note", "")),
        pausable_by=_pauses(section),
        extension=_extension(section),
    )
    section.done()
    return found


def _pauses(section: Section) -> tuple[str, ...]:
    kinds = section.texts("pausable")
    known = pause_kinds()
    if unknown := set(kinds) - set(known):
        wrong = f"{'、'.join(sorted(unknown))} 不能停表"
        named = "、".join(f"{key}（{kind.basis}）" for key, kind in known.items())
        raise section.error("pausable", wrong, f"法律只列了：{named}")
    return kinds


def _extension(section: Section) -> Extension | None:
    inner = section.section("extend")
    if inner is None:
        return None
    basis = LimitBasis(section.text("law"), inner.text("article", ""))
    found = Extension(inner.integer("amount"), inner.text("role"), basis)
    inner.done()
    return found


def _results(top: Section) -> dict[str, Result]:
    section = _required(top, "results")
    found = {}
    for key in list(section.keys()):
        inner = section.section(key)
        if inner is not None:
            found[key] = Result(key, inner.text("name"), inner.flag("milestone"))
            inner.done()
    section.done()
    return found
