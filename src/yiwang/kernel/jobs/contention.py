"""Errors of a busy database, which are nobody's fault and pass by themselves."""

from django.db import DatabaseError, OperationalError

_SQLITE = ("database is locked", "database table is locked", "database is busy")
_POSTGRESQL = frozenset({"40001", "40P01", "55P03"})  # serialization failure, deadlock, lock not available


def is_contention(error: BaseException) -> bool:
    """Whether trying again a moment later is all that is needed."""
    if not isinstance(error, DatabaseError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    locked = isinstance(error, OperationalError) and any(text in str(error) for text in _SQLITE)
    return locked or state in _POSTGRESQL
