"""Finding subjects by words, among those an actor may see."""

from dataclasses import dataclass

from django.db import connection

from yiwang.kernel.access.principals import keys_of
from yiwang.kernel.access.queries import COUNT_LIMIT, Wanted, count
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.search.grams import MOST_TOKENS, phrases, runs
from yiwang.kernel.search.statements import DIALECTS, among_sql, find_sql

NEWEST = 2**62


@dataclass(frozen=True)
class Search:
    """Words to look for among subjects in one state, maybe of one kind; newest first, from before `before`."""

    words: str
    state: int
    kind: int | None = None
    before: int = NEWEST
    size: int = 50


def find(actor: Actor, search: Search) -> list[int]:
    """Ids of the newest matching subjects the actor may see; none for words without a letter or digit.

    Who sees little is answered from what he sees, who sees much from the index.
    """
    if not phrases(search.words):
        return []
    wanted = Wanted(search.state, search.kind, size=COUNT_LIMIT)
    sees_much = count(actor, wanted) >= COUNT_LIMIT
    return _by_index(actor, search) if sees_much else _among(actor, search)


def _among(actor: Actor, search: Search) -> list[int]:
    words = [f"%{run}%" for run in runs(search.words)][:MOST_TOKENS]
    sql = among_sql(len(keys_of(actor)), len(words), has_kind=search.kind is not None)
    return _asked(sql, [*_scope(actor, search), search.before, *words, search.size])


def _by_index(actor: Actor, search: Search) -> list[int]:
    sql = find_sql(connection.vendor, len(keys_of(actor)), has_kind=search.kind is not None)
    words = DIALECTS[connection.vendor].query(phrases(search.words))
    return _asked(sql, [words, *_scope(actor, search), search.before, search.size])


def _scope(actor: Actor, search: Search) -> list[int | str]:
    kind = [] if search.kind is None else [search.kind]
    return [*keys_of(actor), search.state, *kind]


def _asked(sql: str, values: list[int | str]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [int(row[0]) for row in cursor.fetchall()]
