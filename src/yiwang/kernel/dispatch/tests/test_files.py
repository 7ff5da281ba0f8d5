"""Files of envelopes: in pieces, resumed, checked against their hash, never shared between units."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest

from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.crypto.digests import sha256_hex
from yiwang.kernel.dispatch.actions.legs import open_leg, send_envelope, withdraw_envelope
from yiwang.kernel.dispatch.limits import PIECE
from yiwang.kernel.dispatch.models import Envelope, Leg
from yiwang.kernel.dispatch.pieces import folder_of
from yiwang.kernel.dispatch.refusals import PieceRefused
from yiwang.kernel.dispatch.services import NewEnvelope, Sent
from yiwang.kernel.dispatch.settling import settle
from yiwang.kernel.dispatch.tests.forging import answer, frame, nothing_changes, parcel
from yiwang.kernel.dispatch.tests.two_nodes import KIND, Pair, WholeNode
from yiwang.kernel.dispatch.transport import Destination, MemoryTransport, Unreachable, register
from yiwang.kernel.dispatch.wire import Piece, encode, seal_piece
from yiwang.kernel.files.actions import add_to_draft
from yiwang.kernel.files.limits import Limits
from yiwang.kernel.files.models import Attachment, Blob
from yiwang.kernel.files.queries import readable_by
from yiwang.kernel.files.services import open_stream
from yiwang.kernel.files.tests.samples import ELF, arrival, pdf

pytestmark = pytest.mark.django_db(transaction=True)
LARGE = pdf() + b"%" * (2 * PIECE)
KEY = bytes(range(32))


class Failing(MemoryTransport):
    """Loses every piece after the first `left`, and remembers which were carried."""

    left = 0

    def deliver_piece(self, target: Destination, piece: bytes) -> None:
        if self.left <= 0:
            raise Unreachable("cut")
        self.left -= 1
        super().deliver_piece(target, piece)


@contextmanager
def failing(pair: Pair) -> Iterator[Failing]:
    """The pair joined by a carrier that breaks off."""
    carrier = Failing(pair.carrier.doors)
    register("memory", carrier)
    try:
        yield carrier
    finally:
        register("memory", pair.carrier)


def send(node: WholeNode, *to: str, data: bytes = LARGE) -> Sent:
    """A letter with one file, from the first unit of a node."""
    actor, unit = node.registrars["lyj"], node.units["lyj"]
    with node:
        came = arrival(data, "通知.pdf")
        file = add_to_draft(actor=actor, arrival=came, draft="d", slot="s", unit=unit, limits=Limits())
        new = NewEnvelope(unit, to, KIND, "通知", files=[file.pk])
        return send_envelope(actor=actor, new=new)


def leg(node: WholeNode, key: UUID) -> Leg:
    """A leg as a node knows it."""
    with node:
        return Leg.objects.select_related("subject", "envelope").get(key=key)


def read(node: WholeNode, row: Leg, unit: str) -> bytes:
    """The file of a leg, as the registrar of its unit reads it."""
    with node:
        file = Attachment.objects.get(subject=row.subject)
        with pytest.raises(NotFound):
            readable_by(node.registrars[unit], file.pk)
        open_leg(actor=node.registrars[unit], leg=row.pk)
        with open_stream(readable_by(node.registrars[unit], file.pk).blob) as stream:
            return stream.read()


def test_a_large_file_goes_on_where_it_was_cut_and_arrives_whole(pair: Pair) -> None:
    province, county = pair.nodes
    sent = send(province, county.address("lyj"), county.address("yt"))
    first, second = (one.key for one in sent.legs)
    with failing(pair) as carrier:
        carrier.left = 1
        province.work()
        assert leg(county, first).state == "underway"
        assert not leg(county, first).envelope.is_complete
        with county:
            assert not Attachment.objects.filter(subject=leg(county, first).subject).exists()
        carrier.left = 2
        pair.work()
        assert carrier.left == 0
    pair.work()
    assert leg(province, first).state == leg(county, second).state == "arrived"
    assert read(county, leg(county, first), "lyj") == LARGE
    assert read(county, leg(county, second), "yt") == LARGE
    with county:
        blobs = Blob.objects.filter(sha256=sha256_hex(LARGE))
        assert sorted(blobs.values_list("unit", flat=True)) == sorted(county.units[unit] for unit in ("lyj", "yt"))
        assert not folder_of(str(sent.envelope.key)).exists()


def test_units_of_one_node_get_copies_of_their_own(pair: Pair) -> None:
    county = pair.county
    sent = send(county, county.address("sz"))
    assert leg(county, sent.legs[0].key).state == "underway"
    county.work()
    row = leg(county, sent.legs[0].key)
    assert (row.state, read(county, row, "sz")) == ("arrived", LARGE)


def test_withdrawn_on_the_way_leaves_nothing_behind(pair: Pair) -> None:
    province, county = pair.nodes
    sent = send(province, county.address("lyj"))
    with failing(pair) as carrier:
        carrier.left = 1
        province.work()
    with province:
        withdraw_envelope(actor=province.registrars["lyj"], envelope=sent.envelope.subject_id or 0)
    pair.work()
    assert leg(province, sent.legs[0].key).state == leg(county, sent.legs[0].key).state == "withdrawn"
    with county:
        row = leg(county, sent.legs[0].key)
        assert row.envelope.is_complete
        assert not Attachment.objects.filter(subject=row.subject).exists()
        assert not folder_of(str(sent.envelope.key)).exists()


def announced(pair: Pair, name: str, data: bytes, sha256: str) -> tuple[UUID, UUID]:
    """An envelope with one small file, announced by hand: (envelope, leg)."""
    key, leg = uuid4(), uuid4()
    file = {"name": name, "size": len(data), "sha256": sha256, "key": encode(KEY)}
    legs = [{"key": str(leg), "to": pair.county.address("lyj")}]
    body = parcel(pair.province, "", envelope=str(key), legs=legs, files=[file])
    told = answer(pair.county, frame(pair.province, pair.county, "envelope", body))
    assert told.wanted == {sha256: (0,)}
    return key, leg


@pytest.mark.parametrize(
    ("name", "listed", "real"), [("a.pdf", b"listed!!", b"but this"), ("a.pdf", ELF, ELF), ("a.exe", ELF, ELF)]
)
def test_a_file_that_is_not_its_hash_or_not_taken_refuses_the_leg(
    pair: Pair, name: str, listed: bytes, real: bytes
) -> None:
    county = pair.county
    envelope, key = announced(pair, name, real, sha256_hex(listed))
    county.take_piece(Piece(envelope, sha256_hex(listed), 0, seal_piece(real, KEY, 0)).to_bytes())
    with county:
        settle(Envelope.objects.get(key=envelope).pk)
    row = leg(county, key)
    assert (row.state, row.version, bool(row.reason)) == ("refused", 1, True)
    with county:
        assert not Attachment.objects.filter(subject=row.subject).exists()
        assert not Blob.objects.filter(sha256__in=[sha256_hex(listed), sha256_hex(real)]).exists()
        assert not folder_of(str(envelope)).exists()


def test_pieces_that_nobody_asked_for_or_that_do_not_open_are_refused(pair: Pair) -> None:
    county, data = pair.county, b"listed!!"
    envelope, _key = announced(pair, "a.pdf", data, sha256_hex(data))
    good = Piece(envelope, sha256_hex(data), 0, seal_piece(data, KEY, 0))
    wrong = (
        Piece(uuid4(), good.sha256, 0, good.box).to_bytes(),
        Piece(envelope, "0" * 64, 0, good.box).to_bytes(),
        Piece(envelope, "../../x", 0, good.box).to_bytes(),
        Piece(envelope, good.sha256, 1, seal_piece(data, KEY, 1)).to_bytes(),
        Piece(envelope, good.sha256, 0, seal_piece(data, KEY, 1)).to_bytes(),
        Piece(envelope, good.sha256, 0, seal_piece(data + b"x", KEY, 0)).to_bytes(),
        Piece(envelope, good.sha256, 0, seal_piece(data, bytes(32), 0)).to_bytes(),
        Piece(envelope, good.sha256, 0, bytes(PIECE + 17)).to_bytes(),
        good.to_bytes()[:40],
        b"",
    )
    with nothing_changes(county):
        for piece in wrong:
            with pytest.raises(PieceRefused):
                county.take_piece(piece)
        with county:
            assert not folder_of(str(envelope)).exists()
    county.take_piece(good.to_bytes())
    county.take_piece(good.to_bytes())
    with county:
        assert [path.name for path in folder_of(str(envelope)).rglob("*") if path.is_file()] == ["0"]


def test_a_file_of_somebody_else_cannot_be_sent(pair: Pair) -> None:
    county = pair.county
    sent = send(county, county.address("yt"))
    county.work()
    with county, nothing_changes(county):
        file = Attachment.objects.get(subject=leg(county, sent.legs[0].key).subject)
        new = NewEnvelope(county.units["sz"], [county.address("lyj")], KIND, "通知", files=[file.pk])
        with pytest.raises(NotFound):
            send_envelope(actor=county.registrars["sz"], new=new)
