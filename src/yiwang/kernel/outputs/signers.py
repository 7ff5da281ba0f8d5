"""Port for whatever holds the private keys of seals 签名服务: the node's own key ring, or a device.

A signer of a device (PKCS #11, a seal server of GM/T 0031 whose keys never leave it) is a class with this protocol in
`adapters`, named by the setting `SEAL_SIGNER`; it finds its key by the serial number of the certificate.
"""

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from yiwang.kernel.crypto.authority import key_of, signature_of
from yiwang.kernel.crypto.keyring import KeyringError, keyring
from yiwang.kernel.outputs.models import Authority, SealCertificate
from yiwang.kernel.outputs.refusals import SignerUnavailable


@dataclass(frozen=True)
class Identity:
    """The certificate of a seal and those above it, DER; `sealed_key` is empty when a device has the key."""

    serial: str
    certificate: bytes
    chain: tuple[bytes, ...]
    sealed_key: bytes


class Signer(Protocol):
    """Signs with the key of one seal."""

    def sign(self, identity: Identity, data: bytes) -> bytes:
        """Signature over the SHA-256 of `data`: PKCS #1 1.5 for RSA, DER for EC. Raises SignerUnavailable."""


class OwnSigner:
    """Keys made on this node, sealed by its key ring."""

    def sign(self, identity: Identity, data: bytes) -> bytes:
        """Open the key, sign, forget it. Raises SignerUnavailable when the ring does not open it."""
        try:
            key = key_of(keyring().unseal(identity.sealed_key, key_context(identity.serial)))
        except (KeyringError, ValueError) as error:
            raise SignerUnavailable() from error
        return signature_of(key, data)


def signer() -> Signer:
    """The signer named by the setting `SEAL_SIGNER`."""
    made: Signer = import_string(settings.SEAL_SIGNER)()
    return made


def key_context(serial: str) -> bytes:
    """What a sealed key is bound to."""
    return f"outputs.key:{serial}".encode()


def identity_of(certificate: SealCertificate) -> Identity:
    """What a signer needs of a certificate."""
    chain = tuple(bytes(one) for one in Authority.objects.order_by("-pk").values_list("certificate", flat=True)[:1])
    return Identity(certificate.serial, bytes(certificate.certificate), chain, bytes(certificate.key))
