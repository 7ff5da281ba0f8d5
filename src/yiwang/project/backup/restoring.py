"""Restoring a backup: everything is verified first, put together aside, verified again, and takes its place last.

What was in the place before is moved aside, never deleted. Whatever is refused leaves everything as it was.
"""

import fcntl
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.db.migrations.loader import MigrationLoader

from yiwang.kernel.base.moments import now
from yiwang.kernel.crypto.keyring import Keyring
from yiwang.kernel.files.limits import readable
from yiwang.project.backup import manifest, statements
from yiwang.project.backup.copying import LIST, Kept, Route, copy_one, read_list
from yiwang.project.backup.engines import (
    NAMES,
    Tell,
    empty_again,
    engine_of,
    load_dump,
    opened_postgresql,
    opened_sqlite,
)
from yiwang.project.backup.folder import STORE, newest
from yiwang.project.backup.making import SETTINGS, SPARE
from yiwang.project.backup.refusals import (
    BackupDamaged,
    CopyFailed,
    LedgerAltered,
    NewerSchema,
    NodeRunning,
    NoRoom,
    OtherEngine,
    TargetNotEmpty,
)
from yiwang.project.backup.statements import Still
from yiwang.project.database import Database, database_of
from yiwang.project.launch.places import Places, write_secret

OWN = ("keyring.json", "settings.toml", "database_url", "secret_key")
"""What an operator may have laid into the target beforehand; it goes before what the backup holds."""
IGNORED = {*OWN, "lock", "backups"}
DATABASE = "yiwang.sqlite3"


@dataclass(frozen=True)
class Target:
    """Where a backup goes: the data folder, the address of the database (empty: the file in the folder), the ring."""

    data: Path
    database: str
    ring_path: Path
    replace: bool = False
    despite_findings: bool = False

    @property
    def place(self) -> Database:
        """The database as Django wants it."""
        return database_of(self.database, self.data / DATABASE)


@dataclass(frozen=True)
class Verified:
    """A backup whose manifest, signature and parts were found right."""

    path: Path
    manifest: manifest.Manifest

    @property
    def store(self) -> Path:
        """Where its files lie."""
        return self.path.parent / STORE


def verified(place: Path, ring: Keyring) -> Verified:
    """The backup meant by a path, its manifest, signature and parts verified.

    Raises NoBackup, WrongKeyring, BackupDamaged, NewerSchema.
    """
    path = newest(place)
    told = manifest.read(path, ring)
    manifest.check_parts(path, told.parts)
    unknown = sorted(_unknown(told.migrations))
    if unknown:
        raise NewerSchema(f"The backup was made by Yiwang {told.version}, with tables this one lacks: {unknown[0]} …")
    return Verified(path, told)


def check_files(backup: Verified, tell: Tell) -> None:
    """Read every file of a backup. Raises BackupDamaged for the first that is missing, cut off or altered."""
    for number, kept in enumerate(_listed(backup), start=1):
        found = _part(backup.store / kept.place)
        if (found.size, found.sha256) != (kept.size, kept.sha256):
            raise BackupDamaged(f"{backup.store / kept.place} was altered or cut off.")
        tell(f"files {number} of {backup.manifest.file_count}")


def restore(backup: Verified, target: Target, tell: Tell) -> Path | None:
    """Put a backup into its target; the folder to which an earlier one was moved aside, if there was one.

    Raises TargetNotEmpty, NodeRunning, OtherEngine, NoRoom, BackupDamaged, CopyFailed, LedgerAltered.
    """
    _require_engine(backup, target)
    with _nobody_there(target):
        _require_empty(target)
        _require_room(backup, target)
        with _aside(target) as folder:
            _lay_files(backup, folder, tell)
            _lay_own(backup, folder, target)
            with _filled_database(backup, folder, target, tell):
                _verify(backup, folder, target, tell)
            return _take_place(folder, target)


# --- before anything is written --------------------------------------------------------------------------------------


def _known_migrations() -> set[str]:
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations or {}}


def _unknown(migrations: list[str]) -> set[str]:
    """Migrations that only a newer version can have; libraries may drop old names of theirs, we never do."""
    of_others = {config.label for config in apps.get_app_configs() if not config.name.startswith("yiwang.")}
    return {name for name in set(migrations) - _known_migrations() if name.partition(".")[0] not in of_others}


def _require_engine(backup: Verified, target: Target) -> None:
    engine = engine_of(target.place)
    if engine != backup.manifest.engine:
        raise OtherEngine(f"The backup holds a {backup.manifest.engine} database; the target is {engine}.")


def _require_empty(target: Target) -> None:
    found = sorted(path.name for path in target.data.iterdir()) if target.data.is_dir() else []
    foreign = [name for name in found if name not in IGNORED]
    if foreign and not target.replace:
        raise TargetNotEmpty(f"{target.data} is not empty: it holds {', '.join(foreign[:5])}.")
    if engine_of(target.place) == "postgresql":
        with opened_postgresql(target.place) as still:
            names = sorted(statements.tables(still))
        if names:
            text = f"The database {target.place['NAME']} holds {len(names)} tables."
            raise TargetNotEmpty(text, remedy="Make an empty one (createdb NAME) and name it with --database.")


def _require_room(backup: Verified, target: Target) -> None:
    wanted = backup.manifest.database.size + backup.manifest.file_bytes + SPARE
    standing = next(folder for folder in (target.data, *target.data.parents) if folder.exists())
    free = shutil.disk_usage(standing).free
    if free < wanted:
        raise NoRoom(f"{standing} has {readable(free)} left; the backup needs {readable(wanted)}.")


