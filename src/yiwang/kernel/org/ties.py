"""What hangs on a unit, person or holding 牵挂, told by the packages that know; lower layers ask."""

from collections.abc import Callable
from dataclasses import dataclass

from yiwang.kernel.base.refusals import Text

Count = Callable[[int], int]
UNIT, PERSON, HOLDING = "unit", "person", "holding"


@dataclass(frozen=True)
class Tie:
    """A kind of thing that may hang on a unit or person: its name on screens and how many there are."""

    name: str
    label: Text
    count: Count


_ties: dict[tuple[str, str], Tie] = {}


def register(of: str, tie: Tie) -> None:
    """Let a package tell what hangs on a unit or a person. Raises ValueError when the name is taken by another."""
    if _ties.setdefault((of, tie.name), tie).count is not tie.count:
        raise ValueError(f"two ties {tie.name!r} of a {of}")


def ties_of(of: str, pk: int) -> dict[str, int]:
    """How many of each kind hang on it, by label; kinds of which there are none are left out."""
    counted = {str(tie.label): tie.count(pk) for (kind, _name), tie in sorted(_ties.items()) if kind == of}
    return {label: count for label, count in counted.items() if count}
