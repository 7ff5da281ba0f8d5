"""One transfer: hand a message over, then the pieces its receiver asks for, until it wants nothing more."""

import json
from collections.abc import Iterable

from yiwang.kernel.dispatch.actions.messages import cancel_transfer, take_answer
from yiwang.kernel.dispatch.keys import current_key, own_keys
from yiwang.kernel.dispatch.limits import PIECE
from yiwang.kernel.dispatch.models import Leg, Outgoing
from yiwang.kernel.dispatch.queries import keys_of, own_peer, require_listed, settled_of
from yiwang.kernel.dispatch.rules import FINAL
from yiwang.kernel.dispatch.services import ENVELOPE_KIND, SLOT
from yiwang.kernel.dispatch.transport import Destination, Transport, Unreachable, transport_to
from yiwang.kernel.dispatch.wire import Answer, Content, Piece, Route, decode, pack, read_answer, seal_piece
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.files.services import open_stream
from yiwang.kernel.org.actors import SYSTEM

ROUNDS = 3


def transfer(number: int) -> None:
    """Bring a message to its node; whatever was withdrawn before it left does not leave.

    Raises Unreachable, PeerExpired, AnswerInvalid, FileWithheld: the job is tried again.
    """
    row = Outgoing.objects.select_related("peer__node", "envelope__subject").get(pk=number)
    if row.state != Outgoing.State.WAITING:
        return
    if is_moot(row):
        cancel_transfer(actor=SYSTEM, outgoing=number)
        return
    require_listed(row.peer)
    take_answer(actor=SYSTEM, answer=_exchange(row))


def is_moot(row: Outgoing) -> bool:
    """Whether it brings an envelope that the sender wants back from every addressee there."""
    if row.kind != ENVELOPE_KIND:
        return False
    legs = Leg.objects.filter(envelope=row.envelope, address__peer=row.peer_id, is_withdrawing=False)
    return not legs.exclude(state__in=FINAL).exists()


def packed(row: Outgoing) -> bytes:
    """The message as it travels; sealed and signed anew at every try."""
    keys = next(iter(keys_of(row.peer).values()))
    origin, target = own_peer().node.code, row.peer.node.code
    route = Route(row.message, origin, target, row.epoch, row.number, settled_of(row))
    return pack(route, Content(row.kind, json.loads(row.body)), own=own_keys(current_key()), receiver=keys)


def _exchange(row: Outgoing) -> bytes:
    target = Destination(row.peer.node.code, row.peer.place)
    carrier, keys = transport_to(target), keys_of(row.peer)
    for _round in range(ROUNDS):
        data = carrier.deliver(target, packed(row))
        answer = read_answer(data, keys)
        if not answer.wanted:
            return data
        _send_pieces(row, answer, carrier, target)
    raise Unreachable(f"{target.code} asks for the same pieces again")


def _send_pieces(row: Outgoing, answer: Answer, carrier: Transport, target: Destination) -> None:
    """Only what was asked for; a transfer that was cut goes on where it stopped."""
    if row.envelope is None:
        return
    listed = {one["sha256"]: decode(one["key"]) for one in json.loads(row.body)["files"]}
    for file in Attachment.objects.filter(subject=row.envelope.subject, slot=SLOT).select_related("blob"):
        sha256 = file.blob.sha256
        for number, plain in _parts(file, answer.wanted.get(sha256, ())):
            box = seal_piece(plain, listed[sha256], number)
            carrier.deliver_piece(target, Piece(row.envelope.key, sha256, number, box).to_bytes())


def _parts(file: Attachment, numbers: Iterable[int]) -> Iterable[tuple[int, bytes]]:
    with open_stream(file.blob) as stream:
        for number in numbers:
            stream.seek(number * PIECE)
            yield number, stream.read(PIECE)
