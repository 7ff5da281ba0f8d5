"""Checks the signatures of one PDF; run as a process of its own, since it reads what strangers sent.

Reads one line of JSON (trusted roots, base64 of DER) and then the PDF from standard
input, writes one line of JSON for each signature. It may use little memory and time, open hardly any file, write none,
and where the system allows it has no network. Knows nothing of Yiwang.
"""

import base64
import ctypes
import io
import json
import resource
import sys
from collections.abc import Iterator

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

MEMORY = 1 << 30
SECONDS = 15
OPEN_FILES = 32
HARMLESS = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING)
NEW_USER_AND_NETWORK = 0x10000000 | 0x40000000


def confine() -> None:
    """Give up what checking does not need."""
    ctypes.CDLL(None).unshare(NEW_USER_AND_NETWORK)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def findings(pdf: bytes, roots: list[x509.Certificate]) -> Iterator[dict[str, object]]:
    """What each signature of the document proves."""
    found = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
    for one in found:
        yield finding(one, roots, is_last=one is found[-1])


def finding(one: EmbeddedPdfSignature, roots: list[x509.Certificate], *, is_last: bool) -> dict[str, object]:
    """Whether the signed bytes are as they were, nothing came after them, and one of the roots stands behind it.

    Only further signatures may follow a signature, and nothing at all the last one, not even a blank.

    The certificate is judged at the moment the signature claims, so that it goes on proving something later.
    """
    claimed = one.self_reported_timestamp
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=claimed)
    status = validate_pdf_signature(one, context)
    certificate = status.signing_cert
    is_whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    return {
        "intact": bool(status.intact and status.valid),
        "unchanged": status.modification_level in HARMLESS and (is_whole or not is_last),
        "trusted": bool(status.trusted),
        "signer": str(certificate.subject.native.get("common_name", "")),
        "serial": f"{certificate.serial_number:x}",
        "at": claimed.isoformat() if claimed else "",
    }


def main() -> None:
    """Check, or fail with a status other than 0."""
    confine()
    head, _, pdf = sys.stdin.buffer.read().partition(b"\n")
    roots = [x509.Certificate.load(base64.b64decode(one)) for one in json.loads(head)["roots"]]
    for found in findings(pdf, roots):
        print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
