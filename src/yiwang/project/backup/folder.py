"""The folder of backups: a complete set per name, the files of all sets once, a lock, what is half-written aside."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from yiwang.project.backup import manifest
from yiwang.project.backup.refusals import BackupBusy, NoBackup, NotWritable

STORE = "files"
HALF = ".half-"
_NAME = re.compile(r"\d{8}T\d{6}\.\d{3}Z")


@dataclass(frozen=True)
class BackupFolder:
    """A folder of backups 备份目录. A set is complete when it has its final name; nothing else is taken for one."""

    path: Path

    @property
    def store(self) -> Path:
        """Where the files of all sets lie, by their places."""
        return self.path / STORE

    def sets(self) -> list[Path]:
        """Complete sets, oldest first."""
        found = self.path.iterdir() if self.path.is_dir() else iter(())
        return sorted(one for one in found if _NAME.fullmatch(one.name) and (one / manifest.FILE).is_file())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the folder, mode 0700, and hold it alone. Raises BackupBusy, NotWritable."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.store.mkdir(mode=0o700, exist_ok=True)
            (self.path / "lock").touch(mode=0o600)
        except OSError as error:
            raise NotWritable(f"{self.path} cannot be written: {error.strerror}.") from error
        with open(self.path / "lock", "w", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise BackupBusy(f"Another backup is being made in {self.path}.") from error
            yield

    @contextmanager
    def half(self, moment: datetime) -> Iterator[Path]:
        """A set to be filled under a name that does not count; taken away again when the block fails."""
        for left in self.path.glob(f"{HALF}*"):
            shutil.rmtree(left)
        folder = self.path / f"{HALF}{moment.astimezone(UTC):%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03}Z"
        folder.mkdir(mode=0o700)
        try:
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def complete(self, half: Path) -> Path:
        """Bring everything to the disk, then give the set its name."""
        for path in half.iterdir():
            _sync(path)
        _sync(half)
        os.sync()  # the files in the store, which were not brought to the disk one by one
        final = self.path / half.name.removeprefix(HALF)
        half.rename(final)
        _sync(self.path)
        return final


def newest(place: Path) -> Path:
    """The set meant by a path: itself, or the newest one in it. Raises NoBackup."""
    if (place / manifest.FILE).is_file() and not place.name.startswith(HALF):
        return place
    sets = BackupFolder(place).sets()
    if not sets:
        raise NoBackup(f"There is no complete backup in {place}.")
    return sets[-1]


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
