"""A small certificate authority 签发机构 (X.509): a root, and certificates that may sign and nothing else.

For nodes without certificates of a licensed provider (电子签名法 art. 16–18: who certifies for others needs a licence).
What it issues proves to whoever trusts this node's root who sealed, and that nothing was changed since.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID

RSA, EC = "rsa-3072", "ec-p256"
KINDS = (RSA, EC)
LONGEST_NAME = 64
YEAR = timedelta(days=365)
EARLY = timedelta(hours=1)
"""Certificates begin this much before they are made, since clocks of readers differ."""

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Issued:
    """A certificate and its private key, both DER; the key must be sealed before it is kept."""

    certificate: bytes
    key: bytes
    kind: str

    @property
    def parsed(self) -> x509.Certificate:
        """The certificate."""
        return x509.load_der_x509_certificate(self.certificate)

    @property
    def serial(self) -> str:
        """Serial number, hexadecimal."""
        return serial_of(self.parsed)


def serial_of(certificate: x509.Certificate) -> str:
    """Serial number as it is kept and shown, hexadecimal."""
    return f"{certificate.serial_number:x}"


def new_key(kind: str) -> Key:
    """A private key: RSA of 3072 bits (a second of CPU) or EC P-256. Raises ValueError for other kinds."""
    if kind == RSA:
        return rsa.generate_private_key(65537, 3072)
    if kind == EC:
        return ec.generate_private_key(ec.SECP256R1())
    raise ValueError(f"{kind!r} is not one of {', '.join(KINDS)}")


def make_root(name: str, kind: str, moment: datetime, years: int = 20) -> Issued:
    """A root that signs itself and may issue end certificates only."""
    key = new_key(kind)
    subject = _name(name, f"{name[:50]} 电子印章根证书")
    draft = _draft(subject, subject, key, moment, years, is_root=True)
    return _signed(draft, key, key, kind)


def issue(root: Issued, organisation: str, common_name: str, kind: str, moment: datetime, years: int) -> Issued:
    """A certificate for one seal of an organisation."""
    key, above = new_key(kind), key_of(root.key)
    draft = _draft(_name(organisation, common_name), root.parsed.subject, key, moment, years, is_root=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key())
    return _signed(draft.add_extension(issuer, critical=False), key, above, kind)


def key_of(der: bytes) -> Key:
    """A private key from the bytes this module made. Raises ValueError for what is neither RSA nor EC.

    Its numbers are not checked again (0.1 s of CPU for RSA): the key ring has proved that they are those of `new_key`.
    """
    key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return key
    raise ValueError("neither an RSA nor an EC key")


def signature_of(key: Key, data: bytes) -> bytes:
    """Signature over the SHA-256 of data: RSA PKCS #1 1.5, or ECDSA."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(data, ec.ECDSA(hashes.SHA256()))


def _name(organisation: str, common: str) -> x509.Name:
    parts = ((NameOID.COUNTRY_NAME, "CN"), (NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(oid, text[:LONGEST_NAME]) for oid, text in parts])


def _draft(
    subject: x509.Name, issuer: x509.Name, key: Key, moment: datetime, years: int, *, is_root: bool
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(moment - EARLY).not_valid_after(moment + YEAR * years)
    builder = builder.add_extension(x509.BasicConstraints(is_root, 0 if is_root else None), critical=True)
    builder = builder.add_extension(_usage(is_root=is_root), critical=True)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _usage(*, is_root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=not is_root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(draft: x509.CertificateBuilder, key: Key, above: Key, kind: str) -> Issued:
    certificate = draft.sign(above, hashes.SHA256()).public_bytes(Encoding.DER)
    return Issued(certificate, key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), kind)
