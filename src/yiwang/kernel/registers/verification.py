"""Codes and tags by which anybody can check an entry 验证码、二维码校验值, without the table giving them away."""

import hmac
from base64 import b32encode

from yiwang.kernel.base.identifiers import tidy_code
from yiwang.kernel.crypto.keyring import KeyringError, keyring
from yiwang.kernel.registers.models import Entry

CODE_BITS = 60
TAG_BYTES = 8
_CODE, _TAG = "registers.code", "registers.tag"


def code_hash(number: str, code: str) -> str:
    """What is kept of a code: key id and keyed hash over number and code."""
    ring = keyring()
    return f"{ring.current}:{_hash(number, code, ring.current)}"


def fits_code(entry: Entry | None, code: str) -> bool:
    """Whether the code belongs to the entry; takes as long when there is no entry."""
    key_id, _, kept = (entry.code_hash if entry else f"{keyring().current}:").partition(":")
    found = _hash(entry.number if entry else "", code, key_id)
    return hmac.compare_digest(found, kept) and entry is not None


def verification_tag(entry: Entry) -> str:
    """What the QR code carries besides the number: `key id.tag`, 64 bits that only this node can make."""
    key_id = keyring().current
    return f"{key_id}.{_tag(entry.register_id, entry.number, key_id)}"


def check_tag(entry: Entry | None, tag: str) -> bool:
    """Whether a tag from a QR code was made by this node for this entry; takes as long when there is no entry."""
    key_id, _, given = tag.strip().partition(".")
    names = (entry.register_id, entry.number) if entry else ("", "")
    try:
        right = _tag(*names, key_id)
    except KeyringError:
        return False
    return hmac.compare_digest(right.encode(), given.upper().encode()) and entry is not None


def _hash(number: str, code: str, key_id: str) -> str:
    return keyring().tag(_CODE, f"{number}|{tidy_code(code)}".encode(), key_id).hex()


def _tag(register: str, number: str, key_id: str) -> str:
    digest = keyring().tag(_TAG, f"{register}|{number}".encode(), key_id)
    return b32encode(digest[:TAG_BYTES]).decode().rstrip("=")
