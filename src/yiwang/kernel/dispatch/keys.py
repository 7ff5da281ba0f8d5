"""The keys of nodes: Ed25519 signs, HPKE (RFC 9180: X25519, HKDF-SHA-256, AES-256-GCM) seals.

The secret halves are derived from the key ring and never leave the node. The place for SM2 and SM4 is the name of the
suite in each message.
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from yiwang.kernel.crypto.digests import sha256_hex
from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.dispatch.refusals import NotForThisNode

SUITE_NAME = "hpke-x25519-sha256-aes256gcm"
KEY_BYTES = 32
FINGERPRINT = 32
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_SIGN, _SEAL, _FILES = "dispatch.sign", "dispatch.seal", "dispatch.files"


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """The public halves of a node's keys; the fingerprint is what two officers compare by telephone."""

    sign: bytes
    seal: bytes

    @property
    def fingerprint(self) -> str:
        """128 bits of SHA-256 over both, as hexadecimal."""
        return sha256_hex(self.sign + self.seal)[:FINGERPRINT]


def own_keys(key_id: str = "") -> PublicKeys:
    """Public keys of this node, of the current key of the ring or of an older one."""
    return PublicKeys(_signer(key_id).public_key().public_bytes_raw(), _sealer(key_id).public_key().public_bytes_raw())


def sign(data: bytes) -> bytes:
    """Signature of this node by its current key."""
    return _signer("").sign(data)


def is_signed(data: bytes, signature: bytes, keys: PublicKeys) -> bool:
    """Whether the holder of `keys` signed this."""
    try:
        Ed25519PublicKey.from_public_bytes(keys.sign).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def seal(plain: bytes, keys: PublicKeys, context: bytes) -> bytes:
    """Seal to the holder of `keys`; opens in the same context only."""
    return _SUITE.encrypt(plain, X25519PublicKey.from_public_bytes(keys.seal), context)


def unseal(box: bytes, fingerprint: str, context: bytes) -> bytes:
    """Open what was sealed to a key of this node. Raises NotForThisNode."""
    for key_id in keyring().secrets:
        if own_keys(key_id).fingerprint == fingerprint:
            try:
                return _SUITE.decrypt(box, _sealer(key_id), context)
            except (InvalidTag, ValueError) as error:
                raise NotForThisNode() from error
    raise NotForThisNode()


def file_key(message: str, sha256: str, key_id: str) -> bytes:
    """Key of one file of one message: the same at every try, so that a transfer goes on where it stopped."""
    return keyring().tag(_FILES, f"{message}:{sha256}".encode(), key_id)


def current_key() -> str:
    """Id of the current key of the ring."""
    return keyring().current


def _signer(key_id: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keyring().derived(_SIGN, key_id))


def _sealer(key_id: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(keyring().derived(_SEAL, key_id))
