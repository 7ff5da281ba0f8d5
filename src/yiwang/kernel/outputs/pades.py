"""PAdES (ETSI EN 319 142-1): an invisible signature field over the whole of a finished PDF, level B-B or B-T.

Loaded at first use, since pyHanko is large. The document keeps its PDF/A-2b claim: XMP stays byte for byte what it was
(pyHanko writes it anew otherwise, issue 755), and the version stays 1.7 (pyHanko raises it to 2.0 for keys on NIST
curves, which PDF/A-2 forbids; PAdES has had ECDSA on them since PDF 1.7).
"""

import io
from dataclasses import dataclass

from asn1crypto import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from yiwang.kernel.outputs.refusals import SignerUnavailable
from yiwang.kernel.outputs.signers import Identity, Signer

FIELD = "Seal"
DIGEST = "sha256"
ROOM = {"rsa": 512, "ec": 80}
"""Bytes kept free for a raw signature: RSA of 4096 bits, DER of a curve of 256 bits."""


@dataclass(frozen=True)
class Order:
    """What a signature says of itself, and the address of a time-stamp service (RFC 3161), empty for none."""

    reason: str
    location: str
    timestamps: str = ""


class _Hand(signers.Signer):
    """Lets pyHanko sign through the port."""

    def __init__(self, port: Signer, identity: Identity) -> None:
        certificate = x509.Certificate.load(identity.certificate)
        chain = [x509.Certificate.load(one) for one in identity.chain]
        super().__init__(signing_cert=certificate, cert_registry=SimpleCertificateStore.from_certs(chain))
        self._port, self._identity, self._kind = port, identity, str(certificate.public_key.algorithm)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            return bytes(ROOM[self._kind])
        return self._port.sign(self._identity, data)


class _PdfSigner(signers.PdfSigner):
    def register_extensions(self, pdf_out: BasePdfFileWriter, *, md_algorithm: str) -> None:
        """Leave the version and the extensions of the document alone."""


class _Writer(IncrementalPdfFileWriter):
    def _update_meta(self) -> None:
        """Leave XMP and the information dictionary alone."""


def sign_pdf(pdf: bytes, port: Signer, identity: Identity, order: Order) -> bytes:
    """The document with one signature over all of it, or nothing at all. Raises SignerUnavailable."""
    about = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=DIGEST,
        reason=order.reason,
        location=order.location,
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    stamper = HTTPTimeStamper(order.timestamps) if order.timestamps else None
    made = _PdfSigner(about, _Hand(port, identity), timestamper=stamper)
    try:
        signed = made.sign_pdf(_Writer(io.BytesIO(pdf)))
    except (OSError, TimestampRequestError) as error:
        raise SignerUnavailable() from error
    return bytes(signed.getbuffer())
