"""XLSX tables 电子表格: a template to fill in, and what was filled in as texts, read under limits."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from yiwang.kernel.base.refusals import InvalidInput
from yiwang.kernel.files.packages import MIB, PackageLimits, check_package, read_member

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_BYTES, MOST_CELL, MOST_COLUMNS = 2 * MIB, 500, 40
LIMITS = PackageLimits(
    members=200, plain_bytes=32 * MIB, ratio=100, ratio_from=4 * MIB, nested=0, nested_bytes=0, depth=0
)
FAULTS = (
    InvalidFileException,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    SyntaxError,
    EOFError,
)
_DECLARED = (b"<!DOCTYPE", b"<!ENTITY")


def template(titles: Sequence[str], example: Sequence[str]) -> bytes:
    """An empty table with a head and one line to be written over."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("1")
    sheet.append(list(titles))
    sheet.append(list(example))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_rows(content: bytes, most: int) -> list[tuple[int, list[str]]]:
    """Lines of the first sheet that are not empty, as (number, texts); at most `most` and one.

    Raises ArchiveBomb, UnsafeArchive, DamagedFile from the guard of packages; InvalidInput for what is no XLSX, is too
    large, or declares entities.
    """
    if len(content) > MOST_BYTES:
        raise InvalidInput(_("文件超过 %(size)d MB") % {"size": MOST_BYTES // MIB}, field="file")
    _check(content)
    try:
        return _lines(content, most)
    except (zipfile.BadZipFile, *FAULTS) as error:
        raise _unreadable() from error


def _check(content: bytes) -> None:
    names = check_package(io.BytesIO(content), len(content), LIMITS)
    if "xl/workbook.xml" not in names:
        raise _unreadable()
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in names:
            if name.endswith((".xml", ".rels")) and any(
                sign in read_member(package, name, 32 * MIB) for sign in _DECLARED
            ):
                raise _unreadable()


def _unreadable() -> InvalidInput:
    return InvalidInput(
        _("这个文件不是能读的 XLSX 表格"), remedy=_("请用下载的模板填写，另存为 .xlsx 后上传"), field="file"
    )


def _lines(content: bytes, most: int) -> list[tuple[int, list[str]]]:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size is not believed
        return list(_filled(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), most))
    finally:
        book.close()


def _filled(rows: Iterator[Sequence[object]], most: int) -> Iterator[tuple[int, list[str]]]:
    found = 0
    for number, row in enumerate(rows, start=1):
        texts = [_text(value) for value in row]
        if any(texts):
            found += 1
            yield number, texts
        if found > most or number > most * 10:
            return


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()[:MOST_CELL]
