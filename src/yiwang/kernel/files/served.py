"""A file on its way out, as plain values: a site turns it into a response."""

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from yiwang.kernel.files.kinds import is_inline
from yiwang.kernel.files.models import Attachment, Blob
from yiwang.kernel.files.names import ending_of
from yiwang.kernel.files.refusals import RangeNotSatisfiable
from yiwang.kernel.files.services import open_stream

PIECE = 256 * 1024
PDF = "application/pdf"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
VIEWER_POLICY = "frame-ancestors 'self'"  # browsers' own PDF viewers do not start inside a sandbox
_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


@dataclass(frozen=True)
class Span:
    """Part of a file: first byte, and the byte after the last."""

    start: int
    stop: int


@dataclass(frozen=True)
class Served:
    """What a response needs. `disposition` is `inline` only for kinds that do no harm in a browser."""

    name: str
    mime: str
    size: int
    disposition: str
    etag: str
    blob: Blob

    def headers(self) -> dict[str, str]:
        """Headers that belong to the file, whatever part is sent; scripts inside it never run."""
        return {
            "Content-Type": self.mime,
            "Content-Disposition": f"{self.disposition}; filename=\"{_ascii(self.name)}\"; filename*=UTF-8''"
            + quote(self.name, safe=""),
            "Content-Security-Policy": VIEWER_POLICY if self.mime == PDF else POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-cache",
            "Accept-Ranges": "bytes",
            "ETag": self.etag,
        }

    def pieces(self, span: Span | None = None) -> Iterator[bytes]:
        """The bytes of `span`, or all. Raises FileWithheld or StoredFileDamaged before the first piece."""
        part = span or Span(0, self.size)
        stream = open_stream(self.blob)
        stream.seek(part.start)
        return _pieces(stream, part.stop - part.start)


def _pieces(stream: io.BufferedReader, left: int) -> Iterator[bytes]:
    with stream:
        while left > 0 and (piece := stream.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


def serve(file: Attachment, *, inline: bool = False) -> Served:
    """A file for a response; `inline` is a wish, SVG, HTML and office files stay downloads."""
    blob = file.blob
    shown = inline and is_inline(blob.mime)
    tag = hashlib.sha256(f"{blob.pk}:{blob.sha256}".encode()).hexdigest()[:32]
    return Served(file.name, blob.mime, blob.size, "inline" if shown else "attachment", f'"{tag}"', blob)


def parse_range(header: str, size: int) -> Span | None:
    """The part a `Range` header asks for, or None when the whole file is to be sent (no, several or odd ranges).

    Raises RangeNotSatisfiable when the part lies outside of the file.
    """
    match = _RANGE.match(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    if start >= stop:
        raise RangeNotSatisfiable(facts={"size": size})
    return Span(start, stop)


def _ascii(name: str) -> str:
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_.") else "_" for sign in name)
    return plain if plain.strip("_.") else f"file.{ending_of(plain)}".rstrip(".")
