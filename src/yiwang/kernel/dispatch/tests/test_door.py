"""The door of a node: what is not believed, what is answered with a refusal, and that neither leaves a trace."""

from datetime import timedelta
from uuid import uuid4

import pytest

from yiwang.kernel.base.moments import as_of, now
from yiwang.kernel.base.refusals import NotFound, Refusal
from yiwang.kernel.dispatch.actions.legs import send_envelope
from yiwang.kernel.dispatch.actions.messages import restart_line, retry_transfer, take_answer
from yiwang.kernel.dispatch.keys import PublicKeys
from yiwang.kernel.dispatch.models import Arrived, Inbound, Leg, Outgoing, Receipt
from yiwang.kernel.dispatch.refusals import (
    AnswerInvalid,
    FrameInvalid,
    FrameTooLarge,
    NotForThisNode,
    PeerExpired,
    PeerUnknown,
    SignatureInvalid,
)
from yiwang.kernel.dispatch.services import NewEnvelope, Sent
from yiwang.kernel.dispatch.tests.forging import answer, frame, keys, next_route, nothing_changes, parcel, receipt
from yiwang.kernel.dispatch.tests.two_nodes import KIND, Pair, WholeNode, found_node
from yiwang.kernel.dispatch.wire import Answer, Content, decode, encode, pack
from yiwang.kernel.org.actors import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


def refused(node: WholeNode, data: bytes, kind: type[Refusal]) -> None:
    """The message is not believed and nothing changed."""
    with nothing_changes(node), pytest.raises(kind):
        node.answer_to(data)


def turned_down(node: WholeNode, data: bytes, code: str) -> None:
    """The message is believed, refused under signature, and nothing changed."""
    with nothing_changes(node):
        told = answer(node, data)
    assert (told.status, told.refusal) == ("refused", code)


def sent_leg(pair: Pair) -> tuple[Sent, Leg]:
    """An envelope from the province to the county, still at home."""
    province, county = pair.nodes
    with province:
        new = NewEnvelope(province.units["lyj"], [county.address("lyj")], KIND, "通知")
        sent = send_envelope(actor=province.registrars["lyj"], new=new)
    return sent, sent.legs[0]


