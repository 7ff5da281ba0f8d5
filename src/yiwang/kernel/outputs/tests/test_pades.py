"""The bytes: one signature over all of a document that stays what it claims to be, and what changes do to it."""

import io

import pikepdf
import pytest
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from yiwang.kernel.base.moments import now
from yiwang.kernel.crypto.authority import EC, KINDS, RSA, Issued, issue, key_of, make_root
from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.outputs import pades
from yiwang.kernel.outputs.definition import OutputSpec
from yiwang.kernel.outputs.models import Authority
from yiwang.kernel.outputs.refusals import SignerUnavailable
from yiwang.kernel.outputs.services import Marks, render
from yiwang.kernel.outputs.signatures import LARGEST, State, check
from yiwang.kernel.outputs.signers import Identity, OwnSigner, key_context
from yiwang.kernel.outputs.tests.conftest import Facts
from yiwang.kernel.outputs.tests.reading import text_of_pdf
from yiwang.kernel.outputs.tests.sealing import UNIT, Dead, certified, root

pytestmark = pytest.mark.django_db
ORDER = pades.Order("林木采伐许可证", UNIT)


def identity(issued: Issued) -> Identity:
    sealed = keyring().seal(issued.key, key_context(issued.serial))
    return Identity(issued.serial, issued.certificate, (root(issued.kind).certificate,), sealed)


def signed(pdf: bytes, kind: str = EC) -> bytes:
    return pades.sign_pdf(pdf, OwnSigner(), identity(certified(kind)), ORDER)


def trust(kind: str = EC) -> None:
    Authority.objects.create(name="x", kind=kind, certificate=root(kind).certificate, key=b"-")


@pytest.fixture
def plain(outputs: dict[str, OutputSpec], facts: Facts, marks: Marks) -> bytes:
    return render(outputs["certificate"], facts, marks).pdf


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_certificate_is_valid_and_says_by_whom(kind: str, plain: bytes) -> None:
    trust(kind)
    found = check(signed(plain, kind))
    assert found.state is State.VALID
    (one,) = found.signatures
    assert (one.signer, one.serial) == (f"{UNIT}公章", certified(kind).serial)
    assert one.at is not None
    assert abs((one.at - now()).total_seconds()) < 120


@pytest.mark.parametrize("kind", KINDS)
def test_the_document_stays_pdf_a_2b_and_shows_what_it_showed(kind: str, plain: bytes) -> None:
    made = signed(plain, kind)
    assert made.startswith(plain)
    with pikepdf.open(io.BytesIO(plain)) as before, pikepdf.open(io.BytesIO(made)) as after:
        assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
        assert "pdfaid" in after.Root.Metadata.read_bytes().decode()
        assert after.pdf_version == "1.7"
        assert set(after.Root.keys()) - set(before.Root.keys()) == {"/AcroForm"}
        (field,) = after.Root.AcroForm.Fields
        assert [float(one) for one in field.Rect] == [0, 0, 0, 0]
        assert int(field.F) & 4  # ISO 19005-2, 6.3.2: every annotation prints
        assert field.V.SubFilter == "/ETSI.CAdES.detached"
        start, first, second, rest = (int(one) for one in field.V.ByteRange)
        assert (start, second + rest) == (0, len(made))
        assert made[first : first + 1] + made[second - 1 : second] == b"<>"
    assert text_of_pdf(made) == text_of_pdf(plain)


def test_a_changed_byte_is_told(plain: bytes) -> None:
    trust()
    made = signed(plain)
    forged = bytearray(made)
    forged[len(plain) // 2] ^= 1
    assert check(bytes(forged)).state is State.ALTERED


def test_what_was_added_after_signing_is_told(plain: bytes) -> None:
    trust()
    made = signed(plain)
    writer = IncrementalPdfFileWriter(io.BytesIO(made))
    page = writer.find_page_for_modification(0)[0].get_object()
    more = writer.add_object(generic.StreamObject(stream_data=b"q 1 0 0 rg 50 50 100 100 re f Q"))
    page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), more])
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    for forged in (out.getvalue(), made + b" "):
        assert check(forged).state is State.ALTERED


def test_a_stranger_with_the_same_name_is_no_signer_of_ours(plain: bytes) -> None:
    trust()
    theirs = make_root("青山县", EC, now())
    mine = issue(theirs, UNIT, f"{UNIT}公章", EC, now(), 5)
    sealed = keyring().seal(mine.key, key_context(mine.serial))
    made = pades.sign_pdf(plain, OwnSigner(), Identity(mine.serial, mine.certificate, (), sealed), ORDER)
    assert check(made).state is State.FOREIGN


def test_unsigned_and_unreadable_files_are_told_apart(plain: bytes) -> None:
    assert check(plain).state is State.NONE
    for junk in (b"", b"%PDF-1.7 junk", plain[: len(plain) // 2], b"PK\x03\x04", b"x" * (LARGEST + 1)):
        assert check(junk).state is State.UNREADABLE


def test_a_file_built_to_stall_the_reader_stops_the_child_alone() -> None:
    body = b"[" * 200_000 + b"]" * 200_000
    bomb = b"%PDF-1.7\n1 0 obj\n" + body + b"\nendobj\ntrailer\n<</Root 1 0 R/Size 2>>\nstartxref\n9\n%%EOF\n"
    assert check(bomb).state is State.UNREADABLE


def test_a_signer_that_is_down_gives_nothing_at_all(plain: bytes) -> None:
    with pytest.raises(SignerUnavailable):
        pades.sign_pdf(plain, Dead(), identity(certified()), ORDER)
    closed = pades.Order("x", "y", "http://127.0.0.1:9/tsa")
    with pytest.raises(SignerUnavailable):
        pades.sign_pdf(plain, OwnSigner(), identity(certified()), closed)


def test_a_key_of_another_certificate_is_never_used(plain: bytes) -> None:
    one, other = identity(certified()), identity(certified(number=1))
    mixed = Identity(one.serial, one.certificate, one.chain, other.sealed_key)
    with pytest.raises(SignerUnavailable):
        pades.sign_pdf(plain, OwnSigner(), mixed, ORDER)


@bounds(max_examples=5, deadline=None)
@given(st.text(max_size=80))
def test_any_name_makes_a_certificate(name: str) -> None:
    made = issue(root(), name or "-", name or "-", EC, now(), 1)
    assert made.parsed.issuer == root().parsed.subject
    made.parsed.verify_directly_issued_by(root().parsed)


def test_keys_are_of_the_two_kinds_only() -> None:
    assert certified(RSA).parsed.public_key().key_size == 3072  # type: ignore[union-attr]
    assert key_of(certified(EC).key).key_size == 256
    with pytest.raises(ValueError, match="rsa-1024"):
        make_root("x", "rsa-1024", now())
