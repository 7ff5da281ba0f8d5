"""The SQL of the index on both engines; values never stand in the text."""

from collections.abc import Sequence
from typing import Protocol

MATCHES = {
    "sqlite": "SELECT rowid AS subject FROM search_index WHERE search_index MATCH %s",
    "postgresql": "SELECT subject_id AS subject FROM search_words WHERE grams @@ %s::tsquery",
}


class Dialect(Protocol):
    """How one engine keeps and asks the index."""

    def put(self, subject: int, old: Sequence[str], new: Sequence[str]) -> list[tuple[str, list[int | str]]]:
        """Statements that put the tokens of a subject in the place of its old ones."""

    def query(self, phrases: Sequence[Sequence[str]]) -> str:
        """The words in the engine's own language of queries."""


class Fts5:
    """SQLite: a virtual table without content."""

    def put(self, subject: int, old: Sequence[str], new: Sequence[str]) -> list[tuple[str, list[int | str]]]:
        """Take out by telling the old tokens, put in the new ones."""
        insert = "INSERT INTO search_index(rowid, grams) VALUES (%s, %s)"
        added: list[tuple[str, list[int | str]]] = [(insert, [subject, " ".join(new)])]
        if not old:
            return added
        remove = "INSERT INTO search_index(search_index, rowid, grams) VALUES ('delete', %s, %s)"
        return [(remove, [subject, " ".join(old)]), *added]

    def query(self, phrases: Sequence[Sequence[str]]) -> str:
        """Phrases in double quotes; a lone character is a prefix."""
        return " AND ".join(_quoted(phrase, '"', " ", "*") for phrase in phrases)


class Tsvector:
    """PostgreSQL: a column of lexemes with positions."""

    def put(self, subject: int, old: Sequence[str], new: Sequence[str]) -> list[tuple[str, list[int | str]]]:
        """Set the column."""
        vector = " ".join(f"'{token}':{place}" for place, token in enumerate(new, start=1))
        return [("UPDATE search_words SET grams = %s::tsvector WHERE subject_id = %s", [vector, subject])]

    def query(self, phrases: Sequence[Sequence[str]]) -> str:
        """Lexemes that follow each other; a lone character is a prefix."""
        parts = []
        for phrase in phrases:
            if len(phrase) == 1 and len(phrase[0]) == 1:
                parts.append(f"'{phrase[0]}':*")
            else:
                parts.append("(" + " <-> ".join(f"'{token}'" for token in phrase) + ")")
        return " & ".join(parts)


def _quoted(phrase: Sequence[str], mark: str, between: str, prefix: str) -> str:
    is_single = len(phrase) == 1 and len(phrase[0]) == 1
    return f"{mark}{between.join(phrase)}{mark}{' ' + prefix if is_single else ''}"


DIALECTS: dict[str, Dialect] = {"sqlite": Fts5(), "postgresql": Tsvector()}


def find_sql(vendor: str, keys: int, *, has_kind: bool) -> str:
    """Newest subjects that match, that one of `keys` principals sees in a state, at most a page."""
    marks = ", ".join(["%s"] * keys)
    kind = " AND g.kind_id = %s" if has_kind else ""
    order = "m.rowid" if vendor == "sqlite" else "m.subject"
    source = "search_index m" if vendor == "sqlite" else "(SELECT * FROM matched) m"
    where = "search_index MATCH %s AND " if vendor == "sqlite" else ""
    head = "" if vendor == "sqlite" else f"WITH matched AS MATERIALIZED ({MATCHES[vendor]}) "
    return (
        f"{head}SELECT {order} FROM {source} WHERE {where}EXISTS (SELECT 1 FROM access_grant g"
        f" WHERE g.subject_id = {order} AND g.key IN ({marks}) AND g.state = %s{kind})"
        f" AND {order} < %s ORDER BY {order} DESC LIMIT %s"
    )


def among_sql(keys: int, words: int, *, has_kind: bool) -> str:
    """The same for somebody who sees little: look into the stored words of what he sees."""
    marks = ", ".join(["%s"] * keys)
    kind = " AND g.kind_id = %s" if has_kind else ""
    holds = "".join([" AND w.text LIKE %s"] * words)
    return (
        "SELECT w.subject_id FROM search_words w WHERE w.subject_id IN (SELECT g.subject_id FROM access_grant g"
        f" WHERE g.key IN ({marks}) AND g.state = %s{kind}) AND w.subject_id < %s{holds}"
        " ORDER BY w.subject_id DESC LIMIT %s"
    )
