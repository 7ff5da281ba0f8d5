"""Where the words of subjects come from: each noun says how its subjects are found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from yiwang.kernel.ledger.kinds import kind_key
from yiwang.kernel.ledger.models import Subject


@dataclass(frozen=True, slots=True)
class Document:
    """What a subject is found by: number, title, the moment it is dated by, further texts.

    Nothing that is kept sealed belongs here: index and texts are plain.
    """

    title: str
    at: datetime
    number: str = ""
    texts: Sequence[str] = field(default=())


Read = Callable[[Sequence[int]], Mapping[int, Document]]
_sources: dict[str, Read] = {}


def register(noun: str, read: Read) -> None:
    """Let `read` answer for subjects of kinds `noun:…`; ids it leaves out cannot be found.

    Raises ValueError when the noun has another source.
    """
    if _sources.setdefault(noun, read) is not read:
        raise ValueError(f"two sources of words for {noun!r}")


def noun_of(subject: Subject) -> str:
    """The noun of a subject's kind."""
    return kind_key(subject.kind_id).partition(":")[0]


def documents_of(subjects: Sequence[Subject]) -> dict[int, Document]:
    """What the subjects are found by as things stand, by id; each noun is asked once."""
    by_noun: dict[str, list[int]] = {}
    for subject in subjects:
        by_noun.setdefault(noun_of(subject), []).append(subject.pk)
    found: dict[int, Document] = {}
    for noun, ids in by_noun.items():
        if noun in _sources:
            found |= _sources[noun](ids)
    return found
