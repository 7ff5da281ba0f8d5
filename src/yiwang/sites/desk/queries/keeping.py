"""What a keeper of quotas fills in: the kinds of quota with their split, and the units he keeps them for."""

from collections.abc import Mapping
from dataclasses import dataclass

from yiwang.kernel.base.moments import today
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Unit
from yiwang.kernel.registers.models import Scheme
from yiwang.kernel.registers.policies import KEEPER


@dataclass(frozen=True, slots=True)
class Split:
    """One dimension of a kind of quota, its values in words, and the one chosen."""

    key: str
    title: str
    values: tuple[str, ...]
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The form for a new quota."""

    schemes: tuple[Scheme, ...]
    scheme: Scheme | None
    splits: tuple[Split, ...]
    units: tuple[Unit, ...]
    years: tuple[int, ...]


def is_keeper(actor: Actor) -> bool:
    """Whether the actor keeps quotas at all."""
    return actor.has_role(KEEPER)


def sheet_for(actor: Actor, typed: Mapping[str, str]) -> Sheet:
    """The form for the kind of quota named in what was typed, the first kind where none is; one query."""
    schemes = tuple(Scheme.objects.order_by("name"))
    chosen = next((one for one in schemes if one.pk == typed.get("scheme")), schemes[0] if schemes else None)
    year = today().year
    return Sheet(schemes, chosen, _splits(chosen, typed), _units(actor), (year - 1, year, year + 1))


def _splits(scheme: Scheme | None, typed: Mapping[str, str]) -> tuple[Split, ...]:
    rows = scheme.dimensions if scheme is not None else []
    return tuple(
        Split(row["key"], row["title"], tuple(row["values"]), typed.get(f"split-{row['key']}", "")) for row in rows
    )


def _units(actor: Actor) -> tuple[Unit, ...]:
    """Bureaus and farms in the actor's keeping, as the tree has them."""
    roots = [held.unit_path for held in actor.posts if held.role == KEEPER]
    kinds = (Unit.Type.BUREAU, Unit.Type.FARM, Unit.Type.RESERVE)
    found = [one for one in directory().units.values() if one.is_active and one.kind in kinds]
    return tuple(sorted((one for one in found if one.path.startswith(tuple(roots))), key=lambda one: one.path))