@contextmanager
def _nobody_there(target: Target) -> Iterator[None]:
    """Hold the data folder as a node would."""
    if not target.data.is_dir():
        yield
        return
    was_there = (target.data / "lock").exists()
    with open(target.data / "lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise NodeRunning(f"A node is running on {target.data}.") from error
        try:
            yield
        finally:
            if not was_there:
                (target.data / "lock").unlink(missing_ok=True)


# --- aside -----------------------------------------------------------------------------------------------------------


@contextmanager
def _aside(target: Target) -> Iterator[Path]:
    """A folder beside the target, on its disk; taken away again when the block fails."""
    target.data.parent.mkdir(parents=True, exist_ok=True)
    folder = target.data.with_name(f".{target.data.name}.restoring-{os.getpid()}")
    folder.mkdir(mode=0o700)
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _lay_files(backup: Verified, folder: Path, tell: Tell) -> None:
    route = Route(backup.store, folder / "files")
    route.target.mkdir(mode=0o700)
    for number, kept in enumerate(_listed(backup), start=1):
        if copy_one(route, kept.place, kept.size) != kept:
            raise BackupDamaged(f"{backup.store / kept.place} is missing, cut off or altered.")
        tell(f"files {number} of {backup.manifest.file_count}")


def _lay_own(backup: Verified, folder: Path, target: Target) -> None:
    """The ring, the settings of the backup, and over both what the operator has laid into the target."""
    if "YIWANG_KEYRING" not in os.environ:
        write_secret(folder / "keyring.json", target.ring_path.read_text("utf-8"))
    if any(one.name == SETTINGS for one in backup.manifest.others):
        shutil.copyfile(backup.path / SETTINGS, folder / SETTINGS)
    for name in OWN:
        if name != "keyring.json" and (target.data / name).exists():
            shutil.copy2(target.data / name, folder / name)
    if target.database and not target.database.startswith("sqlite"):
        (folder / "database_url").unlink(missing_ok=True)
        write_secret(folder / "database_url", target.database)


@contextmanager
def _filled_database(backup: Verified, folder: Path, target: Target, tell: Tell) -> Iterator[None]:
    """The database, put back; emptied again when the block fails."""
    tell("database")
    source = backup.path / NAMES[backup.manifest.engine]
    if backup.manifest.engine == "sqlite":
        shutil.copyfile(source, folder / DATABASE)
        (folder / DATABASE).chmod(0o600)
        yield
        return
    load_dump(target.place, source)
    try:
        yield
    except BaseException:
        empty_again(target.place)
        raise


# --- verified again --------------------------------------------------------------------------------------------------


def _verify(backup: Verified, folder: Path, target: Target, tell: Tell) -> None:
    tell("counts")
    with _opened(backup, folder, target) as still:
        _require_same(backup.manifest, still)
    manage = _Manage(folder, target)
    if set(backup.manifest.migrations) != _known_migrations():
        tell("migrations of this version")
        words = manage.fails("migrate", "--no-input", "--verbosity", "0")
        if words:
            raise CopyFailed(f"The restored database cannot be migrated: {words}")
    tell("ledger")
    words = manage.fails("verify_ledger")
    if words and not target.despite_findings:
        raise LedgerAltered(f"{words}\nThe ledger in this backup does not verify.")
    tell(words)


@dataclass(frozen=True)
class _Manage:
    """Commands on the restored node, while it still stands aside."""

    folder: Path
    target: Target

    def fails(self, *words: str) -> str:
        """Run one; its last words when it failed, else nothing."""
        places = Places(Path(sys.executable), self.folder, database=self.target.database or "sqlite:")
        environ = places.environ(
            YIWANG_KEYRING=str(self.target.ring_path),
            YIWANG_SECRET_KEY=secrets.token_urlsafe(32),
            DJANGO_SETTINGS_MODULE="yiwang.project.settings.base",
        )
        done = subprocess.run(places.manage(*words), env=environ, capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr).strip()[-2000:] if done.returncode else ""


@contextmanager
def _opened(backup: Verified, folder: Path, target: Target) -> Iterator[Still]:
    if backup.manifest.engine == "sqlite":
        with opened_sqlite(folder / DATABASE) as copy:
            yield copy
    else:
        with opened_postgresql(target.place) as snapshot:
            yield snapshot


def _require_same(told: manifest.Manifest, still: Still) -> None:
    rows = statements.counts(still, set(told.rows))
    if rows != told.rows or statements.ledger(still) != told.ledger:
        unlike = [name for name, count in told.rows.items() if rows.get(name) != count] or ["the heads of the ledger"]
        raise BackupDamaged(f"The restored database is not the one that was copied: {', '.join(unlike)} differ.")


def _take_place(folder: Path, target: Target) -> Path | None:
    """Give the folder its place; what was there goes aside under a name with the moment."""
    before = None
    (target.data / "lock").unlink(missing_ok=True)
    if target.data.is_dir() and any(target.data.iterdir()):
        before = target.data.with_name(f"{target.data.name}.before-{now():%Y%m%dT%H%M%S}")
        target.data.rename(before)
    elif target.data.is_dir():
        target.data.rmdir()
    os.sync()
    folder.rename(target.data)
    return before


def _listed(backup: Verified) -> Iterator[Kept]:
    return read_list(backup.path / LIST)


def _part(path: Path) -> manifest.Part:
    try:
        return manifest.part(path)
    except OSError as error:
        raise BackupDamaged(f"{path} is missing.") from error
