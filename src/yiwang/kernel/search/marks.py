"""Marks: what results are narrowed by, as numbers below zero beside the grams, so that the index itself narrows."""

from collections.abc import Iterator
from zlib import crc32

NOUN, KIND, UNIT, YEAR, SPAN = range(5)
TAGS = 8
SPAN_BITS = 11


def mark(tag: int, value: int) -> int:
    """The number of one mark; different for every tag and value ≥ 0."""
    return -(value * TAGS + tag) - 1


def marks_of(subject: int, noun: str, kind: int, unit: int, year: int) -> set[int]:
    """Every mark of a subject."""
    narrowing = marks_asked(noun=noun, kind=kind, unit=unit, year=year)
    return {*narrowing, mark(SPAN, subject >> SPAN_BITS)}


def marks_asked(
    *, noun: str = "", kind: int | None = None, unit: int | None = None, year: int | None = None
) -> list[int]:
    """Marks that a subject must carry; what is not asked for narrows nothing."""
    values = ((NOUN, crc32(noun.encode()) if noun else None), (KIND, kind), (UNIT, unit), (YEAR, year))
    return [mark(tag, value) for tag, value in values if value is not None]


def spans(before: int, last: int, sizes: tuple[int, ...]) -> Iterator[tuple[int, list[int]]]:
    """Stretches of ids newest first: floor and marks of the spans of each; the last is all the rest, unmarked."""
    top = min(before, last + 1)
    for size in sizes:
        floor = max(0, ((top - 1) >> SPAN_BITS) - size + 1) << SPAN_BITS
        if floor <= 0:
            break
        yield floor, [mark(SPAN, number) for number in range(floor >> SPAN_BITS, ((top - 1) >> SPAN_BITS) + 1)]
        top = floor
    yield 0, []
