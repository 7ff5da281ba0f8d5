"""The way in: bytes are counted, hashed and sealed in one pass into a temporary file outside of any transaction."""

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from yiwang.kernel.files.limits import Limits, readable, reserve_bytes
from yiwang.kernel.files.refusals import EmptyFile, FileTooLarge, StorageFull
from yiwang.kernel.files.sniffing import HEAD
from yiwang.kernel.files.vault import KEY_BYTES, ChunkWriter, PlainReader

PIECE = 256 * 1024
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def root() -> Path:
    """Folder of the store."""
    return Path(settings.FILES_ROOT)


def staging_folder() -> Path:
    """Folder of files on their way in; the sweep empties it after a day."""
    return root() / "staging"


@contextmanager
def full_disk_refused() -> Iterator[None]:
    """Turn "no room" of the operating system into a refusal; other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StorageFull() from error
        raise


@dataclass(frozen=True)
class Staged:
    """A sealed file that nobody refers to yet: settled by the step `store`, or thrown away."""

    path: Path
    key: bytes
    sha256: str
    size: int
    head: bytes

    def open(self) -> PlainReader:
        """The plain text."""
        return PlainReader(self.path.open("rb"), self.key, self.size)

    def discard(self) -> None:
        """Throw the file away; nothing happens when it was settled."""
        self.path.unlink(missing_ok=True)


class Intake:
    """Takes the bytes of one file as they come. Raises FileTooLarge or StorageFull, and then has left nothing."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._hash = hashlib.sha256()
        self._key = os.urandom(KEY_BYTES)
        self._head = b""
        check_room()
        with full_disk_refused():
            self._path = _new_file()
            self._file = self._path.open("wb")
            self._writer = ChunkWriter(self._file, self._key)

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        if self._writer.total + len(data) > self._max:
            self.abort()
            raise FileTooLarge(rule=readable(self._max), facts={"limit": self._max})
        self._hash.update(data)
        self._head += data[: HEAD - len(self._head)]
        with self._nothing_left(), full_disk_refused():
            self._writer.write(data)

    def finish(self) -> Staged:
        """Seal the end and bring it to the disk. Raises EmptyFile."""
        if not self._writer.total:
            self.abort()
            raise EmptyFile()
        with self._nothing_left(), full_disk_refused():
            size = self._writer.finish()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        return Staged(self._path, self._key, self._hash.hexdigest(), size, self._head)

    def abort(self) -> None:
        """Forget the file."""
        self._path.unlink(missing_ok=True)
        with full_disk_refused_silently():
            self._file.close()

    @contextmanager
    def _nothing_left(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.abort()
            raise


@contextmanager
def full_disk_refused_silently() -> Iterator[None]:
    """Let a close pass whose last flush finds no room: the file is gone already."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise


def check_room() -> None:
    """Raise StorageFull while the disk has less room than must be left to the database."""
    root().mkdir(parents=True, exist_ok=True, mode=0o700)
    if shutil.disk_usage(root()).free < reserve_bytes():
        raise StorageFull()


def stage(pieces: Iterable[bytes], limits: Limits) -> Staged:
    """Seal a whole stream of bytes. Raises EmptyFile, FileTooLarge, StorageFull; then nothing is left."""
    intake = Intake(limits.largest)
    try:
        for piece in pieces:
            intake.write(piece)
    except BaseException:
        intake.abort()
        raise
    return intake.finish()


def _new_file() -> Path:
    folder = staging_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / secrets.token_hex(16)
    path.touch(mode=0o600, exist_ok=False)
    return path
