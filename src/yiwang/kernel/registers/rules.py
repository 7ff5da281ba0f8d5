"""What decides about entries and quotas; plain values only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from yiwang.kernel.registers.refusals import CategoryInvalid, NoQuota, QuotaAmbiguous

ISSUED = "issued"


class Status(StrEnum):
    """What an entry is worth on a day."""

    VALID = "valid"
    UPCOMING = "upcoming"
    EXPIRED = "expired"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A quota that might cover a case: how deep its unit lies in the tree, and which split it is for."""

    quota: int
    depth: int
    category: Mapping[str, str]


def status_on(state: str, valid_from: date, valid_to: date | None, day: date) -> Status:
    """Status of an entry on a day; both ends of its period are in it."""
    if state != ISSUED:
        return Status(state)
    if day < valid_from:
        return Status.UPCOMING
    return Status.EXPIRED if valid_to is not None and day > valid_to else Status.VALID


def choose_quota(candidates: Sequence[Candidate], values: Mapping[str, str]) -> int:
    """The quota to book from: of the nearest unit that has one for these values, the most closely split.

    Raises NoQuota, QuotaAmbiguous.
    """
    fitting = [c for c in candidates if all(values.get(key) == value for key, value in c.category.items())]
    if not fitting:
        raise NoQuota(facts={"values": dict(values)})
    best = max((c.depth, len(c.category)) for c in fitting)
    chosen = [c.quota for c in fitting if (c.depth, len(c.category)) == best]
    if len(chosen) > 1:
        raise QuotaAmbiguous(facts={"quotas": sorted(chosen)})
    return chosen[0]


def category_key(category: Mapping[str, str]) -> str:
    """One spelling of a split: `origin=planted;type=main`."""
    return ";".join(f"{key}={category[key]}" for key in sorted(category))


def check_category(dimensions: Sequence[Mapping[str, object]], category: Mapping[str, str]) -> None:
    """Every key is a dimension of the scheme and every value one of its values. Raises CategoryInvalid."""
    known = {str(row["key"]): row.get("values", ()) for row in dimensions}
    for key, value in category.items():
        values = known.get(key)
        if not isinstance(values, list | tuple) or value not in values:
            raise CategoryInvalid(field="category", facts={"key": key, "value": value})
