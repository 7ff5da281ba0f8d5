"""The SQL of pages and counts: one LIMITed branch for each key, merged; values never stand in the text."""

from collections.abc import Sequence


def page_sql(branches: Sequence[str], *, newest_first: bool) -> str:
    """Rows (at, subject) of all branches in order, without repeats; each branch and the whole take a LIMIT."""
    order = "DESC" if newest_first else "ASC"
    limited = [
        f"SELECT * FROM (SELECT at, subject_id FROM access_grant WHERE {where}"
        f" ORDER BY at {order}, subject_id {order} LIMIT %s) b{n}"
        for n, where in enumerate(branches)
    ]
    union = " UNION ".join(limited)
    return f"SELECT at, subject_id FROM ({union}) m ORDER BY at {order}, subject_id {order} LIMIT %s"


def count_sql(branches: Sequence[str], limit: int) -> str:
    """How many different subjects the branches hold, at most `limit`.

    The order keeps PostgreSQL on the index: without it a principal with many rows is read from the whole table, of
    which those of another state may be the first million.
    """
    limited = [
        f"SELECT * FROM (SELECT subject_id FROM access_grant WHERE {where} ORDER BY at LIMIT {limit:d}) b{n}"
        for n, where in enumerate(branches)
    ]
    union = " UNION ".join(limited)
    return f"SELECT count(*) FROM (SELECT subject_id FROM ({union}) u LIMIT {limit:d}) c"
