"""The verbs: between two nodes, within one, and by those who may not."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

import pytest
from django.db import DEFAULT_DB_ALIAS, connections

from yiwang.kernel.access.queries import sees
from yiwang.kernel.base.refusals import NotFound, NotPermitted, Refusal
from yiwang.kernel.dispatch.actions.legs import (
    open_leg,
    refuse_leg,
    send_envelope,
    sign_for_leg,
    urge_leg,
    withdraw_envelope,
)
from yiwang.kernel.dispatch.limits import DispatchLimits
from yiwang.kernel.dispatch.models import Envelope, Leg, Outgoing, Receipt
from yiwang.kernel.dispatch.policies import CONTENT, FILE_READ, LEGS
from yiwang.kernel.dispatch.refusals import (
    EnvelopeInvalid,
    EnvelopeTooLarge,
    LegClosed,
    LegOpened,
    LegUnderway,
    LegWithdrawn,
    ReasonMissing,
    UnitUnknown,
)
from yiwang.kernel.dispatch.services import NewEnvelope, Sent
from yiwang.kernel.dispatch.tests.forging import nothing_changes
from yiwang.kernel.dispatch.tests.two_nodes import KIND, Pair, WholeNode
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.org.actors import SYSTEM, Actor

pytestmark = pytest.mark.django_db(transaction=True)


def send(node: WholeNode, *to: str, title: str = "关于防火的通知") -> Sent:
    """A letter from the first unit of a node, by its registrar."""
    with node:
        new = NewEnvelope(node.units["lyj"], to, KIND, title, {"text": "正文"})
        return send_envelope(actor=node.registrars["lyj"], new=new)


def leg(node: WholeNode, key: UUID) -> Leg:
    """A leg as a node knows it."""
    with node:
        return Leg.objects.select_related("subject").get(key=key)


def test_opening_and_signing_are_receipted_with_name_and_moment(pair: Pair) -> None:
    province, county = pair.nodes
    key = send(province, county.address("lyj")).legs[0].key
    pair.work()
    arrived = leg(county, key)
    with county:
        open_leg(actor=county.registrars["lyj"], leg=arrived.pk)
        with nothing_changes(county):
            open_leg(actor=county.registrars["lyj"], leg=arrived.pk)
        sign_for_leg(actor=county.registrars["lyj"], leg=arrived.pk)
    pair.work()
    assert leg(province, key).state == "signed"
    with province:
        told = list(Receipt.objects.filter(leg__key=key).order_by("version").values_list("state", "by"))
        verbs = list(Entry.objects.filter(subject__leg__key=key).order_by("seq").values_list("verb", flat=True))
    assert told == [("arrived", ""), ("opened", "县局收发员"), ("signed", "县局收发员")]
    assert verbs == ["leg.sent", "leg.arrived", "leg.opened", "leg.signed"]


def test_a_refusal_carries_its_reason_back(pair: Pair) -> None:
    province, county = pair.nodes
    key = send(province, county.address("yt")).legs[0].key
    pair.work()
    arrived = leg(county, key)
    with county, nothing_changes(county):
        for reason in ("", "  ", "长" * 101):
            with pytest.raises(ReasonMissing):
                refuse_leg(actor=county.registrars["yt"], leg=arrived.pk, reason=reason)
    with county:
        refuse_leg(actor=county.registrars["yt"], leg=arrived.pk, reason="缺附件二")
        with nothing_changes(county), pytest.raises(LegClosed):
            sign_for_leg(actor=county.registrars["yt"], leg=arrived.pk)
    pair.work()
    assert (leg(province, key).state, leg(province, key).reason) == ("refused", "缺附件二")


def test_what_nobody_opened_is_withdrawn_and_what_was_opened_stays(pair: Pair) -> None:
    province, county = pair.nodes
    sent = send(province, county.address("lyj"), county.address("yt"))
    first, second = (one.key for one in sent.legs)
    pair.work()
    with county:
        open_leg(actor=county.registrars["lyj"], leg=leg(county, first).pk)
    envelope = sent.envelope.subject_id or 0
    with province:
        asked = withdraw_envelope(actor=province.registrars["lyj"], envelope=envelope)
        assert asked.asked == (first, second)
        with nothing_changes(province):
            withdraw_envelope(actor=province.registrars["lyj"], envelope=envelope)
    pair.work()
    assert [leg(node, key).state for node in pair.nodes for key in (first, second)] == ["opened", "withdrawn"] * 2
    assert not leg(province, first).is_withdrawing
    with county, nothing_changes(county), pytest.raises(LegWithdrawn):
        sign_for_leg(actor=county.registrars["yt"], leg=leg(county, second).pk)
    with province, nothing_changes(province), pytest.raises(LegOpened):
        withdraw_envelope(actor=province.registrars["lyj"], envelope=envelope, to=[county.address("lyj")])


def test_what_was_withdrawn_before_it_left_never_leaves(pair: Pair) -> None:
    province, county = pair.nodes
    sent = send(province, county.address("lyj"))
    with province:
        withdraw_envelope(actor=province.registrars["lyj"], envelope=sent.envelope.subject_id or 0)
    pair.work()
    with county:
        assert not Envelope.objects.filter(key=sent.envelope.key).exists()
    with province:
        assert Outgoing.objects.get(envelope=sent.envelope).state == Outgoing.State.CANCELLED
    assert leg(province, sent.legs[0].key).state == "withdrawn"


def test_urging_is_counted_on_both_sides_until_the_end(pair: Pair) -> None:
    province, county = pair.nodes
    sent = send(province, county.address("lyj"))
    key, envelope, to = sent.legs[0].key, sent.envelope.subject_id or 0, [county.address("lyj")]
    pair.work()
    with province:
        urge_leg(actor=province.registrars["lyj"], envelope=envelope, to=to)
        urge_leg(actor=province.registrars["lyj"], envelope=envelope, to=to)
    pair.work()
    assert leg(county, key).urged == leg(province, key).urged == 2
    with county:
        sign_for_leg(actor=county.registrars["lyj"], leg=leg(county, key).pk)
    pair.work()
    with province, nothing_changes(province), pytest.raises(LegClosed):
        urge_leg(actor=province.registrars["lyj"], envelope=envelope, to=to)


def test_units_of_one_node_use_the_same_verbs_without_a_message(pair: Pair) -> None:
    county = pair.county
    with county:
        before = Outgoing.objects.count()
    sent = send(county, county.address("yt"), county.address("sz"))
    first, second = (leg(county, one.key) for one in sent.legs)
    assert (first.side, first.state, first.version) == (Leg.Side.HERE, "arrived", 1)
    with county:
        sign_for_leg(actor=county.registrars["yt"], leg=first.pk)
        done = withdraw_envelope(actor=county.registrars["lyj"], envelope=sent.envelope.subject_id or 0)
        assert (done.done, done.asked, done.kept) == ((second.key,), (), (first.key,))
        assert Outgoing.objects.count() == before
        states = [list(one.receipts.order_by("version").values_list("state", flat=True)) for one in (first, second)]
    assert states == [["arrived", "signed"], ["arrived", "withdrawn"]]


def test_others_neither_see_nor_move_a_leg(pair: Pair) -> None:
    province, county = pair.nodes
    sent = send(province, county.address("yt"))
    pair.work()
    mine, subject = leg(county, sent.legs[0].key), sent.envelope.subject_id or 0
    other, stranger = county.registrars["sz"], Actor(77, "别人")
    with county, nothing_changes(county):
        for actor in (other, stranger):
            for act in (open_leg, sign_for_leg):
                with pytest.raises(NotFound):
                    act(actor=actor, leg=mine.pk)
            with pytest.raises(NotFound):
                refuse_leg(actor=actor, leg=mine.pk, reason="x")
        assert sees(county.registrars["yt"], mine.pk)
    with province, nothing_changes(province):
        with pytest.raises(NotFound):
            withdraw_envelope(actor=stranger, envelope=subject)
        with pytest.raises(NotPermitted):
            sign_for_leg(actor=province.registrars["lyj"], leg=sent.legs[0].pk)
        with pytest.raises(NotFound):
            withdraw_envelope(actor=province.registrars["lyj"], envelope=subject, to=["qs/none"])
        new = NewEnvelope(province.units["lyj"], [county.address("lyj")], KIND, "冒名")
        with pytest.raises(NotPermitted):
            send_envelope(actor=province.registrars["cw"], new=new)


def test_content_is_closed_until_the_leg_is_opened(pair: Pair) -> None:
    county = pair.county
    sent = send(county, county.address("yt"))
    row = leg(county, sent.legs[0].key)
    reader, sender = county.registrars["yt"], county.registrars["lyj"]
    with county:
        assert not LEGS.may(reader, CONTENT, row.subject)
        assert LEGS.may(sender, FILE_READ, row.subject)
        open_leg(actor=reader, leg=row.pk)
        assert LEGS.may(reader, CONTENT, row.subject)
        withdrawn = send(county, county.address("sz"))
        withdraw_envelope(actor=sender, envelope=withdrawn.envelope.subject_id or 0)
        assert not LEGS.may(county.registrars["sz"], FILE_READ, leg(county, withdrawn.legs[0].key).subject)


def test_envelopes_that_say_too_little_or_too_much_are_refused(pair: Pair) -> None:
    province, county = pair.nodes
    unit, to = province.units["lyj"], county.address("lyj")
    wrong: list[tuple[NewEnvelope, type[Refusal]]] = [
        (NewEnvelope(unit, [], KIND, "通知"), EnvelopeInvalid),
        (NewEnvelope(unit, [to], KIND, "  "), EnvelopeInvalid),
        (NewEnvelope(unit, [to], KIND, "长" * 201), EnvelopeInvalid),
        (NewEnvelope(unit, [to, to], KIND, "通知"), EnvelopeInvalid),
        (NewEnvelope(unit, [to], KIND, "通知", files=[10**6]), NotFound),
        (NewEnvelope(unit, [to], KIND, "通知", {"text": "字" * 90_000}), EnvelopeTooLarge),
        (NewEnvelope(unit, [f"qs/u{n}" for n in range(DispatchLimits().legs + 1)], KIND, "通知"), EnvelopeTooLarge),
        (NewEnvelope(unit, [to, "qs/none"], KIND, "通知"), UnitUnknown),
    ]
    with province, nothing_changes(province):
        for new, kind in wrong:
            with pytest.raises(kind):
                send_envelope(actor=province.registrars["lyj"], new=new)


def test_nothing_can_be_done_with_what_is_not_here_yet(pair: Pair) -> None:
    province, county = pair.nodes
    sent = send(province, county.address("lyj"))
    with province, nothing_changes(province), pytest.raises(NotFound):
        open_leg(actor=SYSTEM, leg=sent.legs[0].pk)
    with county:
        here = send(county, county.address("yt")).legs[0]
        Leg.objects.filter(pk=here.pk).update(state="underway", version=0)
        with pytest.raises(LegUnderway):
            sign_for_leg(actor=county.registrars["yt"], leg=here.pk)


def test_of_a_withdrawal_and_a_signature_at_one_moment_exactly_one_wins(pair: Pair) -> None:
    """On one row of one node: both threads begin together, on connections of their own."""
    county = pair.county
    for _turn in range(4):
        sent = send(county, county.address("yt"))
        row = leg(county, sent.legs[0].key)
        with county:
            withdraw = partial(withdraw_envelope, actor=SYSTEM, envelope=sent.envelope.subject_id or 0)
            found = race(county, [withdraw, partial(sign_for_leg, actor=SYSTEM, leg=row.pk)])
            state = leg(county, row.key).state
        assert sorted(found) in (["LegOpened", "done"], ["LegWithdrawn", "done"])
        assert state == ("signed" if found[1] == "done" else "withdrawn")


def race(node: WholeNode, acts: Sequence[Callable[[], object]]) -> list[str]:
    """What each came to."""
    gate, found = threading.Barrier(len(acts)), [""] * len(acts)

    def run(place: int) -> None:
        connections[DEFAULT_DB_ALIAS] = type(node.database)(node.database.settings_dict, DEFAULT_DB_ALIAS)
        gate.wait()
        try:
            acts[place]()
            found[place] = "done"
        except Refusal as refusal:
            found[place] = refusal.code
        finally:
            connections[DEFAULT_DB_ALIAS].close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
