"""Whom this node trusts: a root is pinned and a directory issued by two officers; directories of others are checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import InvalidInput, NotFound, StaleState
from yiwang.kernel.dispatch.directory import (
    Directory,
    ListedNode,
    ListedUnit,
    is_signed_by,
    node_of,
    read_directory,
)
from yiwang.kernel.dispatch.listing import NOWHERE, apply_directory, is_over, pin_root
from yiwang.kernel.dispatch.models import DirectoryIssue, Peer, Proposal
from yiwang.kernel.dispatch.policies import PROPOSAL
from yiwang.kernel.dispatch.queries import keys_of, own_peer, peer_of, require_listed
from yiwang.kernel.dispatch.refusals import (
    DirectoryExpired,
    DirectoryInvalid,
    DirectoryOlder,
    ProposalClosed,
    SignatureInvalid,
)
from yiwang.kernel.dispatch.rules import Officer, check_officer, check_second
from yiwang.kernel.ledger.services import Event, create_subject, lock, record
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Unit


@dataclass(frozen=True, slots=True)
class NewDirectory:
    """What the next directory of this node shall say: nodes below it, units that collect on it (unit id by code)."""

    expires: datetime
    nodes: Sequence[ListedNode] = ()
    units: Mapping[str, int] = field(default_factory=dict)


@transaction.atomic(durable=True)
def propose_root(*, actor: Actor, root: ListedNode) -> Proposal:
    """Propose the root of all trust, after its fingerprint was compared by telephone.

    Raises NotPermitted, DirectoryInvalid.
    """
    check_officer(actor.officer)
    try:
        node_of(root.plain())
    except (KeyError, ValueError, TypeError) as error:
        raise DirectoryInvalid() from error
    return _propose(actor, Proposal.Type.ROOT, root.plain())


@transaction.atomic(durable=True)
def propose_directory(*, actor: Actor, new: NewDirectory) -> Proposal:
    """Propose the next directory of this node. Raises NotPermitted, DirectoryInvalid, NotBelow, DirectoryExpired."""
    check_officer(actor.officer)
    own = own_peer()
    units = {unit.pk: unit for unit in Unit.objects.filter(pk__in=new.units.values(), is_active=True)}
    if len(units) != len(new.units):
        raise InvalidInput(field="units")
    listed = tuple(ListedUnit(f"{own}/{code}", units[pk].name) for code, pk in sorted(new.units.items()))
    directory = Directory(own.node.code, own.serial + 1, new.expires, tuple(new.nodes), listed)
    read_directory(directory.to_bytes())
    if is_over(directory, now()):
        raise DirectoryExpired()
    links = {f"{own}/{code}": pk for code, pk in new.units.items()}
    return _propose(actor, Proposal.Type.DIRECTORY, {"directory": directory.to_bytes().decode(), "units": links})


def _propose(actor: Actor, kind: Proposal.Type, body: Mapping[str, object]) -> Proposal:
    proposal = Proposal.objects.create(
        subject=create_subject(PROPOSAL, unit=NOWHERE),
        kind=kind,
        body=dict(body),
        proposer=actor.account,
        proposer_role=actor.officer,
        proposer_person=actor.person,
    )
    record(Event(proposal.subject, f"trust.{kind}_proposed", {"proposal": proposal.pk}), actor=actor)
    return proposal


@transaction.atomic(durable=True)
def approve_proposal(*, actor: Actor, proposal: int) -> Proposal:
    """Approve as the second officer, of another role and another person; it takes effect at once.

    Raises NotPermitted, SecondOfficerMissing, NotFound, ProposalClosed, StaleState when another directory was issued
    meanwhile, and what `apply_directory` raises.
    """
    row = _open(proposal)
    first = Officer(row.proposer, row.proposer_role, row.proposer_person)
    check_second(first, Officer(actor.account, actor.officer, actor.person))
    if row.kind == Proposal.Type.ROOT:
        pin_root(node_of(row.body))
    else:
        _issue(row)
    return _decide(row, Proposal.State.APPROVED, actor)


@transaction.atomic(durable=True)
def drop_proposal(*, actor: Actor, proposal: int) -> Proposal:
    """Drop a proposal; either officer may. Raises NotPermitted, NotFound, ProposalClosed."""
    check_officer(actor.officer)
    return _decide(_open(proposal), Proposal.State.DROPPED, actor)


def _open(proposal: int) -> Proposal:
    found = Proposal.objects.filter(pk=proposal).first()
    if found is None:
        raise NotFound()
    subject = lock(found.subject_id)[found.subject_id]
    row = Proposal.objects.get(pk=proposal)
    if row.state != Proposal.State.OPEN:
        raise ProposalClosed()
    row.subject = subject
    return row


def _issue(row: Proposal) -> None:
    own = Peer.objects.select_for_update(of=("self",)).select_related("node").get(pk=own_peer().pk)
    directory = read_directory(str(row.body["directory"]).encode())
    if directory.serial != own.serial + 1:
        raise StaleState()
    if is_over(directory, now()):
        raise DirectoryExpired()
    apply_directory(own, directory, directory.signed(), row.body["units"])


def _decide(row: Proposal, state: Proposal.State, actor: Actor) -> Proposal:
    row.state, row.approver, row.decided = state, actor.account, now()
    row.save(update_fields=["state", "approver", "decided"])
    verb = f"trust.{row.kind}_{state.name.lower()}"
    record(Event(row.subject, verb, {"proposal": row.pk, "proposer": row.proposer}), actor=actor)
    return row


@transaction.atomic(durable=True)
def accept_directory(*, actor: Actor, data: bytes) -> bool:
    """Take in the signed directory of another node; False when exactly this one was taken in before.

    Raises DirectoryInvalid, PeerUnknown, PeerExpired, SignatureInvalid, DirectoryExpired, DirectoryOlder, NotBelow.
    """
    directory = read_directory(data)
    issuer = peer_of(directory.issuer)
    subject = lock(issuer.subject_id)[issuer.subject_id]
    issuer.refresh_from_db()
    require_listed(issuer)
    if not is_signed_by(data, keys_of(issuer)):
        raise SignatureInvalid()
    if is_over(directory, now()):
        raise DirectoryExpired()
    if _is_known(issuer, directory, data):
        return False
    apply_directory(issuer, directory, data, {})
    record(Event(subject, "directory.accepted", {"issuer": directory.issuer, "serial": directory.serial}), actor=actor)
    return True


def _is_known(issuer: Peer, directory: Directory, data: bytes) -> bool:
    if issuer.node.is_self:
        raise DirectoryOlder()
    if directory.serial > issuer.serial:
        return False
    kept = DirectoryIssue.objects.filter(peer=issuer, serial=directory.serial).values_list("body", flat=True).first()
    if directory.serial < issuer.serial or kept is None or bytes(kept) != data:
        raise DirectoryOlder(facts={"serial": directory.serial, "known": issuer.serial})
    return True
