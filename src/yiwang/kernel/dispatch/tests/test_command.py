"""`manage dispatch`."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from yiwang.kernel.base.moments import now
from yiwang.kernel.dispatch.actions.legs import send_envelope
from yiwang.kernel.dispatch.directory import Directory, ListedUnit
from yiwang.kernel.dispatch.keys import own_keys
from yiwang.kernel.dispatch.models import Leg, Outgoing
from yiwang.kernel.dispatch.services import NewEnvelope
from yiwang.kernel.dispatch.tests.two_nodes import KIND, Pair
from yiwang.kernel.jobs.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


def told(*words: str) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("dispatch", *words, stdout=out)
    return out.getvalue()


def test_it_shows_the_queue_and_the_dead_and_tries_one_again(pair: Pair) -> None:
    province, county = pair.nodes
    with province:
        new = NewEnvelope(province.units["lyj"], [county.address("lyj")], KIND, "通知")
        sent = send_envelope(actor=province.registrars["lyj"], new=new)
        row = Outgoing.objects.get(envelope=sent.envelope)
        assert f"fingerprint of this node\t{own_keys().fingerprint}" in told()
        assert "waiting\tqs\t1" in told()
        assert "legs\tout\tunderway\t1" in told()
        Job.objects.filter(ref=row.pk).update(state=Job.State.DEAD, error="Unreachable: qs")
        assert f"dead\t{row.pk}\t['Unreachable: qs']" in told()
        assert f"trying {row.pk} again" in told("--retry", str(row.pk))
        assert "dead\t" not in told()
    pair.work()
    with province:
        assert Leg.objects.get(key=sent.legs[0].key).state == "arrived"
        assert "renumbered 0" in told("--restart", "qs")
        with pytest.raises(CommandError, match="NotFound"):
            told("--retry", str(row.pk))


def test_it_takes_a_directory_in_once(pair: Pair, tmp_path: Path) -> None:
    province, county = pair.nodes
    path = tmp_path / "qs.directory"
    with county:
        listed = tuple(ListedUnit(county.address(code), code) for code in county.units)
        path.write_bytes(Directory("qs", 40, now() + timedelta(days=9), (), listed).signed())
    with province:
        assert "accepted" in told("--accept", str(path))
        assert "known already" in told("--accept", str(path))
        path.write_bytes(b"no directory")
        with pytest.raises(CommandError, match="DirectoryInvalid"):
            told("--accept", str(path))
