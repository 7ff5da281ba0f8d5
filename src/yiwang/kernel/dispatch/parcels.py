"""The body of an envelope message, read strictly: what another node says is not believed to be in order."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from yiwang.kernel.dispatch.keys import KEY_BYTES
from yiwang.kernel.dispatch.limits import TITLE, DispatchLimits
from yiwang.kernel.dispatch.refusals import MessageInvalid
from yiwang.kernel.dispatch.wire import decode, encode, text_of
from yiwang.kernel.ledger.rules import canonical

CODE_LENGTH, NAME, FILE_NAME = 60, 100, 255
_DIGEST = re.compile(r"[0-9a-f]{64}")
_KIND = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file that follows a message: name, bytes, hash of its plain text, key of its pieces."""

    name: str
    size: int
    sha256: str
    key: bytes

    def plain(self) -> dict[str, object]:
        """As kept while its pieces come in."""
        return {"name": self.name, "size": self.size, "sha256": self.sha256, "key": encode(self.key)}


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one node gets of an envelope; `legs` are (key, address)."""

    envelope: UUID
    kind: str
    title: str
    payload: Mapping[str, object]
    sender: str
    sender_name: str
    sent: datetime
    replaces: UUID | None
    legs: tuple[tuple[UUID, str], ...]
    files: tuple[ListedFile, ...]


def read_parcel(body: Mapping[str, object], limits: DispatchLimits) -> Parcel:
    """A parcel in order and within bounds. Raises MessageInvalid."""
    try:
        parcel = _parcel(body)
        size = len(canonical(parcel.payload))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise MessageInvalid() from error
    targets = [target for _, target in parcel.legs]
    total = sum(file.size for file in parcel.files)
    is_large = total > limits.files_bytes or len(parcel.files) > limits.files or len(targets) > limits.legs
    if is_large or size > limits.payload_bytes:
        raise MessageInvalid(facts={"files": len(parcel.files), "bytes": total, "legs": len(targets)})
    if not targets or len(set(targets)) != len(targets) or len({key for key, _ in parcel.legs}) != len(targets):
        raise MessageInvalid()
    return parcel


def _parcel(body: Mapping[str, object]) -> Parcel:
    payload, sender, legs, files = body["payload"], body["sender"], body["legs"], body["files"]
    if not (isinstance(payload, dict) and isinstance(sender, dict)):
        raise TypeError("objects")
    if not (isinstance(legs, list) and isinstance(files, list)):
        raise TypeError("lists")
    sent = datetime.fromisoformat(str(body["sent"]))
    if sent.tzinfo is None or not _KIND.fullmatch(str(body["kind"])):
        raise ValueError("moment or kind")
    return Parcel(
        envelope=UUID(str(body["envelope"])),
        kind=str(body["kind"]),
        title=text_of(body["title"], TITLE),
        payload=payload,
        sender=text_of(sender["code"], CODE_LENGTH + 1),
        sender_name=text_of(sender["name"], NAME),
        sent=sent,
        replaces=UUID(str(body["replaces"])) if body["replaces"] else None,
        legs=tuple((UUID(str(leg["key"])), text_of(leg["to"], CODE_LENGTH + 1)) for leg in legs),
        files=tuple(file_of(file) for file in files),
    )


def file_of(told: Mapping[str, object]) -> ListedFile:
    """A file from plain values. Raises KeyError, ValueError or TypeError."""
    size, key = told["size"], decode(told["key"])
    if isinstance(size, bool) or not isinstance(size, int) or size < 1 or len(key) != KEY_BYTES:
        raise ValueError("size or key")
    if not _DIGEST.fullmatch(str(told["sha256"])):
        raise ValueError("hash")
    return ListedFile(text_of(told["name"], FILE_NAME), size, str(told["sha256"]), key)
