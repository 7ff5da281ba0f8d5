"""Passwords, one-time codes, telephone numbers and session ends: plain values in, a value or a refusal out."""

import base64
import hmac
import re
import struct
from collections.abc import Iterator
from datetime import datetime, timedelta

from yiwang.kernel.base.identifiers import is_credit_code, is_id_card

PERIOD = 30
DIGITS = 6
DRIFT = 1
_PHONE = re.compile(r"1[3-9]\d{9}")
_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("HarmonyOS", "HarmonyOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Kylin", "麒麟"),
    ("UOS", "统信"),
    ("Linux", "Linux"),
)
_CLASSES = (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z0-9]")


def totp(secret: str, counter: int) -> str:
    """The six digits of RFC 6238 (HMAC-SHA-1, 30 s) for one counter; `secret` is base32."""
    digest = hmac.new(base64.b32decode(secret, casefold=True), struct.pack(">Q", counter), "sha1").digest()
    start = digest[-1] & 0x0F
    value = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{value % 10**DIGITS:0{DIGITS}}"


def totp_counter(secret: str, code: str, moment: datetime, after: int = -1) -> int | None:
    """The counter whose code this is, one step of drift either way; None when wrong, or not later than `after`.

    Remembering the counter as the next `after` makes every code good once. Takes the same time for every wrong code.
    """
    here = int(moment.timestamp()) // PERIOD
    wanted = [
        counter
        for counter in range(here - DRIFT, here + DRIFT + 1)
        if hmac.compare_digest(totp(secret, counter).encode(), code.encode()) and counter > after
    ]
    return wanted[0] if wanted else None


def tidy_digits(text: str) -> str:
    """A typed code without blanks, full-width digits made plain; other signs stay and make it wrong."""
    plain = text.translate({ord("０") + n: str(n) for n in range(10)})
    return "".join(plain.split()).replace("-", "")


def is_mobile(text: str) -> bool:
    """Whether `text` is a mainland mobile number."""
    return _PHONE.fullmatch(text) is not None


def password_faults(password: str, length: int, classes: int, personal: tuple[str, ...]) -> Iterator[str]:
    """Names of the rules a password breaks: `short`, `plain` (too few classes), `personal` (holds name or number)."""
    if len(password) < length:
        yield "short"
    if sum(bool(re.search(pattern, password)) for pattern in _CLASSES) < classes:
        yield "plain"
    if any(len(part) >= 4 and part.lower() in password.lower() for part in personal):
        yield "personal"


def session_end(started: datetime, seen: datetime, moment: datetime, idle: timedelta, length: timedelta) -> str:
    """Why a session is over at `moment`: `length`, `idle`, or empty while it is not."""
    if moment - started > length or moment < started - timedelta(minutes=5):
        return "length"
    return "idle" if moment - seen > idle else ""


def fits_kind(kind: str, number: str) -> bool:
    """Whether an identity number can belong to a party of this kind: ID card for people, credit code for the rest."""
    return is_id_card(number) if kind == "person" else is_credit_code(number)


def device_of(agent: str) -> tuple[str, str]:
    """Browser and system out of a User-Agent line, in names people know; empty where unknown."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    return browser, next((name for sign, name in _SYSTEMS if sign in agent), "")
