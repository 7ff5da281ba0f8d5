"""Numbers that check themselves and codes that cannot be guessed."""

import secrets
from datetime import date

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
MOD36_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LICENCE_ROOT = "1.2.156.3005.2"


def is_id_card(text: str) -> bool:
    """Whether `text` is a well-formed citizen number 公民身份号码 (GB 11643-1999: birth date and check digit)."""
    if len(text) != 18 or not text[:17].isascii() or not text[:17].isdigit():
        return False
    return _is_past_day(text[6:14]) and ID_CHECKS[_weighted(text) % 11] == text[17]


def _weighted(text: str) -> int:
    return sum(int(digit) * weight for digit, weight in zip(text, ID_WEIGHTS, strict=False))


def _is_past_day(text: str) -> bool:
    try:
        return date(1850, 1, 1) <= date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False


def is_credit_code(text: str) -> bool:
    """Whether `text` is a well-formed unified social credit code 统一社会信用代码 (GB 32100-2015)."""
    if len(text) != 18 or any(sign not in CREDIT_ALPHABET for sign in text):
        return False
    total = sum(CREDIT_ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(text[:17]))
    return CREDIT_ALPHABET[(31 - total % 31) % 31] == text[17]


def licence_check(*parts: str) -> str:
    """Check character of an electronic licence number 电子证照标识: ISO 7064 MOD 37,36 over the joined parts.

    Raises ValueError when a part holds anything but digits and capital letters.
    """
    product = 36
    for sign in "".join(parts):
        total = (product + MOD36_ALPHABET.index(sign)) % 36 or 36
        product = total * 2 % 37
    return MOD36_ALPHABET[(37 - product) % 36]


def licence_identifier(kind: str, issuer: str, serial: str, version: str) -> str:
    """Whole electronic licence number: root, kind (credit code + 3), issuer credit code, serial, version, check."""
    parts = (kind, issuer, serial, version)
    return ".".join((LICENCE_ROOT, *parts, licence_check(*parts)))


def random_code(bits: int = 60) -> str:
    """A code people can read out (no 0 O 1 I L U), with at least `bits` random bits."""
    length = next(n for n in range(1, 100) if len(CODE_ALPHABET) ** n >= 1 << bits)
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))


def tidy_code(text: str) -> str:
    """A typed code as stored: capitals, no blanks or dashes."""
    return "".join(sign for sign in text.upper() if sign.isascii() and sign.isalnum())
