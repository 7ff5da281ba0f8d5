"""Kinds of cases as people know them: a one-character mark and a name."""

from collections.abc import Iterable
from dataclasses import dataclass

from yiwang.kernel.cases.models import CaseType
from yiwang.kernel.cases.types import offer_of


@dataclass(frozen=True, slots=True)
class Mark:
    """许, 文, 信 …: all in one colour, the character tells; `name` is the full name."""

    sign: str
    name: str


UNKNOWN = Mark("件", "")


def marks(kinds: Iterable[int]) -> dict[int, Mark]:
    """The marks of ledger kinds by number; one query, none for nothing."""
    wanted = set(kinds)
    if not wanted:
        return {}
    rows = CaseType.objects.filter(kind__in=wanted).values_list("kind", "mark", "name")
    return {kind: Mark(mark or name[:1], name) for kind, mark, name in rows}


def mark_of(version: int) -> Mark:
    """The mark of one version of a type."""
    spec = offer_of(version).spec
    return Mark(spec.mark or spec.name[:1], spec.name)
