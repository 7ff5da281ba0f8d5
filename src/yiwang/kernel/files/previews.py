"""Pictures of pages and photographs, drawn in a confined child process and kept sealed beside the file."""

import json
import os
import secrets
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from yiwang.kernel.files import preview_child
from yiwang.kernel.files.kinds import is_image
from yiwang.kernel.files.models import Blob
from yiwang.kernel.files.refusals import PreviewUnavailable, StoredFileDamaged
from yiwang.kernel.files.services import data_key, open_stream, path_of
from yiwang.kernel.files.staging import check_room, full_disk_refused
from yiwang.kernel.files.vault import ChunkWriter, PlainReader, plain_size

PDF = "application/pdf"
THUMBNAIL = 240
SCREEN = 1200
PRINT = 2000
WIDTHS = (THUMBNAIL, SCREEN, PRINT)
MAX_PAGES = 500
WALL_SECONDS = 40
_AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Preview:
    """One page or picture as PNG or JPEG, and how many pages the file has."""

    image: bytes
    mime: str
    pages: int
    width: int
    height: int


def may_preview(blob: Blob) -> bool:
    """Whether a picture can be made of this kind of file."""
    return blob.mime == PDF or is_image(blob.mime)


def preview(blob: Blob, *, page: int = 1, width: int = SCREEN) -> Preview:
    """A picture of one page, `width` pixels wide (one of WIDTHS), from the cache or drawn now.

    Raises PreviewUnavailable for other kinds, pages that do not exist, damaged files and decompression bombs;
    FileWithheld before the virus scan.
    """
    if not may_preview(blob) or width not in WIDTHS or not 1 <= page <= MAX_PAGES:
        raise PreviewUnavailable()
    path = _cache_path(blob, page, width)
    kept = _read(path, data_key(blob)) if path.exists() else None
    return _parse(blob, page, kept) if kept else _draw_and_keep(blob, path, page, width)


def _cache_path(blob: Blob, page: int, width: int) -> Path:
    sealed = path_of(blob)
    return sealed.with_name(f"{sealed.name}.p{page}w{width}")


def _draw_and_keep(blob: Blob, path: Path, page: int, width: int) -> Preview:
    with open_stream(blob) as stream:
        data = stream.read()
    with _AT_ONCE:
        drawn = draw("pdf" if blob.mime == PDF else "image", data, page, width)
    made = _parse(blob, page, drawn)
    _keep(path, drawn, data_key(blob))
    return made


def draw(kind: str, data: bytes, page: int, width: int) -> bytes:
    """Run the child. Raises PreviewUnavailable when it fails or takes too long."""
    command = [sys.executable, "-I", preview_child.__file__, kind, str(page), str(width)]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=WALL_SECONDS, check=True, env={"LANG": "C.UTF-8"}
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise PreviewUnavailable() from error
    return done.stdout


def _parse(blob: Blob, page: int, drawn: bytes) -> Preview:
    head, _, image = drawn.partition(b"\n")
    try:
        about = json.loads(head)
    except ValueError as error:
        raise PreviewUnavailable() from error
    if page > about["pages"]:
        raise PreviewUnavailable(facts={"pages": about["pages"]})
    mime = "image/png" if blob.mime == PDF else "image/jpeg"
    return Preview(image, mime, about["pages"], about["width"], about["height"])


def _keep(path: Path, drawn: bytes, key: bytes) -> None:
    check_room()
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    with full_disk_refused():
        try:
            with part.open("wb") as file:
                writer = ChunkWriter(file, key)
                writer.write(drawn)
                writer.finish()
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)


def _read(path: Path, key: bytes) -> bytes | None:
    try:
        size = plain_size(path.stat().st_size)
        with PlainReader(path.open("rb"), key, size) as reader:
            return reader.read()
    except (StoredFileDamaged, OSError):
        path.unlink(missing_ok=True)
        return None
