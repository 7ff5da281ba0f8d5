"""Typed text made regular: blanks, widths, characters that nobody meant to type."""

import re
import unicodedata

LONGEST = 10_000
INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
WIDE = {ord("　"): " ", 0xA0: " ", **{code: chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A),)}}
LETTERS = {code: chr(code - 0xFEE0) for code in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
SIGNS = {
    ord("．"): ".",
    ord("。"): ".",
    ord("，"): ",",
    ord("－"): "-",
    ord("—"): "-",
    ord("–"): "-",
    0x2212: "-",
    ord("＋"): "+",
    ord("／"): "/",
}
FORBIDDEN = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def tidy(text: str) -> str:
    """One line: trimmed, NFC, full-width digits, letters and blanks made half-width, invisible signs dropped."""
    return _plain(text.replace("\t", " ")).strip()


def tidy_lines(text: str) -> str:
    """Several lines: as `tidy`, line ends made LF, blanks at line ends and empty lines around dropped."""
    lines = _plain(text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n").strip()


def tidy_number(text: str) -> str:
    """For numbers, dates and codes: as `tidy`, full-width signs made half-width, inner blanks dropped."""
    return tidy(text).translate(SIGNS).replace(" ", "")


def is_clean(text: str, *, lines: bool = False) -> bool:
    """No control character, lone surrogate, private-use sign, emoji (no paper can print it) or direction override;
    LF and tab only with `lines`."""
    allowed = "\n\t" if lines else ""
    return all(sign in allowed or not _is_forbidden(sign) for sign in text)


def printable(text: str) -> str:
    """What may stand in a page: forbidden characters dropped, nothing else changed."""
    return "".join(sign for sign in text if sign in "\n\r\t" or not _is_forbidden(sign))


def _is_forbidden(sign: str) -> bool:
    return sign in DIRECTIONS or unicodedata.category(sign) in FORBIDDEN or 0x1F000 <= ord(sign) < 0x20000


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", INVISIBLE.sub("", text).translate(WIDE).translate(LETTERS))
