"""What the tests of backups write, and how they look at folders."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction

from yiwang.kernel.files.limits import default_limits
from yiwang.kernel.files.models import Blob
from yiwang.kernel.files.services import store
from yiwang.kernel.files.staging import stage
from yiwang.kernel.ledger.services import Event, create_subject, record
from yiwang.kernel.org.actors import SYSTEM
from yiwang.project.backup.engines import opened_postgresql, opened_sqlite
from yiwang.project.backup.restoring import DATABASE, Target
from yiwang.project.backup.statements import Still


def write(*words: bytes) -> list[Blob]:
    """A subject with an entry, and a file for each of the words."""
    with transaction.atomic():
        record(Event(create_subject("thing:test", unit=7), "thing.opened"), actor=SYSTEM)
        return [store(stage([word], default_limits()), unit=7, mime="text/plain") for word in words]


def everything_under(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def quietly(line: str) -> None:
    """Nothing is said."""


@contextmanager
def database_of(target: Target) -> Iterator[Still]:
    """The restored database, to be read."""
    opened = opened_sqlite(target.data / DATABASE) if connection.vendor == "sqlite" else opened_postgresql(target.place)
    with opened as still:
        yield still
