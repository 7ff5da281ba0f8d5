"""Pieces of a text around what was looked for, with the hits told apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from yiwang.kernel.search.grams import folded

WIDTH, BEFORE = 90, 24


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text; `is_hit` when it was looked for."""

    text: str
    is_hit: bool = False


def marked(shown: str, pieces: Sequence[str]) -> tuple[Part, ...]:
    """A text as it was written, cut where a piece begins and ends; folding keeps every place."""
    parts: list[Part] = []
    end = 0
    for first, last in _hits(folded(shown), pieces):
        if first > end:
            parts.append(Part(shown[end:first]))
        parts.append(Part(shown[max(first, end) : last], is_hit=True))
        end = last
    return tuple(parts) if end == len(shown) else (*parts, Part(shown[end:]))


def snippet(shown: str, plain: str, pieces: Sequence[str], *, after: int = 0) -> tuple[Part, ...]:
    """About ninety characters around the first hit at or beyond `after`, else from there on; `plain` is it folded."""
    places = [place for piece in pieces if (place := plain.find(piece, after)) >= 0]
    first = max(after, min(places, default=after) - BEFORE)
    cut = shown[first : first + WIDTH]
    lead, tail = "…" if first > after else "", "…" if first + WIDTH < len(shown) else ""
    return marked(f"{lead}{cut}{tail}", pieces) if cut else ()


def _hits(plain: str, pieces: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Places of all pieces in order, none inside another."""
    found = sorted((place, place + len(piece)) for piece in pieces for place in _places(plain, piece))
    end = 0
    for first, last in found:
        if last > end:
            yield first, last
            end = last


def _places(plain: str, piece: str) -> Iterator[int]:
    place = plain.find(piece)
    while place >= 0:
        yield place
        place = plain.find(piece, place + len(piece))
