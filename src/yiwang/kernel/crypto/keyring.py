"""The key ring 密钥环: every secret of a node in one file that lies outside the backup of its data."""

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE = 12


class KeyringError(Exception):
    """The key ring is missing, damaged, or not the one that sealed this."""


@dataclass(frozen=True)
class Keyring:
    """Keys by id; the current one seals and signs, every one unseals and verifies."""

    current: str
    secrets: dict[str, bytes]

    def tag(self, purpose: str, data: bytes, key_id: str = "") -> bytes:
        """HMAC-SHA-256 of `data` under a key derived for `purpose`."""
        return hmac.new(self.derived(purpose, key_id), data, hashlib.sha256).digest()

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """AES-256-GCM; the result names its key and cannot be moved to another `context`."""
        nonce = os.urandom(NONCE)
        box = AESGCM(self.derived("seal")).encrypt(nonce, plain, context)
        return self.current.encode() + b"." + nonce + box

    def unseal(self, box: bytes, context: bytes) -> bytes:
        """Inverse of `seal`. Raises KeyringError when the key is unknown or the box was altered."""
        key_id, _, rest = box.partition(b".")
        try:
            return AESGCM(self.derived("seal", key_id.decode("ascii"))).decrypt(rest[:NONCE], rest[NONCE:], context)
        except (InvalidTag, ValueError) as error:
            raise KeyringError("sealed data does not open with this key ring") from error

    def sign(self, data: bytes) -> bytes:
        """Ed25519 signature by the current key."""
        return self._signer(self.current).sign(data)

    def verify(self, data: bytes, signature: bytes, key_id: str) -> bool:
        """Whether `signature` over `data` was made by key `key_id` of this ring."""
        try:
            self._signer(key_id).public_key().verify(signature, data)
        except (InvalidSignature, KeyringError):
            return False
        return True

    def derived(self, purpose: str, key_id: str = "") -> bytes:
        """A 256-bit key for one purpose. Raises KeyringError for an unknown key id."""
        return _derived(self._secret(key_id or self.current), purpose)

    def _secret(self, key_id: str) -> bytes:
        try:
            return self.secrets[key_id]
        except KeyError:
            raise KeyringError(f"key {key_id!r} is not in this key ring") from None

    def _signer(self, key_id: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(_derived(self._secret(key_id), "sign"))


@cache
def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, purpose.encode()).derive(secret)


def make_keyring(path: Path) -> None:
    """Write a new ring at `path`, readable by its owner only; an existing one is left alone."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = base64.b64encode(secrets.token_bytes(32)).decode()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"current": "k1", "keys": {"k1": secret}}, file)


@cache
def _read(path: Path, stamp: int) -> Keyring:
    try:
        data = json.loads(path.read_text("utf-8"))
        return Keyring(data["current"], {name: base64.b64decode(key) for name, key in data["keys"].items()})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KeyringError(f"key ring {path.name} cannot be read") from error


def read_keyring(path: Path) -> Keyring:
    """The ring in a file. Raises KeyringError when it is missing or damaged."""
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise KeyringError(f"key ring {path.name} is missing; restore it before starting the node") from error


def keyring() -> Keyring:
    """The ring of this node. Raises KeyringError when it is missing or damaged."""
    return read_keyring(Path(settings.KEYRING))
