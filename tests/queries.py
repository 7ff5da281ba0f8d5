"""Counts what a request really sends to the database."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field

from django.db import connections

UNCOUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SET ")


@dataclass
class Queries:
    """Statements sent, in order; transaction control is left out because the engines differ in it."""

    sql: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many statements were sent."""
        return len(self.sql)

    def __str__(self) -> str:
        return "\n".join(f"{number:3} {statement}" for number, statement in enumerate(self.sql, 1))

    def note(
        self, execute: Callable[..., object], sql: str, params: object, many: bool, context: dict[str, object]
    ) -> object:
        """The wrapper Django calls around every statement."""
        if not sql.lstrip().upper().startswith(UNCOUNTED):
            self.sql.append(sql)
        return execute(sql, params, many, context)


CountQueries = Callable[[], AbstractContextManager[Queries]]


@contextmanager
def counted() -> Iterator[Queries]:
    """Collect every statement of this thread until the block ends."""
    queries = Queries()
    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(queries.note))
        yield queries
