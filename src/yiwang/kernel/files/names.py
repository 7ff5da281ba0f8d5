"""Names of files as they may be stored, shown and sent back."""

import re
import unicodedata

MAX_BYTES = 255
NAMELESS = "文件"
_HIDDEN = frozenset("\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u2060\ufeff") | frozenset(
    chr(code) for span in ((0x202A, 0x202F), (0x2066, 0x206A)) for code in range(*span)
)
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def clean_name(raw: str) -> str:
    """A name without folders, control and direction-changing signs, at most 255 bytes of UTF-8, never empty.

    The ending is kept when the name is shortened.
    """
    last = unicodedata.normalize("NFC", raw).replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(sign for sign in last if sign not in _HIDDEN and unicodedata.category(sign) not in ("Cc", "Cs"))
    tidy = _FORBIDDEN.sub("_", " ".join(visible.split())).strip(" .")
    if not tidy:
        return NAMELESS
    return _shortened("_" + tidy if _RESERVED.match(tidy) else tidy)


def ending_of(name: str) -> str:
    """The ending in lower case without its dot; empty when there is none."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem else ""


def _shortened(name: str) -> str:
    if len(name.encode()) <= MAX_BYTES:
        return name
    ending = ending_of(name)
    tail = f".{ending}" if ending and len(ending.encode()) <= 16 else ""
    room = MAX_BYTES - len(tail.encode())
    return name.encode()[:room].decode(errors="ignore").rstrip(" .") + tail
