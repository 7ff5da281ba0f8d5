"""Reading finished documents back."""

import io

import pikepdf
import pypdfium2
import zxingcpp
from PIL import Image


def text_of_pdf(pdf: bytes) -> str:
    """All text, without line ends."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [document[number].get_textpage().get_text_bounded() for number in range(len(document))]
    return "".join("".join(pages).replace("\u200b", "").split())


def picture_of(pdf: bytes, page: int = 0, scale: float = 2.0) -> Image.Image:
    """A page as people see it."""
    document = pypdfium2.PdfDocument(pdf)
    drawn: Image.Image = document[page].render(scale=scale).to_pil().convert("RGB")
    return drawn


def colour_at(image: Image.Image, x: int, y: int) -> tuple[int, int, int]:
    """Red, green and blue of one point."""
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return (found[0], found[1], found[2])


def codes_of(pdf: bytes) -> list[str]:
    """Contents of the QR codes on the first page."""
    return [found.text for found in zxingcpp.read_barcodes(picture_of(pdf))]


def conformance_of(pdf: bytes) -> tuple[str, str]:
    """Part and level of PDF/A that the file claims."""
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_metadata() as metadata:
        return str(metadata["pdfaid:part"]), str(metadata["pdfaid:conformance"])


def fonts_of(pdf: bytes) -> list[tuple[str, bool]]:
    """Names of fonts and whether each is embedded."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found = [item for item in document.objects if isinstance(item, pikepdf.Dictionary)]
        described = [item for item in found if item.get("/Type") == "/FontDescriptor"]
        return [(str(item.FontName), "/FontFile3" in item or "/FontFile2" in item) for item in described]


def outside_of(pdf: bytes) -> list[str]:
    """Actions, scripts and addresses in the file that reach out of it."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        keys = [str(key) for item in document.objects if isinstance(item, pikepdf.Dictionary) for key in item]
    return [key for key in keys if key in ("/JavaScript", "/JS", "/Launch", "/URI", "/EmbeddedFiles", "/AA")]
