"""The door of this node: what a carrier brings is checked, taken in by one action, and answered under our signature.

An answer is given only to a listed sender, and only after what it brought is stored. Anything else is a plain refusal
that proves nothing, so that its sender tries again.
"""

from yiwang.kernel.dispatch import pieces
from yiwang.kernel.dispatch.actions.messages import begin_settling, receive_message
from yiwang.kernel.dispatch.incoming import Incoming
from yiwang.kernel.dispatch.limits import dispatch_limits
from yiwang.kernel.dispatch.models import Envelope
from yiwang.kernel.dispatch.queries import keys_of, own_peer, peer_of, require_listed
from yiwang.kernel.dispatch.refusals import MessageRefused, NotForThisNode, PieceRefused
from yiwang.kernel.dispatch.services import ENVELOPE_KIND
from yiwang.kernel.dispatch.settling import listed_files, wanted_of
from yiwang.kernel.dispatch.wire import REFUSED, STORED, Answer, check_signature, open_frame, read_frame, read_piece
from yiwang.kernel.org.actors import SYSTEM


def answer_to(frame: bytes) -> bytes:
    """Take a message in, once, and answer it.

    Raises FrameTooLarge, FrameInvalid, NotForThisNode, PeerUnknown, PeerExpired or SignatureInvalid, without effect.
    """
    message = _believed(frame)
    try:
        receive_message(actor=SYSTEM, message=message)
    except MessageRefused as refusal:
        return Answer(message.route.message, REFUSED, refusal.code).to_bytes()
    return Answer(message.route.message, STORED, wanted=_wanted(message)).to_bytes()


def take_piece(data: bytes) -> None:
    """Keep one piece of a file that an envelope announced. Raises PieceRefused, StorageFull."""
    piece = read_piece(data)
    envelope = Envelope.objects.filter(key=piece.envelope, is_complete=False, subject=None).first()
    if envelope is None:
        raise PieceRefused()
    files = [file for file in listed_files(envelope) if file.sha256 == piece.sha256]
    if not files:
        raise PieceRefused()
    pieces.keep(piece, files[0])


def _believed(data: bytes) -> Incoming:
    frame = read_frame(data, dispatch_limits().frame_bytes)
    if frame.route.target != own_peer().node.code:
        raise NotForThisNode()
    peer = peer_of(frame.route.origin)
    check_signature(frame, keys_of(peer))
    require_listed(peer)
    return Incoming(peer, frame.route, open_frame(frame))


def _wanted(message: Incoming) -> dict[str, tuple[int, ...]]:
    if message.content.kind != ENVELOPE_KIND:
        return {}
    envelope = Envelope.objects.get(key=str(message.content.body["envelope"]))
    wanted = wanted_of(envelope)
    if not wanted and not envelope.is_complete:
        begin_settling(actor=SYSTEM, envelope=envelope.pk)
    return wanted
