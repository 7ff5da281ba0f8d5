import pytest

from yiwang.kernel.files.models import Attachment, Blob
from yiwang.kernel.files.refusals import RangeNotSatisfiable
from yiwang.kernel.files.served import Span, parse_range, serve


def file(name: str, mime: str) -> Attachment:
    return Attachment(name=name, blob=Blob(mime=mime, size=10, sha256="0" * 64))


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("items=0-1", None),
        ("bytes=0-0", Span(0, 1)),
        ("bytes=2-", Span(2, 10)),
        ("bytes=2-400", Span(2, 10)),
        ("bytes=-3", Span(7, 10)),
        ("bytes=-30", Span(0, 10)),
    ],
)
def test_ranges(header: str, span: Span | None) -> None:
    assert parse_range(header, 10) == span


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=5-4", "bytes=-0", "bytes=99-100"])
def test_ranges_outside(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        parse_range(header, 10)


@pytest.mark.parametrize("mime", ["image/svg+xml", "text/html", "application/zip", "text/plain", "image/tiff"])
def test_what_could_run_is_only_ever_a_download(mime: str) -> None:
    assert serve(file("a", mime), inline=True).disposition == "attachment"


def test_harmless_kinds_may_be_shown() -> None:
    assert serve(file("a.pdf", "application/pdf"), inline=True).disposition == "inline"
    assert serve(file("a.pdf", "application/pdf")).disposition == "attachment"


def test_headers_carry_any_name_and_nothing_else() -> None:
    headers = serve(file('林权证";\r\nX-Evil: 1.pdf', "application/pdf")).headers()
    assert "\r" not in headers["Content-Disposition"]
    assert "\n" not in headers["Content-Disposition"]
    assert headers["Content-Disposition"].isascii()
    assert "%E6%9E%97%E6%9D%83%E8%AF%81" in headers["Content-Disposition"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in serve(file("a.svg", "image/svg+xml")).headers()["Content-Security-Policy"]
    assert serve(file("证.pdf", "application/pdf")).headers()["Content-Disposition"].count('"') == 2
