"""The verbs, between two nodes and within one."""

import pytest

from yiwang.kernel.dispatch.actions.legs import send_envelope
from yiwang.kernel.dispatch.models import Leg
from yiwang.kernel.dispatch.services import NewEnvelope
from yiwang.kernel.dispatch.tests.two_nodes import KIND, Pair

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_envelope_arrives_and_is_receipted(pair: Pair) -> None:
    province, county = pair.nodes
    with province:
        new = NewEnvelope(province.units["lyj"], [county.address("lyj")], KIND, "关于防火的通知", {"text": "正文"})
        sent = send_envelope(actor=province.registrars["lyj"], new=new)
    pair.work()
    with province:
        assert Leg.objects.get(key=sent.legs[0].key).state == "arrived"
    with county:
        assert Leg.objects.get(key=sent.legs[0].key).state == "arrived"
