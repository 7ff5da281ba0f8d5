"""Small real files for the tests of this package."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from functools import cache

from PIL import Image

from yiwang.kernel.files.inspection import Arrival, accept
from yiwang.kernel.files.limits import MIB, Limits
from yiwang.kernel.files.staging import Staged, stage

WORD = "[Content_Types].xml", "word/document.xml"
ELF = b"\x7fELF\x02\x01\x01\x00" + bytes(8) + b"\x02\x00\x3e\x00\x01\x00\x00\x00" + bytes(200)
PHP = b"<?php system($_GET['c']); ?>\n" * 20
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><head><title>x</title></head><body><script>alert(1)</script></body></html>"


@cache
def pdf(pages: int = 1) -> bytes:
    """A PDF with empty pages of A4."""
    images = [Image.new("RGB", (595, 842), (255, 255 - number, 255)) for number in range(pages)]
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=images[1:])
    return out.getvalue()


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), exif: Image.Exif | None = None) -> bytes:
    """A picture, red on the left and blue on the right."""
    image = Image.new("RGB", size, (255, 0, 0))
    image.paste((0, 0, 255), (size[0] // 2, 0, *size))
    out = io.BytesIO()
    if exif is None:
        image.save(out, kind)
    else:
        image.save(out, kind, exif=exif)
    return out.getvalue()


def package(members: Iterable[str] = (), contents: Mapping[str, bytes] | None = None, *, stored: bool = False) -> bytes:
    """A ZIP with empty members by name, and members with content."""
    compression = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as target:
        for name in members:
            target.writestr(name, "<x/>")
        for name, content in (contents or {}).items():
            target.writestr(name, content)
    return out.getvalue()


def staged(data: bytes) -> Staged:
    """Bytes on their way in."""
    return stage([data], Limits(file_bytes=400 * MIB))


def arrival(data: bytes, name: str) -> Arrival:
    """An acceptable file. Raises what `accept` raises."""
    return accept(staged(data), name, Limits())
