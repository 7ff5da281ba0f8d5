"""What passes between nodes, as bytes: messages, answers, pieces of files. JSON outside, sealed JSON inside."""

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yiwang.kernel.dispatch.keys import FINGERPRINT, SUITE_NAME, PublicKeys, is_signed, seal, sign, unseal
from yiwang.kernel.dispatch.limits import PIECE
from yiwang.kernel.dispatch.refusals import (
    AnswerInvalid,
    FrameInvalid,
    FrameTooLarge,
    PieceRefused,
    SignatureInvalid,
)
from yiwang.kernel.ledger.rules import canonical

VERSION = 1
STORED, REFUSED = "stored", "refused"
_FRAME, _ANSWER = b"yiwang.dispatch.frame\n", b"yiwang.dispatch.answer\n"
_MOST = 2**53
CODE, REFUSAL = 20, 200


def encode(data: bytes) -> str:
    """Bytes as text."""
    return b64encode(data).decode()


def decode(text: object) -> bytes:
    """Inverse of `encode`. Raises ValueError."""
    try:
        return b64decode(str(text), validate=True)
    except Base64Error as error:
        raise ValueError("not base64") from error


def text_of(value: object, most: int) -> str:
    """A text that both engines can keep, cut to `most` characters. Raises ValueError for NUL and half characters."""
    text = str(value)[:most]
    if "\x00" in text:
        raise ValueError("NUL")
    text.encode()
    return text


@dataclass(frozen=True, slots=True)
class Route:
    """From which node to which, in which epoch under which number, and what the sender has settled."""

    message: UUID
    origin: str
    target: str
    epoch: int
    number: int
    settled: int

    def plain(self) -> dict[str, object]:
        """As written in a message."""
        return {
            "id": str(self.message),
            "from": self.origin,
            "to": self.target,
            "epoch": self.epoch,
            "number": self.number,
            "settled": self.settled,
        }


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says: its kind and its body."""

    kind: str
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Frame:
    """A message as it travels: route in plain, content sealed, all of it signed."""

    route: Route
    key: str
    sealed_to: str
    box: bytes
    signature: bytes = b""

    def signed_part(self) -> bytes:
        """What the signature covers."""
        outer = {"v": VERSION, "suite": SUITE_NAME, "key": self.key, "sealed_to": self.sealed_to}
        return _FRAME + canonical({**self.route.plain(), **outer, "box": encode(self.box)})

    def to_bytes(self) -> bytes:
        """As it travels."""
        return self.signed_part()[len(_FRAME) :] + b"\n" + encode(self.signature).encode()


def pack(route: Route, content: Content, *, own: PublicKeys, receiver: PublicKeys) -> bytes:
    """Seal a content to its receiver and sign it as this node."""
    inner = canonical({"kind": content.kind, "body": content.body})
    box = seal(inner, receiver, canonical(route.plain()))
    frame = Frame(route, own.fingerprint, receiver.fingerprint, box)
    return Frame(route, own.fingerprint, receiver.fingerprint, box, sign(frame.signed_part())).to_bytes()


def read_frame(data: bytes, most: int) -> Frame:
    """A message as it came, not yet believed. Raises FrameTooLarge before reading it, FrameInvalid."""
    if len(data) > most:
        raise FrameTooLarge(facts={"limit": most, "size": len(data)})
    line, _, signature = data.partition(b"\n")
    told = _object(line)
    try:
        if told["v"] != VERSION or told["suite"] != SUITE_NAME:
            raise FrameInvalid()
        key, sealed_to = text_of(told["key"], FINGERPRINT), text_of(told["sealed_to"], FINGERPRINT)
        return Frame(_route(told), key, sealed_to, decode(told["box"]), _bytes(signature))
    except (KeyError, ValueError, TypeError) as error:
        raise FrameInvalid() from error


def _route(told: Mapping[str, object]) -> Route:
    epoch, number, settled = (_count(told[name]) for name in ("epoch", "number", "settled"))
    origin, target = text_of(told["from"], CODE), text_of(told["to"], CODE)
    return Route(UUID(str(told["id"])), origin, target, epoch, number, settled)


def check_signature(frame: Frame, keys: Mapping[str, PublicKeys]) -> None:
    """Whether a listed key of the sender signed it. Raises SignatureInvalid."""
    key = keys.get(frame.key)
    if key is None or not is_signed(frame.signed_part(), frame.signature, key):
        raise SignatureInvalid()


def open_frame(frame: Frame) -> Content:
    """What a message says. Raises NotForThisNode, FrameInvalid."""
    inner = _object(unseal(frame.box, frame.sealed_to, canonical(frame.route.plain())))
    body = inner.get("body")
    if not isinstance(body, dict) or not isinstance(inner.get("kind"), str):
        raise FrameInvalid()
    return Content(str(inner["kind"]), body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver says of a message: stored or refused, and which pieces of which files it still wants."""

    message: UUID
    status: str
    refusal: str = ""
    wanted: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Signed as this node."""
        told = {
            "id": str(self.message),
            "status": self.status,
            "refusal": self.refusal,
            "wanted": {name: list(numbers) for name, numbers in self.wanted.items()},
        }
        body = canonical(told)
        return body + b"\n" + encode(sign(_ANSWER + body)).encode()


def read_answer(data: bytes, keys: Mapping[str, PublicKeys]) -> Answer:
    """An answer signed by the holder of one of `keys`. Raises AnswerInvalid."""
    body, _, signature = data.partition(b"\n")
    try:
        signed = decode(signature.decode("ascii"))
        if not any(is_signed(_ANSWER + body, signed, key) for key in keys.values()):
            raise AnswerInvalid()
        answer = _answer(_object(body))
    except (KeyError, ValueError, TypeError, FrameInvalid) as error:
        raise AnswerInvalid() from error
    if answer.status not in (STORED, REFUSED):
        raise AnswerInvalid()
    return answer


def answered_message(data: bytes) -> UUID:
    """Of which message an answer speaks, before it is believed. Raises AnswerInvalid."""
    try:
        return _answer(_object(data.partition(b"\n")[0])).message
    except (KeyError, ValueError, TypeError, FrameInvalid) as error:
        raise AnswerInvalid() from error


def _answer(told: Mapping[str, object]) -> Answer:
    wanted = told["wanted"]
    if not isinstance(wanted, dict):
        raise FrameInvalid()
    numbers = {str(name): tuple(_count(one) for one in row) for name, row in wanted.items()}
    return Answer(UUID(str(told["id"])), str(told["status"]), text_of(told["refusal"], REFUSAL), numbers)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file of an envelope, sealed under the file's own key."""

    envelope: UUID
    sha256: str
    number: int
    box: bytes

    def to_bytes(self) -> bytes:
        """As it travels: a line that says what it is, then the sealed bytes."""
        line = {"envelope": str(self.envelope), "sha256": self.sha256, "number": self.number}
        return canonical(line) + b"\n" + self.box


