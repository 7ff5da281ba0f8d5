"""Finding subjects by words, among those an actor may see."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from yiwang.kernel.access.principals import keys_of
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.search.grams import Needles, is_too_much, needles
from yiwang.kernel.search.marks import marks_asked, spans
from yiwang.kernel.search.models import Card
from yiwang.kernel.search.statements import DIALECTS, Statement, Value, among_sql, find_sql, reach_sql, stretches_sql

NEWEST = 2**62
FEW = 300
STRETCHES = (2, 8, 64)


@dataclass(frozen=True)
class Search:
    """Words to look for, newest subjects first, from before `before`; each other field narrows when it is given."""

    words: str
    state: int | None = None
    noun: str = ""
    kind: int | None = None
    unit: int | None = None
    year: int | None = None
    before: int = NEWEST
    size: int = 50

    @property
    def narrowing(self) -> dict[str, str | int]:
        """Columns of the card that must hold these values."""
        values = {"noun": self.noun or None, "kind_id": self.kind, "unit": self.unit, "year": self.year}
        return {name: value for name, value in values.items() if value is not None}


def find(actor: Actor, search: Search) -> list[int]:
    """Ids of the newest subjects the actor may see that hold the words.

    None for words without a letter or digit, and for more words than are looked for (`grams.is_too_much`).
    Who sees little is answered from what he sees, who sees much from the index.
    """
    asked = needles(search.words)
    if not asked.pieces or is_too_much(search.words):
        return []
    count, last = _reach(actor, search)
    return _by_index(actor, search, asked, last) if count >= FEW else _among(actor, search, asked)


def cards(ids: list[int], *related: str) -> list[Card]:
    """Cards in the order of their ids; the caller has the ids from a door that checks what may be seen.

    `related` are what else is read with them, as for `select_related`; one query.
    """
    found = Card.objects.select_related("subject__words", *related).in_bulk(ids)
    return [found[pk] for pk in ids if pk in found and hasattr(found[pk].subject, "words")]


def tallies(ids: list[int]) -> Counter[tuple[str, int | str]]:
    """How many of these subjects there are of each kind, unit and year, under ("unit", 3) and so on; one query."""
    names = ("kind", "kind__key", "unit", "year")
    rows = Card.objects.filter(pk__in=ids).values_list(*names)
    return Counter((name, value) for row in rows for name, value in zip(names, row, strict=True))


def _reach(actor: Actor, search: Search) -> tuple[int, int]:
    """How much the actor sees, counted to `FEW` for each principal, and the newest id there is."""
    state = [] if search.state is None else [search.state]
    values: list[Value] = [value for key in keys_of(actor) for value in (key, *state)]
    with connection.cursor() as cursor:
        cursor.execute(reach_sql(len(keys_of(actor)), FEW, has_state=bool(state)), values)
        count, last = cursor.fetchone()
    return int(count), int(last or 0)


def _among(actor: Actor, search: Search, asked: Needles) -> list[int]:
    keys, narrowing = keys_of(actor), search.narrowing
    sql = among_sql(
        connection.vendor, len(keys), len(asked.pieces), list(narrowing), has_state=search.state is not None
    )
    return _asked(sql, [*_scope(actor, search), search.before, *narrowing.values(), *asked.pieces, search.size])


def _by_index(actor: Actor, search: Search, asked: Needles, last: int) -> list[int]:
    sql, values, before = [], list[Value](), search.before
    for floor, inside in _stretches(before, last):
        one, own = _stretch(actor, search, asked, (floor, before, inside))
        sql.append(one)
        values += own
        before = floor
    return _asked(stretches_sql(sql), [*values, search.size])


def _stretches(before: int, last: int) -> Iterable[tuple[int, list[int]]]:
    """All at once where the index answers in order of ids, else the newest stretch first."""
    return [(0, [])] if connection.vendor == "sqlite" else spans(before, last, STRETCHES)


def _stretch(actor: Actor, search: Search, asked: Needles, place: tuple[int, int, list[int]]) -> Statement:
    floor, before, inside = place
    narrowed = marks_asked(noun=search.noun, kind=search.kind, unit=search.unit, year=search.year)
    table, values = DIALECTS[connection.vendor].proposed([*asked.grams, *narrowed], inside)
    sql = find_sql(
        connection.vendor, table, len(keys_of(actor)), len(asked.unproved), has_state=search.state is not None
    )
    return sql, [*values, before, floor, *_scope(actor, search), *asked.unproved, search.size]


def _scope(actor: Actor, search: Search) -> list[Value]:
    return [*keys_of(actor), *([] if search.state is None else [search.state])]


def _asked(sql: str, values: list[Value]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [int(row[0]) for row in cursor.fetchall()]