def test_garbage_and_large_messages_are_refused_unread(pair: Pair) -> None:
    county = pair.county
    good = frame(pair.province, county, "envelope", parcel(pair.province, county.address("lyj")))
    for data in (b"", b"{}", b"[]\n", b"\xff" * 50, good[:-19], good[: len(good) // 2], b"[" * 100_000):
        refused(county, data, FrameInvalid)
    refused(county, good.replace(b'"v":1', b'"v":2'), FrameInvalid)
    refused(county, good.replace(b'"from":"prov"', b'"from":"\\u0000"'), FrameInvalid)
    refused(county, good.replace(b'"from":"prov"', b'"from":"\\ud800"'), FrameInvalid)
    refused(county, good.replace(b'"epoch":1', b'"epoch":-1'), FrameInvalid)
    refused(county, b"x" * (1 << 20) + b"x", FrameTooLarge)


def test_forged_signatures_and_changed_messages_are_refused(
    pair: Pair, tmp_path_factory: pytest.TempPathFactory
) -> None:
    province, county = pair.nodes
    good = frame(province, county, "envelope", parcel(province, county.address("lyj")))
    line, _, signature = good.partition(b"\n")
    wrong = bytearray(decode(signature.decode()))
    wrong[5] ^= 1
    refused(county, line + b"\n" + encode(bytes(wrong)).encode(), SignatureInvalid)
    refused(county, line.replace(b'"settled":0', b'"settled":9') + b"\n" + signature, SignatureInvalid)
    refused(county, line + b"\n", SignatureInvalid)
    stranger = found_node("stranger", tmp_path_factory.mktemp("stranger"), {}, 9)
    route = next_route(province, county)
    with stranger:
        own = keys(stranger)
        forged = pack(route, Content("urge", {}), own=own, receiver=keys(county))
        named = pack(route, Content("urge", {}), own=keys(province), receiver=keys(county))
    refused(county, forged, SignatureInvalid)
    refused(county, named, SignatureInvalid)
    stranger.database.close()


def test_messages_of_unknown_nodes_to_others_or_under_wrong_keys_are_refused(pair: Pair) -> None:
    province, county = pair.nodes
    refused(county, frame(province, county, "urge", {}, origin="nobody"), PeerUnknown)
    refused(county, frame(province, county, "urge", {}, target="prov"), NotForThisNode)
    route = next_route(province, county)
    with province:
        other = PublicKeys(keys(county).sign, keys(province).seal)
        data = pack(route, Content("urge", {"legs": []}), own=keys(province), receiver=other)
    refused(county, data, NotForThisNode)


def test_an_expired_listing_shuts_the_door_on_both_sides(pair: Pair) -> None:
    province, county = pair.nodes
    data = frame(county, province, "envelope", parcel(county, province.address("lyj")))
    with as_of(now() + timedelta(days=31)):
        refused(province, data, PeerExpired)
        new = NewEnvelope(province.units["lyj"], [county.address("lyj")], KIND, "通知")
        with nothing_changes(province), province, pytest.raises(PeerExpired):
            send_envelope(actor=province.registrars["lyj"], new=new)
    assert answer(province, data).status == "stored"


def test_a_repeat_above_the_floor_is_answered_again_and_does_nothing(pair: Pair) -> None:
    province, county = pair.nodes
    data = frame(province, county, "envelope", parcel(province, county.address("lyj")))
    assert answer(county, data).status == "stored"
    with nothing_changes(county):
        assert answer(county, data).status == "stored"


def test_a_replay_at_or_below_the_floor_is_refused(pair: Pair) -> None:
    province, county = pair.nodes
    old = frame(province, county, "envelope", parcel(province, county.address("lyj")))
    assert answer(county, old).status == "stored"
    with county:
        last = Arrived.objects.order_by("-number").values_list("number", flat=True)[0]
    later = frame(province, county, "envelope", parcel(province, county.address("lyj")), settled=last)
    assert answer(county, later).status == "stored"
    with county:
        assert Inbound.objects.get(peer__node__code="prov").floor == last
        assert not Arrived.objects.filter(peer__node__code="prov", number__lte=last).exists()
    turned_down(county, old, "BehindFloor")
    turned_down(county, frame(province, county, "urge", {"legs": [str(uuid4())]}, number=last), "BehindFloor")
    turned_down(county, frame(province, county, "urge", {"legs": [str(uuid4())]}, settled=10**9), "BehindFloor")


def test_a_number_used_for_another_message_is_refused(pair: Pair) -> None:
    province, county = pair.nodes
    route = next_route(province, county)
    body = parcel(province, county.address("lyj"))
    assert answer(county, frame(province, county, "envelope", body, number=route.number)).status == "stored"
    again = frame(province, county, "envelope", parcel(province, county.address("lyj")), number=route.number)
    turned_down(county, again, "NumberReused")


def test_a_new_epoch_begins_at_one_and_ends_the_old_one(pair: Pair) -> None:
    province, county = pair.nodes
    old = frame(county, province, "envelope", parcel(county, province.address("lyj")))
    with county:
        restart_line(actor=SYSTEM, node="prov")
    first = frame(county, province, "envelope", parcel(county, province.address("lyj")))
    assert answer(province, first).status == "stored"
    turned_down(province, old, "BehindFloor")
    with nothing_changes(county), county, pytest.raises(NotFound):
        restart_line(actor=SYSTEM, node="nobody")


def test_receipts_for_what_was_never_sent_or_that_contradict_are_refused(pair: Pair) -> None:
    province, county = pair.nodes
    turned_down(province, frame(county, province, "receipt", receipt(uuid4(), 1, "arrived")), "MessageUnknown")
    sent, leg = sent_leg(pair)
    assert answer(province, frame(county, province, "receipt", receipt(leg.key, 2, "signed"))).status == "stored"
    for version, state in ((2, "refused"), (3, "opened"), (1, "underway")):
        data = frame(county, province, "receipt", receipt(leg.key, version, state))
        turned_down(province, data, "ReceiptContradicts")
    for changes in (
        {"version": 0},
        {"version": "1"},
        {"state": "eaten"},
        {"at": "today"},
        {"leg": "x"},
        {"by": "\x00"},
    ):
        data = frame(county, province, "receipt", receipt(leg.key, 1, "arrived") | changes)
        turned_down(province, data, "MessageInvalid")
    late = frame(county, province, "receipt", receipt(leg.key, 1, "arrived"))
    assert answer(province, late).status == "stored"
    with province:
        leg.refresh_from_db()
        assert (leg.state, leg.version) == ("signed", 2)
        assert list(Receipt.objects.filter(leg=leg).order_by("version").values_list("state", flat=True)) == [
            "arrived",
            "signed",
        ]
    assert sent.envelope.subject_id


def test_envelopes_out_of_order_are_refused_whole(pair: Pair) -> None:
    province, county = pair.nodes
    here = county.address("lyj")
    key = str(uuid4())
    file = {"name": "a.pdf", "size": 10, "sha256": "0" * 64, "key": encode(bytes(32))}
    wrong: tuple[dict[str, object], ...] = (
        {"legs": []},
        {"legs": [{"key": key, "to": here}] * 2},
        {"legs": [{"key": key, "to": here}, {"key": key, "to": county.address("yt")}]},
        {"sender": {"code": "qs/lyj", "name": "冒名"}},
        {"sender": {"code": "prov" + "x" * 80, "name": "局"}},
        {"payload": "text"},
        {"payload": {"text": "字" * 100_000}},
        {"sent": "2026-11-22T00:00:00"},
        {"kind": "Letter v1"},
        {"files": [{**file, "size": 400 << 20}]},
        {"files": [file] * 61},
        {"files": [{**file, "sha256": "../../etc/passwd"}]},
        {"files": [{**file, "key": "AAAA"}]},
        {"files": [{**file, "size": True}]},
        {"envelope": "1"},
        {"title": "a\x00b"},
        {"legs": [{"key": key, "to": "qs/\x00"}]},
        {"sender": {"code": "prov/lyj", "name": "\x00"}},
    )
    for changes in wrong:
        turned_down(county, frame(province, county, "envelope", parcel(province, here, **changes)), "MessageInvalid")
    for code in ("qs/none", "prov/lyj"):
        turned_down(county, frame(province, county, "envelope", parcel(province, code)), "AddresseeUnknown")
    for kind, body in (("poem", {}), ("withdrawal", {"legs": []}), ("urge", {"legs": ["x"]}), ("withdrawal", {})):
        turned_down(county, frame(province, county, kind, body), "MessageInvalid")


def test_a_leg_of_one_node_is_out_of_reach_of_another_message(pair: Pair) -> None:
    """A key that exists already is not taken again, and an envelope of our own does not come back to us."""
    province, county = pair.nodes
    sent, leg = sent_leg(pair)
    pair.work()
    stolen = parcel(county, province.address("lyj"), legs=[{"key": str(leg.key), "to": province.address("lyj")}])
    turned_down(province, frame(county, province, "envelope", stolen), "MessageInvalid")
    turned = parcel(county, province.address("lyj"), envelope=str(sent.envelope.key))
    turned_down(province, frame(county, province, "envelope", turned), "MessageInvalid")
    before = frame(county, province, "withdrawal", {"legs": [str(leg.key)]})
    assert answer(province, before).status == "stored"
    with province:
        leg.refresh_from_db()
        assert leg.state == "arrived"


def test_only_the_receiver_ends_a_transfer_with_its_signature(pair: Pair) -> None:
    province, county = pair.nodes
    sent, _leg = sent_leg(pair)
    with province:
        row = Outgoing.objects.get(envelope=sent.envelope)
        own = Answer(row.message, "stored").to_bytes()
    with county:
        good = Answer(row.message, "stored").to_bytes()
        half = Answer(row.message, "stored", wanted={"0" * 64: (0,)}).to_bytes()
        other = Answer(uuid4(), "stored").to_bytes()
        odd = Answer(row.message, "eaten").to_bytes()
    with nothing_changes(province), province:
        for data in (own, half, odd, good[:-9], b"", b"{}\n", good.replace(b"stored", b"refused")):
            with pytest.raises(AnswerInvalid):
                take_answer(actor=SYSTEM, answer=data)
        with pytest.raises(NotFound):
            take_answer(actor=SYSTEM, answer=other)
    with province:
        take_answer(actor=SYSTEM, answer=good)
        row.refresh_from_db()
        assert row.state == Outgoing.State.STORED
        with nothing_changes(province):
            take_answer(actor=SYSTEM, answer=good)


def test_a_refused_transfer_is_seen_and_tried_again_under_a_new_number(pair: Pair) -> None:
    province, county = pair.nodes
    sent, leg = sent_leg(pair)
    with province:
        row = Outgoing.objects.get(envelope=sent.envelope)
    with county:
        refusal = Answer(row.message, "refused", "AddresseeUnknown").to_bytes()
    with province:
        take_answer(actor=SYSTEM, answer=refusal)
        row.refresh_from_db()
        assert (row.state, row.refusal) == (Outgoing.State.REFUSED, "AddresseeUnknown")
        number = row.number
        retry_transfer(actor=SYSTEM, outgoing=row.pk)
        row.refresh_from_db()
        assert (row.state, row.refusal, row.number > number) == (Outgoing.State.WAITING, "", True)
    pair.work()
    with province, nothing_changes(province):
        leg.refresh_from_db()
        assert leg.state == "arrived"
        with pytest.raises(NotFound):
            retry_transfer(actor=SYSTEM, outgoing=row.pk)
