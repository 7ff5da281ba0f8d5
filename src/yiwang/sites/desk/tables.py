"""A table to take along as CSV or XLSX, safe to open in a spreadsheet."""

import csv
import io

from django.http import HttpResponse

from yiwang.kernel.base.moments import today
from yiwang.sites.desk.sheets import MIME, workbook

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table_file(name: str, title: str, table: list[list[str]], *, is_sheet: bool) -> HttpResponse:
    """The table as a download `name-day.csv` or `.xlsx`; cells that look like formulas become texts."""
    harmless = [[_harmless(text) for text in row] for row in table]
    if is_sheet:
        return _file(name, workbook(title, harmless), MIME, "xlsx")
    return _file(name, _csv(harmless), "text/csv; charset=utf-8", "csv")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _csv(table: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(table)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _file(name: str, content: bytes, mime: str, ending: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}-{today():%Y%m%d}.{ending}"'}
    return HttpResponse(content, content_type=mime, headers=headers)
