"""Draws one page or picture; run as a process of its own, since it reads what strangers sent.

Reads the file from standard input, writes one line of JSON and then the picture to standard output. It may use little
memory and time, open hardly any file, make no process, and where the system allows it has no network.
Arguments: kind (`pdf` or `image`), page from 1, width in pixels. Knows nothing of Yiwang.
"""

import ctypes
import io
import json
import resource
import sys

import pypdfium2
from PIL import Image, ImageOps

MEMORY = 1 << 30
SECONDS = 20
OPEN_FILES = 32
MAX_PIXELS = 80_000_000
NEW_USER_AND_NETWORK = 0x10000000 | 0x40000000


def confine() -> None:
    """Give up what drawing does not need."""
    ctypes.CDLL(None).unshare(NEW_USER_AND_NETWORK)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2


def draw_pdf(data: bytes, page: int, width: int) -> tuple[Image.Image, int]:
    """A page on white, and how many pages there are."""
    document = pypdfium2.PdfDocument(data)
    pages = len(document)
    sheet = document[min(max(page, 1), pages) - 1]
    scale = min(width / sheet.get_width(), 4 * width / sheet.get_height())
    return sheet.render(scale=scale).to_pil().convert("RGB"), pages


def draw_image(data: bytes, width: int) -> Image.Image:
    """The picture upright, without what the camera wrote into it (place, device)."""
    picture = Image.open(io.BytesIO(data))
    picture.draft("RGB", (width, width * 4))
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((width, width * 4))
    clear = upright.convert("RGBA")
    white = Image.new("RGB", clear.size, "white")
    white.paste(clear, mask=clear.getchannel("A"))
    return white


def main() -> None:
    """Draw, or fail with a status other than 0."""
    kind, page, width = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    confine()
    data = sys.stdin.buffer.read()
    picture, pages = draw_pdf(data, page, width) if kind == "pdf" else (draw_image(data, width), 1)
    out = io.BytesIO()
    picture.save(out, "PNG" if kind == "pdf" else "JPEG", optimize=kind == "pdf", quality=82)
    about = {"pages": pages, "width": picture.width, "height": picture.height}
    sys.stdout.buffer.write(json.dumps(about).encode() + b"\n" + out.getvalue())


if __name__ == "__main__":
    main()
