"""Pieces of files that are coming in: kept sealed as they came until the file is whole, so that a transfer goes on."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from yiwang.kernel.dispatch.limits import PIECE, pieces_of
from yiwang.kernel.dispatch.parcels import ListedFile
from yiwang.kernel.dispatch.refusals import PieceRefused
from yiwang.kernel.dispatch.wire import Piece, open_piece
from yiwang.kernel.files.staging import check_room, full_disk_refused, root

TAG = 16


def folder_of(envelope: str) -> Path:
    """Where the pieces of an envelope lie."""
    return root() / "arriving" / envelope


def keep(piece: Piece, file: ListedFile) -> None:
    """Write a piece, once it opens, by rename. Raises PieceRefused, StorageFull."""
    if piece.number >= pieces_of(file.size):
        raise PieceRefused()
    if len(open_piece(piece.box, file.key, piece.number)) != _length(file, piece.number):
        raise PieceRefused()
    path = _path(str(piece.envelope), file, piece.number)
    check_room()
    with full_disk_refused():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}")
        with draft.open("wb") as target:
            target.write(piece.box)
            target.flush()
            os.fsync(target.fileno())
        os.replace(draft, path)


def missing(envelope: str, file: ListedFile) -> tuple[int, ...]:
    """Numbers of the pieces that are not here yet."""
    numbers = range(pieces_of(file.size))
    return tuple(n for n in numbers if not _is_whole(_path(envelope, file, n), _length(file, n) + TAG))


def plain(envelope: str, file: ListedFile) -> Iterator[bytes]:
    """The plain text, piece by piece. Raises PieceRefused where one does not open."""
    for number in range(pieces_of(file.size)):
        yield open_piece(_path(envelope, file, number).read_bytes(), file.key, number)


def forget(envelope: str) -> None:
    """Throw the pieces of an envelope away."""
    shutil.rmtree(folder_of(envelope), ignore_errors=True)


def _path(envelope: str, file: ListedFile, number: int) -> Path:
    return folder_of(envelope) / file.sha256 / str(number)


def _is_whole(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _length(file: ListedFile, number: int) -> int:
    return min(PIECE, file.size - number * PIECE)
