import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.files.names import clean_name, ending_of


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("林权证.pdf", "林权证.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\证明.doc", "证明.doc"),
        ("照片\u202egpj.exe", "照片gpj.exe"),
        ("a\x00b\r\n.pdf", "ab.pdf"),
        ("  .hidden.  ", "hidden"),
        ("", "文件"),
        ("..", "文件"),
        ("/", "文件"),
        ("con.pdf", "_con.pdf"),
        ('<a href="x">.pdf', "_a href=_x__.pdf"),
        ("e\u0301.txt", "é.txt"),
    ],
)
def test_names_are_cleaned(raw: str, clean: str) -> None:
    assert clean_name(raw) == clean


def test_a_long_name_keeps_its_ending() -> None:
    name = clean_name("长" * 300 + ".PDF")
    assert len(name.encode()) <= 255
    assert name.endswith("长.pdf")
    assert ending_of(name) == "pdf"


@given(st.text(max_size=400))
def test_no_name_leads_anywhere(raw: str) -> None:
    name = clean_name(raw)
    assert name
    assert len(name.encode()) <= 255
    assert not set(name) & set('/\\<>:"|?*\x00\u202e')
    assert name.strip(". ") == name
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("name", "ending"), [("a.PDF", "pdf"), ("a", ""), (".pdf", ""), ("a.b.zip", "zip"), ("a.", "")]
)
def test_ending(name: str, ending: str) -> None:
    assert ending_of(name) == ending
