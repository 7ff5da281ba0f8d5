"""Still copies of a database that others go on writing to, and their way back.

SQLite: the online backup inside one read transaction, so that writers neither wait nor set it back to the start.
PostgreSQL: `pg_dump` on a snapshot that this process holds and reads its figures from.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from yiwang.project.backup.refusals import CopyFailed
from yiwang.project.backup.statements import Still, dropping, exported, functions, tables
from yiwang.project.database import Database

PAGES = 2048  # of 4 KiB, between two words of progress
COMPRESSION = "1"  # the quickest; a dump is bound by the processor
NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}

Tell = Callable[[str], None]


def engine_of(place: Database) -> str:
    """`sqlite` or `postgresql`."""
    return "postgresql" if place["ENGINE"].endswith("postgresql") else "sqlite"


@contextmanager
def still_copy(place: Database, folder: Path, tell: Tell) -> Iterator[Still]:
    """Copy a database into a folder and hold what was copied still while figures are read. Raises CopyFailed."""
    target = folder / NAMES[engine_of(place)]
    if engine_of(place) == "sqlite":
        _copy_sqlite(Path(place["NAME"]), target, tell)
        with opened_sqlite(target) as still:
            yield still
    else:
        with _snapshot(place) as (still, name):
            _dump(place, target, name)
            yield still


# --- SQLite ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StillFile:
    """A SQLite file that nobody writes to."""

    base: sqlite3.Connection
    engine: str = "sqlite"

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Rows, streamed."""
        yield from self.base.execute(sql)


@contextmanager
def opened_sqlite(path: Path) -> Iterator[StillFile]:
    """A copy, to be read. Raises CopyFailed when it is no database."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)) as base:
        try:
            yield StillFile(base)
        except sqlite3.DatabaseError as error:
            raise CopyFailed(f"{path}: {error}") from error


def _copy_sqlite(source: Path, target: Path, tell: Tell) -> None:
    try:
        with closing(_connected(source)) as live, closing(_connected(target)) as copy:
            copy.execute("PRAGMA synchronous = OFF")
            _hold_still(live)
            live.backup(copy, pages=PAGES, progress=_progress(tell))
            copy.execute("PRAGMA journal_mode = DELETE")
            _require_sound(copy)
    except sqlite3.Error as error:
        raise CopyFailed(f"{source}: {error}") from error


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=20, isolation_level=None)


def _hold_still(live: sqlite3.Connection) -> None:
    """Begin to read: what is committed from now on is not seen by this connection, nor by its backup."""
    live.execute("BEGIN")
    live.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _progress(tell: Tell) -> Callable[[int, int, int], None]:
    def told(status: int, remaining: int, total: int) -> None:
        tell(f"database {100 * (total - remaining) // max(1, total)} %")

    return told


def _require_sound(copy: sqlite3.Connection) -> None:
    (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise CopyFailed(f"The database itself is damaged: {found}", remedy="Restore the last sound backup.")


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StillSnapshot:
    """A snapshot of PostgreSQL, held by the transaction of this connection."""

    base: psycopg.Connection[tuple[Any, ...]]
    engine: str = "postgresql"

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Rows, streamed by a cursor of the server."""
        with self.base.cursor(name="still") as cursor:
            cursor.itersize = 5000
            yield from cursor.execute(sql.encode())


@contextmanager
def opened_postgresql(place: Database) -> Iterator[StillSnapshot]:
    """A database, to be read in one snapshot. Raises CopyFailed when it does not answer."""
    try:
        base = psycopg.connect(_login(place), password=place["PASSWORD"] or None, connect_timeout=10)
    except psycopg.Error as error:
        raise CopyFailed(f"{place['NAME']} at {place['HOST'] or 'the local socket'}: {error}") from error
    with closing(base):
        base.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        base.read_only = True
        yield StillSnapshot(base)


@contextmanager
def _snapshot(place: Database) -> Iterator[tuple[StillSnapshot, str]]:
    with opened_postgresql(place) as still:
        yield still, exported(still)


def _login(place: Database) -> str:
    """Where and as whom, without the password: it would be seen in the list of processes."""
    options = {key: str(value) for key, value in place["OPTIONS"].items()}
    told = {"dbname": place["NAME"], "user": place["USER"], "host": place["HOST"], "port": place["PORT"]}
    return make_conninfo("", **{key: value for key, value in told.items() if value}, **options)


def _dump(place: Database, target: Path, snapshot: str) -> None:
    words = ["--format=custom", f"--compress={COMPRESSION}", f"--snapshot={snapshot}", "--file", str(target)]
    _run("pg_dump", place, *words)


def load_dump(place: Database, dump: Path) -> None:
    """Fill an empty database from a dump in one transaction: all of it, or nothing. Raises CopyFailed."""
    _run("pg_restore", place, "--single-transaction", "--exit-on-error", str(dump))


def empty_again(place: Database) -> None:
    """Drop every table and function of the schema `public`; only called on a database that this process has filled."""
    with opened_postgresql(place) as still:
        names, served = tables(still), functions(still)
    with psycopg.connect(_login(place), password=place["PASSWORD"] or None) as base:
        for statement in dropping(names, served):
            base.execute(statement.encode())


def _run(program: str, place: Database, *words: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise CopyFailed(f"{program} is not installed.", remedy="apt-get install postgresql-client")
    command = [found, "--dbname", _login(place), "--no-owner", "--no-privileges", "--no-comments", *words]
    environ = {**os.environ, "PGPASSWORD": place["PASSWORD"]} if place["PASSWORD"] else dict(os.environ)
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CopyFailed(f"{program} failed: {done.stderr.strip()[-2000:]}")
