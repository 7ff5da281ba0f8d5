"""Steps of trust: a root is pinned, a directory takes the place of the one before it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from yiwang.kernel.dispatch.directory import Directory, ListedNode
from yiwang.kernel.dispatch.keys import PublicKeys
from yiwang.kernel.dispatch.models import Address, DirectoryIssue, Inbound, Outbound, Peer, PeerKey
from yiwang.kernel.dispatch.policies import PEER
from yiwang.kernel.dispatch.queries import DEEPEST
from yiwang.kernel.dispatch.refusals import DirectoryInvalid, NotBelow
from yiwang.kernel.ledger.services import create_subject
from yiwang.kernel.org.models import Node

NOWHERE = 0


def pin_root(root: ListedNode) -> Peer:
    """The one node that all trust comes from; pinned anew, its keys are replaced. Raises NotBelow for a second root."""
    if Peer.objects.filter(is_root=True).exclude(node__code=root.code).exists():
        raise NotBelow()
    peer = _peer(root)
    peer.is_root, peer.parent, peer.expires, peer.is_listed, peer.place = True, None, None, True, root.place
    peer.save()
    _replace_keys(peer, root.keys)
    return peer


def apply_directory(issuer: Peer, directory: Directory, signed: bytes, units: Mapping[str, int]) -> None:
    """Let a directory take the place of the issuer's last one, as a whole; `units` are ids of units of this node.

    Raises NotBelow for a node that stands elsewhere, DirectoryInvalid for a key that another node has.
    """
    for node in directory.nodes:
        _list(issuer, node, directory)
    listed = [node.code for node in directory.nodes]
    Peer.objects.filter(parent=issuer).exclude(node__code__in=listed).update(is_listed=False)
    _replace_units(issuer, directory, units)
    issuer.serial = directory.serial
    issuer.save(update_fields=["serial"])
    DirectoryIssue.objects.create(peer=issuer, serial=directory.serial, body=signed)


def _list(issuer: Peer, node: ListedNode, directory: Directory) -> None:
    known = Peer.objects.select_related("parent").filter(node__code=node.code).first()
    if known is not None and (known.is_root or not _is_below(known, issuer)):
        raise NotBelow(facts={"node": node.code})
    peer = known or _peer(node)
    peer.parent, peer.place, peer.is_listed = issuer, node.place, True
    peer.listed_in, peer.expires = directory.serial, directory.expires
    peer.save()
    _replace_keys(peer, node.keys)


def _is_below(peer: Peer, issuer: Peer) -> bool:
    """A node that was listed farther down may be taken up; one that stands above or beside may not."""
    one = peer.parent
    for _depth in range(DEEPEST):
        if one is None or one.pk == issuer.pk:
            return one is not None
        one = one.parent
    return False


def _peer(listed: ListedNode) -> Peer:
    known = Peer.objects.filter(node__code=listed.code).first()
    if known is not None:
        return known
    node, _is_new = Node.objects.get_or_create(code=listed.code, defaults={"name": listed.name})
    peer = Peer.objects.create(node=node, subject=create_subject(PEER, unit=NOWHERE, node=node.pk))
    Outbound.objects.create(peer=peer)
    Inbound.objects.create(peer=peer)
    return peer


def _replace_keys(peer: Peer, keys: Iterable[PublicKeys]) -> None:
    rows = [
        PeerKey(peer=peer, fingerprint=key.fingerprint, sign=key.sign, seal=key.seal, position=place)
        for place, key in enumerate(keys)
    ]
    if PeerKey.objects.filter(fingerprint__in=[row.fingerprint for row in rows]).exclude(peer=peer).exists():
        raise DirectoryInvalid()
    PeerKey.objects.filter(peer=peer).delete()
    PeerKey.objects.bulk_create(rows)


def _replace_units(issuer: Peer, directory: Directory, units: Mapping[str, int]) -> None:
    rows = [
        Address(code=one.code, name=one.name, peer=issuer, unit_id=units.get(one.code), is_active=True)
        for one in directory.units
    ]
    Address.objects.filter(peer=issuer).update(is_active=False)
    Address.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code"], update_fields=["name", "peer", "unit", "is_active"]
    )


def is_over(directory: Directory, moment: datetime) -> bool:
    """Whether a directory has expired."""
    return directory.expires <= moment
