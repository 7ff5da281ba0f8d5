import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from yiwang.kernel.files import preview_child, previews
from yiwang.kernel.files.models import Blob
from yiwang.kernel.files.previews import SCREEN, THUMBNAIL, may_preview, preview
from yiwang.kernel.files.refusals import PreviewUnavailable
from yiwang.kernel.files.services import store
from yiwang.kernel.files.tests.samples import pdf, picture, staged

pytestmark = pytest.mark.django_db

GPS, ORIENTATION = 0x8825, 0x0112
ROTATED = 6


def blob(data: bytes, mime: str) -> Blob:
    return store(staged(data), unit=5, mime=mime)


def image(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=True))


def test_a_page_is_drawn_once_and_kept_sealed(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = blob(pdf(3), "application/pdf")
    first = preview(paper, page=2, width=THUMBNAIL)
    assert (first.mime, first.pages, first.width) == ("image/png", 3, THUMBNAIL)
    assert near(image(first.image).convert("RGB").getpixel((100, 100)), (255, 254, 255))
    monkeypatch.setattr(previews, "draw", None)
    assert preview(paper, page=2, width=THUMBNAIL) == first
    assert all(first.image[:30] not in path.read_bytes() for path in store.rglob("*") if path.is_file())


def test_a_spoilt_preview_is_drawn_again(store: Path) -> None:
    paper = blob(pdf(), "application/pdf")
    first = preview(paper, width=THUMBNAIL)
    (path,) = store.rglob("*.p1w240")
    path.write_bytes(path.read_bytes()[:-1])
    assert preview(paper, width=THUMBNAIL).image == first.image


def test_a_photograph_stands_upright_and_forgets_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = ROTATED
    exif[GPS] = {1: "N", 2: (28.0, 41.0, 9.0)}
    exif[0x010F] = "Camera"
    photo = picture(size=(400, 200), exif=exif)
    assert image(photo).getexif().get_ifd(GPS)
    shown = preview(blob(photo, "image/jpeg"), width=SCREEN)
    assert (shown.width, shown.height) == (200, 400)
    drawn = image(shown.image)
    assert not drawn.getexif()
    assert b"Camera" not in shown.image
    assert near(drawn.getpixel((100, 20)), (255, 0, 0))
    assert near(drawn.getpixel((100, 380)), (0, 0, 255))


def test_transparent_pictures_stand_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")
    shown = preview(blob(out.getvalue(), "image/png"), width=THUMBNAIL)
    assert near(image(shown.image).getpixel((10, 10)), (255, 255, 255))


def test_a_decompression_bomb_is_refused(store: Path) -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert len(out.getvalue()) < 200_000
    bomb = blob(out.getvalue(), "image/png")
    with pytest.raises(PreviewUnavailable):
        preview(bomb)
    assert len([path for path in store.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (b"%PDF-1.7 and nothing else", "application/pdf"),
        (pdf()[:300], "application/pdf"),
        (picture()[:60], "image/jpeg"),
        (b"plain", "text/plain"),
        (b"<svg/>", "image/svg+xml"),
    ],
)
def test_what_cannot_be_drawn(data: bytes, mime: str) -> None:
    kept = blob(data, mime)
    assert may_preview(kept) == mime.startswith(("image/jpeg", "application/pdf"))
    with pytest.raises(PreviewUnavailable):
        preview(kept)


@pytest.mark.parametrize("asked", [{"page": 0}, {"page": 4}, {"page": 501}, {"width": 777}])
def test_pages_and_widths_that_do_not_exist(asked: dict[str, int]) -> None:
    with pytest.raises(PreviewUnavailable):
        preview(blob(pdf(3), "application/pdf"), **asked)


@pytest.mark.parametrize(
    "deed",
    [
        "open(sys.argv[1] + '.out', 'w', buffering=1).write('x' * 9000)",
        "bytes(2 << 30)",
        "[open('/dev/null') for n in range(99)]",
    ],
)
def test_the_child_is_confined(deed: str, tmp_path: Path) -> None:
    """What the child might be talked into: writing files, taking memory, opening many files."""
    source = Path(preview_child.__file__).read_text("utf-8")
    evil = tmp_path / "evil.py"
    evil.write_text(source.replace("    data = sys.stdin", f"    {deed}\n    data = sys.stdin"), "utf-8")
    done = subprocess.run(
        [sys.executable, str(evil), "pdf", "1", "240"], input=pdf(), capture_output=True, check=False, cwd=tmp_path
    )
    assert done.returncode != 0
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) == evil.stat().st_size


def test_a_child_that_says_nothing_sensible_is_a_refusal(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "draw", lambda *_args: b"")
    with pytest.raises(PreviewUnavailable):
        preview(blob(pdf(), "application/pdf"))
    assert len([path for path in store.rglob("*") if path.is_file()]) == 1
