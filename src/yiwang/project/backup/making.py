"""Making a backup while web and worker go on writing.

Order is what makes it consistent: first the files that there are now, then a still copy of the database, then the few
files that came in between. A file named by the copy was there at the first pass or is younger than it, and the sweep
lets young files lie for a day; so it is in the backup.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection

from yiwang.kernel.base.moments import now
from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.files.limits import readable
from yiwang.kernel.files.models import Blob
from yiwang.kernel.files.staging import FULL
from yiwang.kernel.files.vault import sealed_size
from yiwang.project.backup import manifest, statements
from yiwang.project.backup.copying import LIST, Route, Tally, copy_new, forget_unlisted, read_list
from yiwang.project.backup.engines import NAMES, Tell, engine_of, still_copy
from yiwang.project.backup.folder import BackupFolder
from yiwang.project.backup.refusals import CopyFailed, NoRoom
from yiwang.project.backup.statements import Still
from yiwang.project.database import Database

SETTINGS = "settings.toml"
TRIES = 3
SPARE = 64 << 20  # bytes that a backup leaves free


@dataclass(frozen=True)
class Made:
    """A complete backup: where, what it says, what was copied now, how long it took."""

    path: Path
    manifest: manifest.Manifest
    tally: Tally
    seconds: float


def make_backup(to: Path, keep: int = 0, *, link: bool = True, tell: Tell = lambda line: None) -> Made:
    """Make one backup in the folder `to` and keep the newest `keep` there (0: all).

    Raises BackupBusy, NotWritable, NoRoom, CopyFailed, KeyringError; then no backup has come to be and none has gone.
    """
    began, folder = now(), BackupFolder(to)
    with folder.locked(), folder.half(began) as half, _room_told():
        _require_room(to, _place())
        route = Route(Path(settings.FILES_ROOT), folder.store, link)
        tally, told = _Making(half, folder, route, tell, began).fill()
        manifest.write(half, told, keyring())
        path = folder.complete(half)
        prune(folder, keep)
    return Made(path, told, tally, (now() - began).total_seconds())


@contextmanager
def _room_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise NoRoom("The disk became full while the backup was made; what was written of it is gone.") from error
        raise


def _require_room(to: Path, place: Database) -> None:
    """A SQLite file is copied as it is, so that its size is known beforehand."""
    size = Path(place["NAME"]).stat().st_size if engine_of(place) == "sqlite" else 0
    free = shutil.disk_usage(to).free
    if free < size + SPARE:
        raise NoRoom(f"{to} has {readable(free)} left; the database alone takes {readable(size)}.")


def prune(folder: BackupFolder, keep: int) -> None:
    """Take the oldest sets away until `keep` are left, then the files that none of these names; 0 keeps all."""
    sets = folder.sets()
    if not keep or len(sets) <= keep:
        return
    for old in sets[:-keep]:
        gone = old.rename(folder.path / f".gone-{old.name}")
        shutil.rmtree(gone)
    forget_unlisted(folder.store, [one / LIST for one in sets[-keep:]])


@dataclass(frozen=True)
class _Making:
    """One backup while it is being made."""

    half: Path
    folder: BackupFolder
    route: Route
    tell: Tell
    began: datetime

    def fill(self) -> tuple[Tally, manifest.Manifest]:
        """Files, database, files in between; once more when a file went that the copy of the database names."""
        first, sets = self.half / "first.txt.gz", self.folder.sets()
        known = read_list(sets[-1] / LIST) if sets else iter(())
        early = copy_new(_live_files(), known, self.route, first, self.tell)
        tally, told = self._closed(first)
        for _again in range(TRIES - 1):
            if _are_named(tally.lost):  # lost before: another copy would name them again
                break
            tally, told = self._closed(first)
        first.unlink()
        tally.new, tally.new_bytes = tally.new + early.new, tally.new_bytes + early.new_bytes
        return tally, told

    def _closed(self, first: Path) -> tuple[Tally, manifest.Manifest]:
        with still_copy(_place(), self.half, self.tell) as still:
            tally = copy_new(statements.blobs(still), read_list(first), self.route, self.half / LIST, self.tell)
            return tally, _told(still, self.half, tally, self.began)


def _told(still: Still, half: Path, tally: Tally, began: datetime) -> manifest.Manifest:
    own = Path(settings.DATA) / SETTINGS
    if own.exists():
        shutil.copyfile(own, half / SETTINGS)
    return manifest.Manifest(
        format=manifest.FORMAT,
        made=began.astimezone(UTC).isoformat(timespec="milliseconds"),
        version=manifest.version(),
        engine=still.engine,
        database=manifest.part(half / NAMES[still.engine]),
        files=manifest.part(half / LIST),
        others=[manifest.part(half / SETTINGS)] if own.exists() else [],
        file_count=tally.count,
        file_bytes=tally.bytes,
        lost=tally.lost,
        rows=statements.counts(still, _own_tables()),
        migrations=statements.migrations(still),
        ledger=statements.ledger(still),
        keys=manifest.fingerprints(keyring()),
    )


def _live_files() -> Iterator[tuple[str, int]]:
    """In memory at once: a statement left open while gigabytes are copied would hold the database's log."""
    try:
        rows = list(Blob.objects.values_list("place", "size"))
    except DatabaseError as error:
        raise CopyFailed(f"The database cannot be read: {error}") from error
    return iter(sorted((place, sealed_size(size)) for place, size in rows))


def _are_named(places: list[str]) -> bool:
    some = places[:500]
    return Blob.objects.filter(place__in=some).count() == len(some)


def _own_tables() -> set[str]:
    return {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}


def _place() -> Database:
    """Where the database is, as it is connected now: tests move it."""
    told = connection.settings_dict
    return Database(
        ENGINE=told["ENGINE"],
        NAME=str(told["NAME"]),
        USER=told["USER"],
        PASSWORD=told["PASSWORD"],
        HOST=told["HOST"],
        PORT=str(told["PORT"]),
        OPTIONS=told["OPTIONS"],
    )
