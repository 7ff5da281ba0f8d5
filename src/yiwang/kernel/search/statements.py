"""The SQL of the index on both engines; values never stand in the text.

The index proposes subjects that have every gram and mark; grants and the stored text decide.
"""

import json
from collections.abc import Collection, Sequence
from typing import Protocol

Value = str | int | list[int]
Statement = tuple[str, list[Value]]

FTS = "search_grams"
PROVED = {"sqlite": "instr(w.text, %s) > 0", "postgresql": "strpos(w.text, %s) > 0"}


class Dialect(Protocol):
    """How one engine keeps and asks the index; `empty` are the statements that forget it beside its words."""

    empty: tuple[str, ...]

    def put(self, subject: int, old: Collection[int], new: Collection[int]) -> list[Statement]:
        """Statements that let a subject be found under the new numbers and no longer under the old ones."""

    def proposed(self, numbers: Sequence[int], spans: Sequence[int]) -> Statement:
        """A table `m(subject)` of what is found under all numbers, and under one of the spans where any is given."""

    def held(self, ids: Sequence[int], numbers: Collection[int]) -> Statement:
        """Subjects from the first to the last of these ids, each with how many of the numbers it is found under."""


class Fts5:
    """SQLite: a virtual table without content and without positions; numbers are written as words."""

    empty: tuple[str, ...] = (f"INSERT INTO {FTS}({FTS}) VALUES ('delete-all')",)

    def put(self, subject: int, old: Collection[int], new: Collection[int]) -> list[Statement]:
        """Take out by telling the old words, put in the new ones."""
        remove = f"INSERT INTO {FTS}({FTS}, rowid, grams) VALUES ('delete', %s, %s)"
        insert = f"INSERT INTO {FTS}(rowid, grams) VALUES (%s, %s)"
        removed: list[Statement] = [(remove, [subject, _written(old)])] if old else []
        return [*removed, (insert, [subject, _written(new)])] if new else removed

    def proposed(self, numbers: Sequence[int], spans: Sequence[int]) -> Statement:
        """Words joined by AND; row ids come in order, so that spans are of no use."""
        return f"(SELECT rowid AS subject FROM {FTS} WHERE {FTS} MATCH %s) m", [" AND ".join(map(_word, numbers))]

    def held(self, ids: Sequence[int], numbers: Collection[int]) -> Statement:
        """Each number is asked for; what is written in a row without content cannot be read."""
        sql = (
            f"SELECT g.rowid, count(*) FROM json_each(%s) j JOIN {FTS} g ON g.{FTS} MATCH j.value"
            " WHERE g.rowid BETWEEN %s AND %s GROUP BY g.rowid"
        )
        return sql, [json.dumps([_word(number) for number in numbers]), min(ids), max(ids)]


class Gin:
    """PostgreSQL: a column of numbers under GIN."""

    empty: tuple[str, ...] = ()

    def put(self, subject: int, old: Collection[int], new: Collection[int]) -> list[Statement]:
        """Set the column."""
        return [("UPDATE search_words SET grams = %s::bigint[] WHERE subject_id = %s", [sorted(new), subject])]

    def proposed(self, numbers: Sequence[int], spans: Sequence[int]) -> Statement:
        """A function of the server, made by migration 0002: only inside it may the planner be told to use GIN."""
        return "search_proposed(%s::bigint[], %s::bigint[]) AS m(subject)", [list(numbers), list(spans)]

    def held(self, ids: Sequence[int], numbers: Collection[int]) -> Statement:
        """The column is what GIN was made of."""
        sql = (
            "SELECT subject_id, (SELECT count(*) FROM unnest(grams) n WHERE n = ANY(%s::bigint[]))"
            " FROM search_words WHERE subject_id BETWEEN %s AND %s AND grams IS NOT NULL"
        )
        return sql, [list(numbers), min(ids), max(ids)]


def _word(number: int) -> str:
    return f"{number:x}" if number >= 0 else f"m{-number:x}"


def _written(numbers: Collection[int]) -> str:
    return " ".join(map(_word, sorted(numbers)))


DIALECTS: dict[str, Dialect] = {"sqlite": Fts5(), "postgresql": Gin()}


def find_sql(vendor: str, table: str, keys: int, pieces: int, *, has_state: bool) -> str:
    """Newest proposed subjects that one of `keys` principals sees and whose text holds the pieces; at most a page."""
    granted = _granted("m.subject", keys, has_state=has_state)
    proved = " AND ".join([PROVED[vendor]] * pieces)
    seen = f"SELECT m.subject FROM {table} WHERE m.subject < %s AND m.subject >= %s AND {granted}"
    if pieces:
        held = f"EXISTS (SELECT 1 FROM search_words w WHERE w.subject_id = s.subject AND {proved})"
        fence = " OFFSET 0" if vendor == "postgresql" else ""
        seen = f"SELECT s.subject FROM ({seen}{fence}) s WHERE {held}"
    return f"{seen} ORDER BY 1 DESC LIMIT %s"


def stretches_sql(stretches: Sequence[str]) -> str:
    """Stretch after stretch, newest first, until there are enough: those behind are never looked at."""
    branches = " UNION ALL ".join(f"SELECT * FROM ({one}) s{n}" for n, one in enumerate(stretches))
    return f"{branches} LIMIT %s"


def among_sql(vendor: str, keys: int, pieces: int, filters: Sequence[str], *, has_state: bool) -> str:
    """The same for somebody who sees little: look into the stored words of what he sees."""
    state = " AND g.state = %s" if has_state else ""
    proved = "".join([f" AND {PROVED[vendor]}"] * pieces)
    narrowed = "".join(f" AND f.{name} = %s" for name in filters)
    join = " JOIN search_card f ON f.subject_id = w.subject_id" if filters else ""
    return (
        f"SELECT w.subject_id FROM search_words w{join} WHERE w.subject_id IN (SELECT g.subject_id FROM access_grant g"
        f" WHERE g.key IN ({_marks(keys)}){state}) AND w.subject_id < %s{narrowed}{proved}"
        " ORDER BY w.subject_id DESC LIMIT %s"
    )


def _granted(subject: str, keys: int, *, has_state: bool) -> str:
    state = " AND g.state = %s" if has_state else ""
    return f"EXISTS (SELECT 1 FROM access_grant g WHERE g.subject_id = {subject} AND g.key IN ({_marks(keys)}){state})"


def _marks(count: int) -> str:
    return ", ".join(["%s"] * count)


def reach_sql(keys: int, limit: int, *, has_state: bool) -> str:
    """How many grants the principals have, at most `limit` each, and the newest id that has words."""
    state = " AND state = %s" if has_state else ""
    one = f"SELECT 1 AS n FROM access_grant WHERE key = %s{state} ORDER BY state, at LIMIT {limit:d}"
    branches = " UNION ALL ".join(f"SELECT * FROM ({one}) b{n}" for n in range(keys))
    return f"SELECT (SELECT count(*) FROM ({branches}) c), (SELECT max(subject_id) FROM search_words)"
