"""What a node needs before its first page: secrets, tables, catalogues, static files, shipped data.

Each step remembers what it was made from and is left out while that has not changed.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from yiwang.kernel.crypto.keyring import make_keyring
from yiwang.project.backup.making import make_backup
from yiwang.project.catalogues import compile_catalogues
from yiwang.project.launch.places import make_secret_key


@dataclass(frozen=True)
class Step:
    """One step: what it does, and what it depends on (unchanged = left out)."""

    name: str
    run: Callable[[], object]
    sources: Callable[[], Iterable[Path]]
    in_database: bool = False


def shipped(command: str, *words: str, of: str) -> Step:
    """Data of the tree or its libraries brought into the database by an idempotent `manage` command."""
    return Step(command, lambda: call_command(command, *words, verbosity=0), lambda: _files(settings.ROOT / of), True)


STEPS = (
    Step("collectstatic", lambda: call_command("collectstatic", interactive=False, verbosity=0), lambda: _static()),
    shipped("load_divisions", of="definitions/codes/divisions"),
    shipped("load_calendar", "--packaged", of="requirements.lock"),
    shipped("load_definitions", of="definitions"),
)


def prepare(tell: Callable[[str], None]) -> None:
    """Bring this node to what the tree says; `tell` gets a line for each thing done. May be run again at any time."""
    make_keyring(Path(settings.KEYRING))
    make_secret_key(Path(settings.DATA))
    for path in compile_catalogues(Path(settings.LOCALE_PATHS[0])):
        tell(f"catalogue: {path.parent.parent.name}")
    record = Record(Path(settings.DATA) / "prepared.json")
    if not (record.holds("migrate", _database_identity()) and _has_all_tables()):
        _back_up(tell)
        tell("migrate")
        call_command("migrate", interactive=False, verbosity=0)
        record.keep("migrate", _database_identity())
    known = get_commands()
    for step in STEPS:
        stamp = _stamp(step)
        if step.name in known and not record.holds(step.name, stamp):
            tell(step.name)
            step.run()
            record.keep(step.name, stamp)


def _back_up(tell: Callable[[str], None]) -> None:
    """Before tables that hold data are changed. Raises BackupRefused: then nothing is changed and no node starts."""
    if settings.BACKUP_BEFORE_MIGRATION and MigrationRecorder(connection).has_table() and not _has_all_tables():
        tell("backup before the migration")
        tell(str(make_backup(settings.BACKUP_FOLDER, settings.BACKUP_KEEP).path))


def _has_all_tables() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


class Record:
    """What was prepared from what, kept in the data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stamps: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def holds(self, name: str, stamp: str) -> bool:
        """Whether this step was done with these sources."""
        return self.stamps.get(name) == stamp

    def keep(self, name: str, stamp: str) -> None:
        """Remember it; the file is whole at any moment."""
        self.stamps[name] = stamp
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps(self.stamps, indent=1), "utf-8")
        os.replace(draft, self.path)


def _stamp(step: Step) -> str:
    digest = hashlib.sha256(_database_identity().encode() if step.in_database else b"")
    for path in sorted(step.sources()):
        stat = path.stat()
        digest.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _database_identity() -> str:
    """Another database, or the same one made anew, gives another answer."""
    place, recorder = connection.settings_dict, MigrationRecorder(connection)
    first = recorder.migration_qs.order_by("applied").first() if recorder.has_table() else None
    return f"{place['HOST']}:{place['PORT']}/{place['NAME']} {first.applied.isoformat() if first else 'empty'}"


def _files(place: Path) -> Iterator[Path]:
    return (path for path in (place, *place.rglob("*")) if path.is_file())


def _static() -> Iterator[Path]:
    for finder in get_finders():
        for path, storage in finder.list([]):
            yield Path(storage.path(path))
