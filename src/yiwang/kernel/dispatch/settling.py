"""Bringing the files of an envelope to its addressees here: copied and checked outside, then one action."""

import json
from collections.abc import Iterable, Iterator, Mapping

from yiwang.kernel.dispatch import pieces
from yiwang.kernel.dispatch.actions.messages import reject_legs, settle_legs
from yiwang.kernel.dispatch.models import Envelope, Leg
from yiwang.kernel.dispatch.parcels import ListedFile, file_of
from yiwang.kernel.dispatch.refusals import HashDiffers, PieceRefused
from yiwang.kernel.dispatch.rules import State
from yiwang.kernel.dispatch.services import SLOT
from yiwang.kernel.files.inspection import Arrival, accept
from yiwang.kernel.files.limits import default_limits
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.files.refusals import FileRefused
from yiwang.kernel.files.services import open_stream
from yiwang.kernel.files.staging import stage
from yiwang.kernel.org.actors import SYSTEM

CHUNK = 1 << 18


def wanted_of(envelope: Envelope) -> dict[str, tuple[int, ...]]:
    """Pieces that are still to come, by hash of the file; nothing once no leg waits for them."""
    if envelope.is_complete or not _underway(envelope):
        return {}
    found = {file.sha256: pieces.missing(str(envelope.key), file) for file in listed_files(envelope)}
    return {name: numbers for name, numbers in found.items() if numbers}


def listed_files(envelope: Envelope) -> list[ListedFile]:
    """Files that a received envelope announces."""
    return [file_of(told) for told in json.loads(envelope.files)]


def settle(number: int) -> None:
    """Copy the files to every addressee that waits for them; what is refused on the way comes back to the sender."""
    envelope = Envelope.objects.select_related("subject").get(pk=number)
    if wanted_of(envelope):
        return
    copies: dict[int, list[Arrival]] = {}
    try:
        for leg in _underway(envelope):
            copies[leg.pk] = list(_copies(envelope))
    except (FileRefused, PieceRefused) as refusal:
        _discard(copies.values())
        reject_legs(actor=SYSTEM, envelope=number, reason=str(refusal))
    else:
        _settle(number, copies)
    pieces.forget(str(envelope.key))


def _settle(number: int, copies: Mapping[int, list[Arrival]]) -> None:
    try:
        settle_legs(actor=SYSTEM, envelope=number, copies=copies)
    finally:
        _discard(copies.values())


def _underway(envelope: Envelope) -> list[Leg]:
    rows = Leg.objects.filter(envelope=envelope, state=State.UNDERWAY).exclude(side=Leg.Side.OUT)
    return list(rows.order_by("pk"))


def _copies(envelope: Envelope) -> Iterator[Arrival]:
    """Every file once more, staged; one that is not what was listed or is not taken is refused."""
    if envelope.subject is None:
        for file in listed_files(envelope):
            yield _copy(file.name, file.sha256, pieces.plain(str(envelope.key), file))
        return
    for attachment in Attachment.objects.filter(subject=envelope.subject, slot=SLOT, removed=None).order_by("position"):
        with open_stream(attachment.blob) as stream:
            yield _copy(attachment.name, attachment.blob.sha256, iter(lambda: stream.read(CHUNK), b""))


def _copy(name: str, sha256: str, plain: Iterable[bytes]) -> Arrival:
    staged = stage(plain, default_limits())
    if staged.sha256 != sha256:
        staged.discard()
        raise HashDiffers()
    return accept(staged, name, default_limits())


def _discard(copies: Iterable[list[Arrival]]) -> None:
    for arrivals in copies:
        for arrival in arrivals:
            arrival.staged.discard()