def read_piece(data: bytes) -> Piece:
    """A piece as it came. Raises PieceRefused."""
    line, _, box = data.partition(b"\n")
    try:
        told = _object(line[:400])
        piece = Piece(UUID(str(told["envelope"])), str(told["sha256"]), _count(told["number"]), box)
    except (KeyError, ValueError, TypeError, FrameInvalid) as error:
        raise PieceRefused() from error
    if len(box) > PIECE + 16 or not _is_digest(piece.sha256):
        raise PieceRefused()
    return piece


def seal_piece(plain: bytes, key: bytes, number: int) -> bytes:
    """Seal one piece; the same piece gives the same bytes, its key serves one file of one message only."""
    return AESGCM(key).encrypt(number.to_bytes(12, "big"), plain, None)


def open_piece(box: bytes, key: bytes, number: int) -> bytes:
    """Inverse of `seal_piece`. Raises PieceRefused."""
    try:
        return AESGCM(key).decrypt(number.to_bytes(12, "big"), box, None)
    except (InvalidTag, ValueError) as error:
        raise PieceRefused() from error


def _is_digest(text: str) -> bool:
    return len(text) == 64 and all(sign in "0123456789abcdef" for sign in text)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MOST:
        raise ValueError("not a count")
    return value


def _bytes(text: bytes) -> bytes:
    return decode(text.decode("ascii"))


def _object(data: bytes) -> dict[str, object]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FrameInvalid() from error
    if not isinstance(found, dict):
        raise FrameInvalid()
    return found
