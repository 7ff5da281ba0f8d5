"""Steps of files: settle sealed bytes, hang them on drafts and subjects, open them again."""

import io
import os
import secrets
from pathlib import Path

from django.db.models import Max, QuerySet, Sum
from django.utils.translation import gettext as _

from yiwang.kernel.base.moments import now
from yiwang.kernel.crypto.keyring import KeyringError, keyring
from yiwang.kernel.files.limits import Limits, readable
from yiwang.kernel.files.models import Attachment, Blob
from yiwang.kernel.files.refusals import FileTooLarge, FileWithheld, StoredFileDamaged, TooManyFiles
from yiwang.kernel.files.scanning import scanner
from yiwang.kernel.files.staging import Staged, full_disk_refused, root
from yiwang.kernel.files.vault import PlainReader, sealed_size
from yiwang.kernel.jobs.services import enqueue
from yiwang.kernel.ledger.models import Subject

SCAN = "files.scan"


def path_of(blob: Blob) -> Path:
    """Where the sealed bytes lie."""
    return root() / blob.place


def store(staged: Staged, *, unit: int, mime: str) -> Blob:
    """Settle a staged file under its unit; the same content is kept once per unit.

    Raises StorageFull. When the transaction fails afterwards the sweep takes the file away.
    """
    known = Blob.objects.filter(unit=unit, sha256=staged.sha256).first()
    if known is not None:
        return _kept(known, staged)
    place = _settle(staged, unit)
    fields = {"size": staged.size, "mime": mime, "key": _wrapped(staged, unit), "place": place}
    blob, is_new = Blob.objects.get_or_create(
        unit=unit, sha256=staged.sha256, defaults=fields | {"state": _first_state(), "stored": now(), "used": now()}
    )
    if not is_new:
        (root() / place).unlink(missing_ok=True)
    elif blob.state == Blob.State.QUARANTINED:
        enqueue(SCAN, ref=blob.pk)
    return blob


def _first_state() -> Blob.State:
    return Blob.State.QUARANTINED if scanner() else Blob.State.READY


def _kept(blob: Blob, staged: Staged) -> Blob:
    path = path_of(blob)
    if path.exists() and path.stat().st_size == sealed_size(blob.size):
        staged.discard()
    else:
        blob.place, blob.key = _settle(staged, blob.unit), _wrapped(staged, blob.unit)
    blob.used = now()
    blob.save(update_fields=["place", "key", "used"])
    return blob


def _settle(staged: Staged, unit: int) -> str:
    place = f"{unit}/{staged.sha256[:2]}/{staged.sha256}-{secrets.token_hex(4)}"
    target = root() / place
    with full_disk_refused():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.replace(staged.path, target)
        _sync_folder(target.parent)
    return place


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _context(unit: int, sha256: str) -> bytes:
    return f"files.blob:{unit}:{sha256}".encode()


def _wrapped(staged: Staged, unit: int) -> bytes:
    return keyring().seal(staged.key, _context(unit, staged.sha256))


def data_key(blob: Blob) -> bytes:
    """The key of the file's bytes. Raises StoredFileDamaged when the ring does not open it."""
    try:
        return keyring().unseal(bytes(blob.key), _context(blob.unit, blob.sha256))
    except KeyringError as error:
        raise StoredFileDamaged() from error


def open_stream(blob: Blob) -> io.BufferedReader:
    """The plain bytes, seekable. Raises FileWithheld before the virus scan, StoredFileDamaged."""
    if blob.state != Blob.State.READY:
        raise FileWithheld()
    return open_unscanned(blob)


def open_unscanned(blob: Blob) -> io.BufferedReader:
    """The plain bytes for the virus scanner itself."""
    try:
        source = path_of(blob).open("rb")
    except OSError as error:
        raise StoredFileDamaged() from error
    return io.BufferedReader(PlainReader(source, data_key(blob), blob.size))


def attach_to_draft(blob: Blob, *, owner: int, draft: str, slot: str, name: str) -> Attachment:
    """Hang a file on a draft of an account, last in its slot."""
    beside = Attachment.objects.filter(owner=owner, draft=draft, slot=slot, subject=None)
    return Attachment.objects.create(
        owner=owner, draft=draft, slot=slot, name=name, blob=blob, by=owner, position=_after(beside), at=now()
    )


def attach(blob: Blob, *, subject: Subject, slot: str, name: str, by: int) -> Attachment:
    """Hang a file on a subject, last in its slot; the caller's action records it."""
    beside = Attachment.objects.filter(subject=subject, slot=slot)
    return Attachment.objects.create(
        owner=by, subject=subject, slot=slot, name=name, blob=blob, by=by, position=_after(beside), at=now()
    )


def _after(beside: QuerySet[Attachment]) -> int:
    last = beside.aggregate(last=Max("position"))["last"]
    return 0 if last is None else int(last) + 1


def detach(attachment: Attachment, *, by: int, reason: str) -> None:
    """Take a file out of sight; name, bytes and reason stay for the record."""
    attachment.removed, attachment.removed_by, attachment.removed_reason = now(), by, reason[:200]
    attachment.save(update_fields=["removed", "removed_by", "removed_reason"])


def bind(*, owner: int, draft: str, subject: Subject) -> int:
    """Hand the files of a draft over to the subject made of it, in one statement; how many there were."""
    files = Attachment.objects.filter(owner=owner, draft=draft, subject=None, removed=None)
    return files.update(subject=subject, draft="")


def check_room_in_draft(*, owner: int, draft: str, size: int, limits: Limits) -> None:
    """Raise TooManyFiles or FileTooLarge when one more file of `size` bytes does not go into the draft."""
    files = Attachment.objects.filter(owner=owner, draft=draft, subject=None, removed=None)
    if files.count() >= limits.count:
        raise TooManyFiles(rule=_("一份申请最多 %(count)s 个文件") % {"count": limits.count})
    held = files.aggregate(total=Sum("blob__size"))["total"] or 0
    if held + size > limits.total_bytes:
        raise FileTooLarge(_("全部文件合计太大"), rule=readable(limits.total_bytes))


def judge(blob: Blob, *, is_clean: bool, verdict: str) -> None:
    """Keep what the virus scanner said."""
    blob.state = Blob.State.READY if is_clean else Blob.State.INFECTED
    blob.verdict = verdict[:200]
    blob.save(update_fields=["state", "verdict"])
