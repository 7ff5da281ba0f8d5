from pathlib import Path

import pytest
from pytest_django import Settings

from yiwang.kernel.files.inspection import accept
from yiwang.kernel.files.limits import Limits
from yiwang.kernel.files.refusals import FileRefused, FileTooLarge, TypeNotAllowed, WrongContent
from yiwang.kernel.files.staging import staging_folder
from yiwang.kernel.files.tests.samples import ELF, HTML, PHP, SVG, WORD, arrival, package, pdf, picture, staged


def left_in_staging() -> list[Path]:
    return list(staging_folder().glob("*"))


@pytest.mark.parametrize(
    ("name", "data", "mime"),
    [
        ("a.pdf", pdf(), "application/pdf"),
        ("a.JPG", picture(), "image/jpeg"),
        ("a.png", picture("PNG"), "image/png"),
        ("a.gif", picture("GIF"), "image/gif"),
        ("a.bmp", picture("BMP"), "image/bmp"),
        ("a.webp", picture("WEBP"), "image/webp"),
        ("a.tif", picture("TIFF"), "image/tiff"),
        ("a.ofd", package(["OFD.xml", "Doc_0/Document.xml"]), "application/ofd"),
        ("a.zip", package(["shape.shp"]), "application/zip"),
        ("a.txt", "四至：东至山脊".encode(), "text/plain"),
        ("a.txt", "四至：东至山脊，南至公路，西至小河".encode("gb18030"), "text/plain"),
        ("a.csv", "树种,蓄积\n杉木,12.5\n".encode(), "text/csv"),
        ("a.docx", package(WORD), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (
            "a.xlsx",
            package(["[Content_Types].xml", "xl/workbook.xml"]),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
)
def test_right_files_pass(name: str, data: bytes, mime: str) -> None:
    taken = arrival(data, name)
    assert taken.mime == mime
    assert taken.staged.open().read() == data


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.pdf", ELF, "Linux 程序"),
        ("a.jpg", PHP, "PHP 程序"),
        ("a.pdf", picture(), "JPEG 图片"),
        ("a.png", SVG, "SVG 图形"),
        ("a.pdf", HTML, "网页"),
        ("a.txt", HTML, "网页"),
        ("a.txt", PHP, "PHP 程序"),
        ("a.docx", package(["xl/workbook.xml"]), "Excel 表格"),
        ("a.ofd", package(["Document.xml"]), "ZIP 压缩包"),
        ("a.jpg", package(["a.txt"]), "ZIP 压缩包"),
        ("a.pdf", b"MZ" + bytes(58) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0" + bytes(300), "Windows 程序"),
        ("a.doc", b"\x00\x01\x02\x03" * 50, ""),
    ],
)
def test_a_wrong_type_behind_a_right_name_is_called_by_its_name(name: str, data: bytes, said: str) -> None:
    with pytest.raises(WrongContent) as refusal:
        arrival(data, name)
    assert said in str(refusal.value.message)
    assert not left_in_staging()


@pytest.mark.parametrize(
    "name", ["a.exe", "a.svg", "a.html", "a.pdf.exe", "noending", "a.php", "a.pdf\x00.exe", "a.docm"]
)
def test_endings_that_are_not_taken(name: str) -> None:
    with pytest.raises(TypeNotAllowed):
        arrival(pdf(), name)
    assert not left_in_staging()


def test_a_material_may_take_fewer_endings_but_never_more(settings: Settings) -> None:
    with pytest.raises(TypeNotAllowed):
        accept(staged(pdf()), "a.pdf", Limits(endings=frozenset({"jpg"})))
    with pytest.raises(TypeNotAllowed):
        accept(staged(SVG), "a.svg", Limits(endings=frozenset({"svg"})))
    settings.FILES_ENDINGS = ["svg", "pdf"]
    assert accept(staged(SVG), "a.svg", Limits()).mime == "image/svg+xml"


def test_pictures_have_a_limit_of_their_own() -> None:
    limits = Limits(file_bytes=100, image_bytes=100_000)
    assert accept(staged(picture()), "a.jpg", limits).name == "a.jpg"
    with pytest.raises(FileTooLarge):
        accept(staged(pdf()), "a.pdf", limits)


def test_every_refusal_of_a_file_says_what_to_do() -> None:
    for kind in FileRefused.__subclasses__():
        assert str(kind().message)
        assert kind().status in (400, 413)
