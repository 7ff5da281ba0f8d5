"""A notice from the province to units of a county, over a line that is down, through the workers of both nodes."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from yiwang.kernel.dispatch.actions.legs import open_leg, refuse_leg, send_envelope, sign_for_leg, urge_leg
from yiwang.kernel.dispatch.models import Envelope, Leg, Outgoing, Receipt
from yiwang.kernel.dispatch.queries import queue
from yiwang.kernel.dispatch.services import NewEnvelope, send
from yiwang.kernel.dispatch.tests.two_nodes import KIND, Pair, WholeNode, close, found_pair
from yiwang.kernel.files.actions import add_to_draft
from yiwang.kernel.files.limits import Limits
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.files.tests.samples import arrival, pdf
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.ledger import reactions
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.ledger.services import record
from yiwang.kernel.ledger.verification import verify_chains
from yiwang.kernel.org.actors import Actor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def pair(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    with django_db_blocker.unblock():
        made = found_pair(tmp_path_factory.mktemp("nodes"))
        yield made
        close(*made.nodes)


@contextmanager
def line_down(pair: Pair) -> Iterator[None]:
    """Neither node reaches the other."""
    doors, pair.carrier.doors = pair.carrier.doors, {}
    yield
    pair.carrier.doors = doors


def states(node: WholeNode, keys: list[UUID]) -> list[str]:
    """Where legs stand, as a node knows them."""
    with node:
        found = dict(Leg.objects.filter(key__in=keys).values_list("key", "state"))
    return [found[key] for key in keys]


def test_a_notice_waits_for_the_line_is_urged_signed_for_returned_and_sent_again(pair: Pair) -> None:
    province, county = pair.nodes
    office, bureau, station = province.registrars["lyj"], county.registrars["lyj"], county.registrars["yt"]
    to = [county.address("lyj"), county.address("yt"), province.address("cw")]
    with province:
        draft = {"draft": "d", "slot": "s", "unit": province.units["lyj"], "limits": Limits()}
        file = add_to_draft(actor=office, arrival=arrival(pdf(), "通知.pdf"), **draft)  # type: ignore[arg-type]
        new = NewEnvelope(province.units["lyj"], to, KIND, "关于防火的通知", {"number": "1"}, [file.pk])
        sent = send_envelope(actor=office, new=new)
    keys, envelope = [leg.key for leg in sent.legs], sent.envelope.subject_id or 0
    with line_down(pair):
        pair.work(rounds=2)
        assert states(province, keys) == ["underway", "underway", "arrived"]
        with province:
            assert queue().waiting == {"qs": 1}
            assert Job.objects.get().tries == 2
            urge_leg(actor=office, envelope=envelope, to=to[:1])
    pair.work()
    assert states(province, keys) == ["arrived"] * 3
    with county:
        mine = {leg.key: leg for leg in Leg.objects.filter(key__in=keys)}
        assert mine[keys[0]].urged == 1
        open_leg(actor=bureau, leg=mine[keys[0]].pk)
        sign_for_leg(actor=bureau, leg=mine[keys[0]].pk)
        refuse_leg(actor=station, leg=mine[keys[1]].pk, reason="附件不清晰")
        assert Attachment.objects.filter(subject=mine[keys[0]].subject_id, name="通知.pdf").exists()
    with line_down(pair):
        pair.work(rounds=1)
        assert states(province, keys) == ["arrived"] * 3
    pair.work()
    assert states(province, keys) == [*states(county, keys[:2]), "arrived"] == ["signed", "refused", "arrived"]
    with province:
        reason = Receipt.objects.get(leg__key=keys[1], state="refused").reason
        again = NewEnvelope(new.sender, to[1:2], KIND, new.title, {}, [file.pk], replaces=sent.envelope.key)
        resent = send_envelope(actor=office, new=again)
    assert reason == "附件不清晰"
    pair.work()
    assert states(county, [resent.legs[0].key]) == ["arrived"]
    with county:
        assert Envelope.objects.get(key=resent.envelope.key).replaces == sent.envelope.key
    for node in pair.nodes:
        with node:
            assert not Outgoing.objects.filter(state=Outgoing.State.WAITING).exists()
            assert not Job.objects.exists()
            assert list(verify_chains()) == []


@transaction.atomic(durable=True)
def decide_and_send(actor: Actor, new: NewEnvelope, *, torn: bool = False) -> UUID:
    """An action of some module that sends as a step of its own."""
    sent = send(new, actor)
    record(*sent.events, actor=actor)
    if torn:
        raise ZeroDivisionError
    return sent.legs[0].key


def test_sending_is_a_step_of_another_action_and_receipts_reach_reactions(pair: Pair) -> None:
    province, county = pair.nodes
    told: list[str] = []

    def listen(entry: Entry) -> None:
        told.append(f"{entry.subject.kind.key} {entry.verb}")

    reactions.register("test.letters", ["leg.arrived", "leg.signed"], listen)
    try:
        with province:
            new = NewEnvelope(province.units["lyj"], [county.address("sz")], KIND, "批复")
            before = [model.objects.count() for model in (Envelope, Leg, Outgoing, Entry, Job)]
            with pytest.raises(ZeroDivisionError):
                decide_and_send(province.registrars["lyj"], new, torn=True)
            assert [model.objects.count() for model in (Envelope, Leg, Outgoing, Entry, Job)] == before
            key = decide_and_send(province.registrars["lyj"], new)
        pair.work()
        with county:
            sign_for_leg(actor=county.registrars["sz"], leg=Leg.objects.get(key=key).pk)
        pair.work()
    finally:
        reactions._reactions.pop("test.letters")
    assert sorted(told) == ["leg:letter.v1 leg.arrived"] * 2 + ["leg:letter.v1 leg.signed"] * 2
