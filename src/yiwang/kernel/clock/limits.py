"""What the law sets: a limit 时限 with unit, pauses, extension and basis, as data of a case type."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from yiwang.kernel.clock.refusals import LimitInvalid

MAX_AMOUNT = 3650
KEYS = frozenset(
    {"name", "title", "amount", "unit", "start_event", "pausable_by", "extension", "basis", "moves_to_working_day"}
)


class Unit(StrEnum):
    """How a limit is counted; the law that sets it says which (行政许可法 art. 82, 行政处罚法 art. 85)."""

    WORKING_DAY = "wd"
    DAY = "cd"
    HOUR = "hour"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a limit comes from 依据: law, article, and the sentence where it helps."""

    law: str
    article: str = ""
    text: str = ""

    def __str__(self) -> str:
        return f"{self.law}{self.article}"


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension 延长: by how much (in the unit of the limit), approved by the holder of which role."""

    amount: int
    approver: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit 时限 as a case type states it.

    `name` is the clock (`statutory`, `promised`, `acceptance` …), `pausable_by` the kinds of pause that stop it,
    `moves_to_working_day` whether a last day on a rest day moves on (民法典 art. 203; days and months only).
    """

    name: str
    amount: int
    unit: Unit
    start_event: str
    basis: Basis
    title: str = ""
    pausable_by: tuple[str, ...] = ()
    extension: Extension | None = None
    moves_to_working_day: bool = True

    def as_data(self) -> dict[str, object]:
        """Plain data that `limit_of` reads back; a clock keeps it as the terms it was started under."""
        return {**asdict(self), "unit": str(self.unit), "pausable_by": list(self.pausable_by)}


def limit_of(data: Mapping[str, object], *, kinds: frozenset[str] = frozenset()) -> Limit:
    """Read a limit from a definition; `kinds` are the kinds of pause known (none given: not checked).

    Raises LimitInvalid naming the key.
    """
    _known_keys(data, KEYS, "")
    return Limit(
        name=_text(data, "name", needed=True),
        title=_text(data, "title"),
        amount=_amount(data, "amount"),
        unit=_unit(data),
        start_event=_text(data, "start_event"),
        basis=_basis(data, "basis"),
        pausable_by=_kinds(data, kinds),
        extension=_extension(data),
        moves_to_working_day=_flag(data, "moves_to_working_day"),
    )


def check_promise(statutory: Limit, promised: Limit) -> None:
    """A promised limit is in the unit of the statutory one and no longer (优化营商环境条例 art. 36).

    Raises LimitInvalid.
    """
    if promised.unit != statutory.unit:
        raise LimitInvalid(_("承诺时限与法定时限的计算单位不同"), field=f"{promised.name}.unit")
    if promised.amount > statutory.amount:
        rule = _("优化营商环境条例第三十六条")
        raise LimitInvalid(_("承诺时限不得长于法定时限"), rule=rule, field=f"{promised.name}.amount")


def _known_keys(data: Mapping[str, object], allowed: frozenset[str], path: str) -> None:
    unknown = sorted(set(data) - allowed)
    if unknown:
        raise LimitInvalid(_("不认识的键 %(key)s") % {"key": unknown[0]}, field=path + unknown[0])


def _text(data: Mapping[str, object], key: str, *, needed: bool = False, path: str = "") -> str:
    value = data.get(key, "")
    if not isinstance(value, str) or (needed and not value.strip()):
        raise LimitInvalid(_("%(key)s 要写文字") % {"key": key}, field=path + key)
    return value.strip()


def _amount(data: Mapping[str, object], key: str, path: str = "") -> int:
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_AMOUNT:
        text = _("%(key)s 要写 1 到 %(most)d 的整数") % {"key": key, "most": MAX_AMOUNT}
        raise LimitInvalid(text, field=path + key)
    return value


def _unit(data: Mapping[str, object]) -> Unit:
    try:
        return Unit(str(data.get("unit", "")))
    except ValueError:
        raise LimitInvalid(_("unit 只能是 %(units)s") % {"units": "、".join(Unit)}, field="unit") from None


def _flag(data: Mapping[str, object], key: str) -> bool:
    value = data.get(key, True)
    if not isinstance(value, bool):
        raise LimitInvalid(_("%(key)s 只能是 true 或 false") % {"key": key}, field=key)
    return value


def _mapping(data: Mapping[str, object], key: str, path: str = "") -> Mapping[str, object]:
    value = data.get(key)
    if not isinstance(value, Mapping):
        raise LimitInvalid(_("%(key)s 缺少内容") % {"key": key}, field=path + key)
    return value


def _basis(data: Mapping[str, object], key: str, path: str = "") -> Basis:
    inner, path = _mapping(data, key, path), f"{path}{key}."
    _known_keys(inner, frozenset({"law", "article", "text"}), path)
    return Basis(
        _text(inner, "law", needed=True, path=path), _text(inner, "article", path=path), _text(inner, "text", path=path)
    )


def _kinds(data: Mapping[str, object], known: frozenset[str]) -> tuple[str, ...]:
    value = data.get("pausable_by", ())
    if not isinstance(value, list | tuple) or not all(isinstance(kind, str) for kind in value):
        raise LimitInvalid(_("pausable_by 要写停表情形的列表"), field="pausable_by")
    strange = [kind for kind in value if known and kind not in known]
    if strange:
        raise LimitInvalid(_("法律没有列明的停表情形 %(kind)s") % {"kind": strange[0]}, field="pausable_by")
    return tuple(value)


def _extension(data: Mapping[str, object]) -> Extension | None:
    if data.get("extension") is None:
        return None
    inner, path = _mapping(data, "extension"), "extension."
    _known_keys(inner, frozenset({"amount", "approver", "basis"}), path)
    approver = _text(inner, "approver", needed=True, path=path)
    return Extension(_amount(inner, "amount", path), approver, _basis(inner, "basis", path))
