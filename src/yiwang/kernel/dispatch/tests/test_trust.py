"""Whom a node trusts, and that nothing less than two officers and a signature from above changes it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pytest_django import DjangoDbBlocker

from yiwang.kernel.base.moments import as_of, now
from yiwang.kernel.base.refusals import InvalidInput, NotFound, NotPermitted, Refusal, StaleState
from yiwang.kernel.dispatch.actions.trust import (
    NewDirectory,
    accept_directory,
    approve_proposal,
    drop_proposal,
    propose_directory,
    propose_root,
)
from yiwang.kernel.dispatch.directory import Directory, ListedNode, ListedUnit
from yiwang.kernel.dispatch.models import Address, Peer
from yiwang.kernel.dispatch.queries import own_peer, peer_of, require_listed
from yiwang.kernel.dispatch.refusals import (
    DirectoryExpired,
    DirectoryInvalid,
    DirectoryOlder,
    NotBelow,
    PeerExpired,
    PeerUnknown,
    ProposalClosed,
    SecondOfficerMissing,
    SignatureInvalid,
)
from yiwang.kernel.dispatch.tests.forging import keys, nothing_changes
from yiwang.kernel.dispatch.tests.two_nodes import (
    SECURITY_OFFICER,
    SYSTEM_OFFICER,
    Pair,
    WholeNode,
    both_officers_pin,
    close,
    found_node,
    issue,
)
from yiwang.kernel.org.actors import SYSTEM, Actor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def sibling(
    pair: Pair, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WholeNode]:
    """A second county below the province, known to all three."""
    with django_db_blocker.unblock():
        node = found_node("bs", tmp_path_factory.mktemp("sibling"), {"lyj": ("白水县局", "")}, 3)
        issued = issue(pair.province, [pair.county.listing(), node.listing()])
        with node:
            both_officers_pin(pair.province.listing())
        for other in (node, pair.county):
            with other:
                accept_directory(actor=SYSTEM, data=issued)
        yield node
        close(node)


def signed(node: WholeNode, serial: int, nodes: tuple[ListedNode, ...] = (), **changes: object) -> bytes:
    """A directory of a node, signed with its key whatever it says."""
    usual = Directory(node.code, serial, now() + timedelta(days=30), nodes)
    with node:
        return replace(usual, **changes).signed()  # type: ignore[arg-type]


def refused(node: WholeNode, data: bytes, kind: type[Refusal]) -> None:
    """The directory is not taken in and nothing changed."""
    with node, nothing_changes(node), pytest.raises(kind):
        accept_directory(actor=SYSTEM, data=data)


def test_a_child_signs_no_sibling_no_ancestor_and_not_itself(pair: Pair, sibling: WholeNode) -> None:
    county, province = pair.county, pair.province
    for listed in (sibling.listing(), province.listing(), county.listing()):
        refused(province, signed(county, 50, (listed,)), NotBelow)
    refused(sibling, signed(county, 50, (sibling.listing(),)), NotBelow)
    foreign = (ListedUnit("bs/lyj", "冒名"),)
    refused(province, signed(county, 50, units=foreign), NotBelow)


def test_a_node_above_may_take_up_what_a_child_has_listed(pair: Pair, sibling: WholeNode) -> None:
    province, county = pair.nodes
    town = ListedNode("yt", "云台镇", "memory:yt", (replace(keys(county), sign=b"t" * 32),))
    with province:
        accept_directory(actor=SYSTEM, data=signed(county, 60, (town,), units=(ListedUnit("qs/lyj", "县局"),)))
        assert str(peer_of("yt").parent) == "qs"
    issue(province, [county.listing(), sibling.listing(), town])
    with province:
        assert str(peer_of("yt").parent) == "prov"
    refused(province, signed(county, 61, (town,)), NotBelow)


def test_an_older_or_expired_directory_or_another_of_the_same_serial_is_refused(pair: Pair) -> None:
    province, county = pair.nodes
    with province:
        serial = peer_of("qs").serial + 1
    good = signed(county, serial, units=(ListedUnit("qs/lyj", "县局"), ListedUnit("qs/yt", "站")))
    with province:
        assert accept_directory(actor=SYSTEM, data=good)
        with nothing_changes(province):
            assert not accept_directory(actor=SYSTEM, data=good)
        assert not Address.objects.get(code="qs/sz").is_active
    refused(province, signed(county, serial), DirectoryOlder)
    refused(province, signed(county, serial - 1), DirectoryOlder)
    refused(province, signed(county, serial + 1, expires=now() - timedelta(seconds=1)), DirectoryExpired)
    refused(county, signed(county, 900), DirectoryOlder)


def test_forged_and_malformed_directories_are_refused(pair: Pair, sibling: WholeNode) -> None:
    province, county = pair.nodes
    good = signed(county, 300)
    refused(province, good.replace(b"300", b"301"), SignatureInvalid)
    with sibling:
        forged = Directory("qs", 300, now() + timedelta(days=30)).signed()
    refused(province, forged, SignatureInvalid)
    for data in (b"", b"{}", b"[]", b"x" * 40, good[:50], good.replace(b'"serial":300', b'"serial":-3')):
        refused(province, data, DirectoryInvalid)
    refused(province, b" " * (9 << 20), DirectoryInvalid)
    town = ListedNode("yt2", "镇", "memory:yt2", (keys(county),))
    refused(province, signed(county, 300, (town,)), DirectoryInvalid)
    refused(province, signed(county, 300, (town, town)), DirectoryInvalid)
    refused(province, signed(county, 300, (replace(town, code="Y T"),)), DirectoryInvalid)
    refused(province, signed(county, 300, (replace(town, keys=()),)), DirectoryInvalid)
    short = replace(keys(county), sign=b"short")
    refused(province, signed(county, 300, (replace(town, keys=(short,)),)), DirectoryInvalid)
    with sibling:
        unknown = Directory("nobody", 1, now() + timedelta(days=30)).signed()
    refused(province, unknown, PeerUnknown)


def test_a_node_taken_off_the_list_is_out_with_all_below_it(pair: Pair, sibling: WholeNode) -> None:
    province, county = pair.nodes
    village = ListedNode("cun", "村", "memory:cun", (replace(keys(sibling), seal=b"v" * 32),))
    with province:
        accept_directory(actor=SYSTEM, data=signed(sibling, 70, (village,)))
        require_listed(peer_of("cun"))
    issue(province, [county.listing()])
    with province:
        for code in ("bs", "cun"):
            with pytest.raises(PeerExpired):
                require_listed(peer_of(code))
    refused(province, signed(sibling, 71), PeerExpired)
    issue(province, [county.listing(), sibling.listing()])
    with province:
        require_listed(peer_of("cun"))


def test_one_officer_is_not_two(pair: Pair) -> None:
    province = pair.province
    new = NewDirectory(now() + timedelta(days=30), (), {"lyj": province.units["lyj"]})
    with province:
        proposal = propose_directory(actor=SYSTEM_OFFICER, new=new)
        same_role, same_person = Actor(950, "乙", officer="system"), Actor(951, "丙", officer="security", person=7)
        audit, clerk = Actor(952, "丁", officer="audit"), province.registrars["lyj"]
        with nothing_changes(province):
            for actor in (SYSTEM_OFFICER, same_role):
                with pytest.raises(SecondOfficerMissing):
                    approve_proposal(actor=actor, proposal=proposal.pk)
            for actor in (audit, clerk, SYSTEM):
                with pytest.raises(NotPermitted):
                    approve_proposal(actor=actor, proposal=proposal.pk)
                with pytest.raises(NotPermitted):
                    propose_directory(actor=actor, new=new)
                with pytest.raises(NotPermitted):
                    propose_root(actor=actor, root=province.listing())
            with pytest.raises(NotFound):
                approve_proposal(actor=SECURITY_OFFICER, proposal=10**6)
        person = replace(SYSTEM_OFFICER, account=953, person=7)
        by_person = propose_directory(actor=person, new=new)
        with nothing_changes(province), pytest.raises(SecondOfficerMissing):
            approve_proposal(actor=same_person, proposal=by_person.pk)
        drop_proposal(actor=SECURITY_OFFICER, proposal=by_person.pk)
        drop_proposal(actor=SECURITY_OFFICER, proposal=proposal.pk)
        with nothing_changes(province), pytest.raises(ProposalClosed):
            approve_proposal(actor=SECURITY_OFFICER, proposal=proposal.pk)


def test_a_proposal_overtaken_or_out_of_time_takes_no_effect(pair: Pair, sibling: WholeNode) -> None:
    province, county = pair.nodes
    nodes = (county.listing(), sibling.listing())
    with province:
        new = NewDirectory(now() + timedelta(days=1), nodes, province.units)
        late = propose_directory(actor=SYSTEM_OFFICER, new=new)
        with as_of(now() + timedelta(days=2)), nothing_changes(province), pytest.raises(DirectoryExpired):
            approve_proposal(actor=SECURITY_OFFICER, proposal=late.pk)
        first = propose_directory(actor=SYSTEM_OFFICER, new=new)
        approve_proposal(actor=SECURITY_OFFICER, proposal=late.pk)
        with nothing_changes(province), pytest.raises(StaleState):
            approve_proposal(actor=SECURITY_OFFICER, proposal=first.pk)
        gone = NewDirectory(now() - timedelta(days=1), nodes, province.units)
        with nothing_changes(province):
            with pytest.raises(DirectoryExpired):
                propose_directory(actor=SYSTEM_OFFICER, new=gone)
            with pytest.raises(InvalidInput):
                propose_directory(actor=SYSTEM_OFFICER, new=replace(new, units={"x": 10**6}))
            with pytest.raises(NotBelow):
                propose_directory(actor=SYSTEM_OFFICER, new=replace(new, nodes=(province.listing(),)))


def test_there_is_one_root_and_its_keys_change_only_by_two_officers(pair: Pair, sibling: WholeNode) -> None:
    county = pair.county
    with county:
        false_root = propose_root(actor=SYSTEM_OFFICER, root=sibling.listing())
        with nothing_changes(county), pytest.raises(NotBelow):
            approve_proposal(actor=SECURITY_OFFICER, proposal=false_root.pk)
        with nothing_changes(county), pytest.raises(DirectoryInvalid):
            propose_root(actor=SYSTEM_OFFICER, root=replace(sibling.listing(), keys=()))
        assert Peer.objects.get(is_root=True).node.code == "prov"
        both_officers_pin(pair.province.listing())
        assert own_peer().node.code == "qs"
