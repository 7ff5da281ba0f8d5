"""Raw SQL of backups: read from a copy or a held snapshot beside the ORM, the same words on both engines."""

import hashlib
from collections.abc import Iterator
from typing import Any, Protocol

from yiwang.kernel.files.vault import sealed_size
from yiwang.project.backup.manifest import Ledger

_BLOBS = "SELECT place, size FROM files_blob ORDER BY place {collation}"
_HEADS = "SELECT id, length, head FROM ledger_subject ORDER BY id"
_ENTRIES = "SELECT count(*) FROM ledger_entry"
_ROOT = "SELECT day, digest FROM ledger_root ORDER BY day DESC LIMIT 1"
_MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY app, name"
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": """
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT EXISTS (
            SELECT 1 FROM pg_depend d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    """,
}
_FUNCTIONS = """
SELECT one.oid::regprocedure::text FROM pg_proc one JOIN pg_namespace place ON place.oid = one.pronamespace
WHERE place.nspname = 'public'
AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = one.oid AND d.deptype = 'e')
"""
_EXPORT = "SELECT pg_export_snapshot()"


class Still(Protocol):
    """A database that does not move while it is read: a finished copy, or a snapshot that is held."""

    @property
    def engine(self) -> str:
        """`sqlite` or `postgresql`."""

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Rows of a statement, streamed."""


def blobs(still: Still) -> Iterator[tuple[str, int]]:
    """Place and bytes on disk of every file, in order of place."""
    collation = 'COLLATE "C"' if still.engine == "postgresql" else ""
    return ((place, sealed_size(size)) for place, size in still.rows(_BLOBS.format(collation=collation)))


def tables(still: Still) -> set[str]:
    """Names of all tables but those of extensions."""
    return {str(name) for (name,) in still.rows(_TABLES[still.engine])}


def counts(still: Still, names: set[str]) -> dict[str, int]:
    """Rows of each of these tables that exists."""
    found = sorted(names & tables(still))
    return {name: next(still.rows(f'SELECT count(*) FROM "{name}"'))[0] for name in found}


def migrations(still: Still) -> list[str]:
    """What was migrated, as `app.name`."""
    return [f"{app}.{name}" for app, name in still.rows(_MIGRATIONS)]


def ledger(still: Still) -> Ledger:
    """Chains, entries, one digest over all heads, the last root."""
    digest, subjects = hashlib.sha256(), 0
    for subject, length, head in still.rows(_HEADS):
        subjects += 1
        digest.update(b"%d:%d:" % (subject, length) + bytes(head) + b"\n")
    entries = next(still.rows(_ENTRIES))[0]
    day, root = next(still.rows(_ROOT), ("", b""))
    return Ledger(subjects, entries, digest.hexdigest(), str(day), bytes(root).hex())


def exported(still: Still) -> str:
    """The name by which `pg_dump` joins this snapshot of PostgreSQL."""
    return str(next(still.rows(_EXPORT))[0])


def functions(still: Still) -> set[str]:
    """Functions of the schema `public` that belong to no extension, with their arguments (PostgreSQL)."""
    return {name for (name,) in still.rows(_FUNCTIONS)}


def dropping(names: set[str], functions: set[str]) -> list[str]:
    """Statements that drop these tables, and the functions that serve them."""
    own = [f"DROP FUNCTION IF EXISTS {one} CASCADE" for one in sorted(functions)]
    return [f'DROP TABLE IF EXISTS "{name}" CASCADE' for name in sorted(names)] + own
