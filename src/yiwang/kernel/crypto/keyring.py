"""The key ring 密钥环: every secret of a node in one file that lies outside the backup of its data."""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from django.conf import settings

from yiwang.kernel.crypto.suites import INTERNATIONAL, SUITES, Aead, Suite, suite_marked, suite_named

NONCE = 12
DERIVED = 32
MARK = "~"


class KeyringError(Exception):
    """The key ring is missing, damaged, or not the one that sealed this."""


class KeyUnknown(KeyringError):
    """The key that an envelope names is not in this ring."""


class SuiteUnknown(KeyringError):
    """An envelope or the setting names algorithms that this version does not know."""


class BoxAltered(KeyringError):
    """The box was changed, cut, moved to another context, or sealed by another key of the same name."""


@dataclass(frozen=True)
class Keyring:
    """Keys by id; the current one seals and signs, every one unseals and verifies.

    A key is named by a *reference*: its id alone for the international suite, `id~gm` for the national one. `current`
    is the reference of what is made now; whatever keeps it with a tag, box or signature has named the algorithms too.
    `index` is the reference of tags that tables are searched by: it must never change while there are such tables.
    """

    current: str
    secrets: dict[str, bytes]
    index: str = ""

    def tag(self, purpose: str, data: bytes, key_id: str = "") -> bytes:
        """Keyed hash of `data` under a key derived for `purpose`, 32 bytes.

        Without `key_id` always under the key `index`, so that equal data are found again after keys or suite changed.
        Raises KeyUnknown, SuiteUnknown.
        """
        reference = key_id or self.index or self.current
        return suite_of(reference).tag(self.derived(purpose, reference), data)

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Encrypt; the result names its key and suite and cannot be moved to another `context`."""
        nonce = os.urandom(NONCE)
        return self.current.encode() + b"." + nonce + self._cipher(self.current).encrypt(nonce, plain, context)

    def unseal(self, box: bytes, context: bytes) -> bytes:
        """Inverse of `seal`, whichever suite made it. Raises KeyUnknown, SuiteUnknown, BoxAltered."""
        reference, _, rest = box.partition(b".")
        try:
            cipher = self._cipher(reference.decode("ascii"))
            return cipher.decrypt(rest[:NONCE], rest[NONCE:], context)
        except (InvalidTag, ValueError) as error:
            raise BoxAltered("sealed data does not open with this key ring") from error

    def sign(self, data: bytes) -> bytes:
        """Signature by the current key: Ed25519, or SM2 with SM3."""
        return suite_of(self.current).sign(self._seed(self.current), data)

    def verify(self, data: bytes, signature: bytes, key_id: str) -> bool:
        """Whether `signature` over `data` was made by key `key_id` of this ring."""
        try:
            return suite_of(key_id).verify(self._seed(key_id), data, signature)
        except KeyringError:
            return False

    def derived(self, purpose: str, key_id: str = "", length: int = DERIVED) -> bytes:
        """A key of `length` bytes for one purpose. Raises KeyUnknown, SuiteUnknown."""
        reference = key_id or self.current
        return _derived(self._secret(reference), purpose, suite_of(reference).mark, length)

    def _secret(self, reference: str) -> bytes:
        name = reference.partition(MARK)[0]
        try:
            return self.secrets[name]
        except KeyError:
            raise KeyUnknown(f"key {name!r} is not in this key ring") from None

    def _cipher(self, reference: str) -> Aead:
        return suite_of(reference).cipher(self.derived("seal", reference, suite_of(reference).key_bytes))

    def _seed(self, reference: str) -> bytes:
        return self.derived("sign", reference, suite_of(reference).seed_bytes)


def reference_of(key_id: str, suite: Suite) -> str:
    """The name under which a key of the ring works in a suite."""
    return f"{key_id}{MARK}{suite.mark}" if suite.mark else key_id


def suite_of(reference: str) -> Suite:
    """The suite a reference names. Raises SuiteUnknown."""
    try:
        return suite_marked(reference.partition(MARK)[2])
    except KeyError:
        raise SuiteUnknown(f"{reference!r} names algorithms this version does not know") from None


def current_suite() -> Suite:
    """The suite of this node, setting `CRYPTO_SUITE`. Raises SuiteUnknown."""
    name = getattr(settings, "CRYPTO_SUITE", INTERNATIONAL.name)
    try:
        return suite_named(name)
    except KeyError:
        known = ", ".join(suite.name for suite in SUITES)
        raise SuiteUnknown(f"crypto_suite is {name!r}; it is one of {known}") from None


@cache
def _derived(secret: bytes, purpose: str, mark: str, length: int) -> bytes:
    return suite_marked(mark).derive(secret, purpose.encode(), length)


def make_keyring(path: Path) -> None:
    """Write a new ring at `path`, readable by its owner only; an existing one is left alone."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = base64.b64encode(secrets.token_bytes(32)).decode()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"current": "k1", "index": reference_of("k1", current_suite()), "keys": {"k1": secret}}, file)


@cache
def _read(path: Path, stamp: int, mark: str) -> Keyring:
    try:
        data = json.loads(path.read_text("utf-8"))
        keys = {name: base64.b64decode(key) for name, key in data["keys"].items()}
        return Keyring(reference_of(data["current"], suite_marked(mark)), keys, data.get("index") or next(iter(keys)))
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        raise KeyringError(f"key ring {path.name} cannot be read") from error


def read_keyring(path: Path) -> Keyring:
    """The ring in a file. Raises KeyringError when it is missing or damaged."""
    try:
        return _read(path, path.stat().st_mtime_ns, current_suite().mark)
    except OSError as error:
        raise KeyringError(f"key ring {path.name} is missing; restore it before starting the node") from error


def keyring() -> Keyring:
    """The ring of this node. Raises KeyringError when it is missing or damaged."""
    return read_keyring(Path(settings.KEYRING))
