"""The two suites of algorithms 密码算法套件 a node can work with, behind one protocol.

*International*: SHA-256, HMAC-SHA-256, AES-256-GCM, Ed25519. *National* 国密: SM3 (GB/T 32905), HMAC-SM3, SM4-GCM
(GB/T 32907, RFC 8998), SM2 (GB/T 32918). A suite only computes; which key it is given is the key ring's business.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import ClassVar, Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from yiwang.kernel.crypto import sm2

TAG_BYTES = 16


class Aead(Protocol):
    """A cipher that also proves what it encrypted; `decrypt` raises InvalidTag for anything else."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plain text."""


class Suite(Protocol):
    """What a suite can do. `mark` names it in envelopes; `key_bytes` is the length of a cipher key."""

    name: ClassVar[str]
    mark: ClassVar[str]
    digest: ClassVar[str]
    key_bytes: ClassVar[int]
    seed_bytes: ClassVar[int]

    def derive(self, secret: bytes, purpose: bytes, length: int, salt: bytes | None = None) -> bytes:
        """A key of `length` bytes for one purpose (HKDF, RFC 5869)."""

    def tag(self, key: bytes, data: bytes) -> bytes:
        """Keyed hash, 32 bytes."""

    def cipher(self, key: bytes) -> Aead:
        """The cipher under a key of `key_bytes`."""

    def sign(self, seed: bytes, data: bytes) -> bytes:
        """Signature by the private key that `seed` of `seed_bytes` gives."""

    def verify(self, seed: bytes, data: bytes, signature: bytes) -> bool:
        """Whether that private key made the signature over `data`."""


@dataclass(frozen=True)
class Sm4Gcm:
    """SM4 in Galois counter mode with a tag of 16 bytes (RFC 8998)."""

    key: bytes

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""
        state = Cipher(SM4(self.key), modes.GCM(nonce)).encryptor()
        state.authenticate_additional_data(associated_data or b"")
        return state.update(data) + state.finalize() + state.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plain text. Raises InvalidTag."""
        if len(data) < TAG_BYTES:
            raise InvalidTag()
        state = Cipher(SM4(self.key), modes.GCM(nonce, data[-TAG_BYTES:])).decryptor()
        state.authenticate_additional_data(associated_data or b"")
        return state.update(data[:-TAG_BYTES]) + state.finalize()


class International:
    """SHA-256, AES-256-GCM, Ed25519."""

    name: ClassVar[str] = "international"
    mark: ClassVar[str] = ""
    digest: ClassVar[str] = "sha256"
    key_bytes: ClassVar[int] = 32
    seed_bytes: ClassVar[int] = 32

    def derive(self, secret: bytes, purpose: bytes, length: int, salt: bytes | None = None) -> bytes:
        """HKDF-SHA-256."""
        return HKDF(hashes.SHA256(), length, salt, purpose).derive(secret)

    def tag(self, key: bytes, data: bytes) -> bytes:
        """HMAC-SHA-256."""
        return hmac.new(key, data, hashlib.sha256).digest()

    def cipher(self, key: bytes) -> Aead:
        """AES-256-GCM."""
        return AESGCM(key)

    def sign(self, seed: bytes, data: bytes) -> bytes:
        """Ed25519."""
        return Ed25519PrivateKey.from_private_bytes(seed).sign(data)

    def verify(self, seed: bytes, data: bytes, signature: bytes) -> bool:
        """Ed25519."""
        try:
            Ed25519PrivateKey.from_private_bytes(seed).public_key().verify(signature, data)
        except InvalidSignature:
            return False
        return True


class National:
    """SM3, SM4-GCM, SM2 国密."""

    name: ClassVar[str] = "national"
    mark: ClassVar[str] = "gm"
    digest: ClassVar[str] = "sm3"
    key_bytes: ClassVar[int] = 16
    seed_bytes: ClassVar[int] = sm2.SEED

    def derive(self, secret: bytes, purpose: bytes, length: int, salt: bytes | None = None) -> bytes:
        """HKDF with SM3."""
        return HKDF(hashes.SM3(), length, salt, purpose).derive(secret)

    def tag(self, key: bytes, data: bytes) -> bytes:
        """HMAC-SM3."""
        state = HMAC(key, hashes.SM3())
        state.update(data)
        return state.finalize()

    def cipher(self, key: bytes) -> Aead:
        """SM4-GCM."""
        return Sm4Gcm(key)

    def sign(self, seed: bytes, data: bytes) -> bytes:
        """SM2 with SM3."""
        return sm2.sign(sm2.private_of(seed), data)

    def verify(self, seed: bytes, data: bytes, signature: bytes) -> bool:
        """SM2 with SM3."""
        return sm2.verify(sm2.public_of(sm2.private_of(seed)), data, signature)


INTERNATIONAL, NATIONAL = International(), National()
SUITES: tuple[Suite, ...] = (INTERNATIONAL, NATIONAL)


_BY_NAME = {suite.name: suite for suite in SUITES}
_BY_MARK = {suite.mark: suite for suite in SUITES}


def suite_named(name: str) -> Suite:
    """The suite that a setting names. Raises KeyError."""
    return _BY_NAME[name]


def suite_marked(mark: str) -> Suite:
    """The suite that an envelope names. Raises KeyError."""
    return _BY_MARK[mark]
