"""Which unit is asked 审批机关: of the kind and level the type names, in charge of the place, able to do every step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from yiwang.kernel.base.expressions import compile_expression
from yiwang.kernel.cases.refusals import NoAuthority
from yiwang.kernel.cases.types import Offer
from yiwang.kernel.cases.typespec import Authority
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import Directory, directory
from yiwang.kernel.org.models import Unit

ELSEWHERE = ("station", "applicant")
"""Rules of a step's unit that do not mean the authority itself."""


def authority_for(offer: Offer, seen: Mapping[str, object], actor: Actor) -> Unit:
    """The unit that handles what these answers ask for. Raises NoAuthority."""
    rule = offer.spec.authority
    place = place_of(rule, seen)
    unit = own_bureau(actor) if rule.is_own else unit_in_charge(offer, level_for(rule, seen), place)
    if unit is None:
        raise NoAuthority(field=rule.division_field, facts={"division": place})
    return unit


def place_of(rule: Authority, seen: Mapping[str, object]) -> str:
    """Code of the smallest division named in the answers."""
    codes = (str(seen.get(field) or "") for field in (rule.station_field, rule.division_field) if field)
    return next((code for code in codes if code), "")


def level_for(rule: Authority, seen: Mapping[str, object]) -> int:
    """The level that decides: that of the first rule whose condition holds, else the type's own."""
    return next(
        (one.level for one in rule.levels if compile_expression(one.when, frozenset(seen)).holds(seen)), rule.level
    )


def unit_in_charge(offer: Offer, level: int, place: str) -> Unit | None:
    """The unit of this level whose division holds the place and that can do every step of the type."""
    found = directory().units_at(offer.spec.authority.kind, level, place) if place else []
    return next((unit for unit in found if is_able(offer, unit)), None)


def own_bureau(actor: Actor) -> Unit | None:
    """The organ in which somebody acts: the unit of his post, or the one of which that is a section or window."""
    known = directory()
    unit = next((known.units.get(held.unit) for held in actor.posts if held.post == actor.post), None)
    inside = (Unit.Type.SECTION, Unit.Type.WINDOW)
    return next((one for one in (unit, *known.above(unit)) if one.kind not in inside), None) if unit else None


def is_able(offer: Offer, unit: Unit) -> bool:
    """Whether the unit, a part of it or a unit above it has every post that the steps of the type ask for."""
    return unit.pk in _able(offer)


def is_handled_here(offer: Offer) -> bool:
    """Whether some unit of this node can be asked."""
    return offer.spec.authority.is_own or bool(_able(offer))


def _able(offer: Offer) -> frozenset[int]:
    """Units that can do every step; worked out once for a directory and a version."""
    known = directory()
    if _memory.known is not known:
        _memory.known, _memory.able = known, {}
    held, found = _memory.able.get(offer.version, (None, frozenset()))
    if held is not offer:
        found = frozenset(
            unit.pk for unit in _asked(known, offer) if all(known.post_of(unit, r) for r in _roles(offer))
        )
        _memory.able[offer.version] = (offer, found)
    return found


def _asked(known: Directory, offer: Offer) -> Iterator[Unit]:
    kind = offer.spec.authority.kind
    return (unit for unit in known.units.values() if unit.kind == kind and unit.is_active)


def _roles(offer: Offer) -> set[str]:
    tasks = (node.task for node in offer.graph.nodes.values() if node.task is not None)
    return {task.role for task in tasks if task.role and task.unit not in ELSEWHERE}


@dataclass
class _Memory:
    known: Directory | None = None
    able: dict[int, tuple[Offer | None, frozenset[int]]] = field(default_factory=dict)


_memory = _Memory()
