"""What people do with files: put them into a draft, add them to a subject, take them back."""

from django.db import transaction
from django.utils.translation import gettext as _

from yiwang.kernel.access.policies import require
from yiwang.kernel.base.refusals import InvalidInput, NotFound, NotPermitted
from yiwang.kernel.files.inspection import Arrival
from yiwang.kernel.files.limits import Limits
from yiwang.kernel.files.models import Attachment, Blob
from yiwang.kernel.files.scanning import Verdict
from yiwang.kernel.files.services import attach, attach_to_draft, check_room_in_draft, detach, judge, store
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import Event, lock, record
from yiwang.kernel.org.actors import Actor

ATTACH = "file.attach"
DETACH = "file.detach"


@transaction.atomic(durable=True)
def add_to_draft(*, actor: Actor, arrival: Arrival, draft: str, slot: str, unit: int, limits: Limits) -> Attachment:
    """Put a file into a draft of the actor's own. `unit` is the unit that is being asked.

    Raises NotPermitted for visitors, TooManyFiles, FileTooLarge, StorageFull; a refused file is thrown away.
    """
    if actor.account <= 0 or not draft:
        arrival.staged.discard()
        raise NotPermitted()
    try:
        check_room_in_draft(owner=actor.account, draft=draft, size=arrival.staged.size, limits=limits)
    except Exception:
        arrival.staged.discard()
        raise
    blob = store(arrival.staged, unit=unit, mime=arrival.mime)
    return attach_to_draft(blob, owner=actor.account, draft=draft, slot=slot, name=arrival.name)


@transaction.atomic(durable=True)
def remove_from_draft(*, actor: Actor, attachment: int) -> None:
    """Take a file out of a draft of the actor's own. Raises NotFound for any other; a second time does nothing."""
    found = Attachment.objects.filter(pk=attachment, owner=actor.account, subject=None).first()
    if found is None or actor.account <= 0:
        raise NotFound()
    if found.removed is None:
        detach(found, by=actor.account, reason="")


@transaction.atomic(durable=True)
def add_to_subject(*, actor: Actor, arrival: Arrival, subject: int, slot: str) -> Attachment:
    """Add a file to a subject whose policy allows `file.attach`. Records `file.attached`.

    Raises NotFound, NotPermitted, StorageFull; a refused file is thrown away.
    """
    try:
        row = _permitted(actor, ATTACH, subject)
    except Exception:
        arrival.staged.discard()
        raise
    blob = store(arrival.staged, unit=row.unit, mime=arrival.mime)
    file = attach(blob, subject=row, slot=slot, name=arrival.name, by=actor.account)
    record(Event(row, "file.attached", {"file": file.pk, "slot": slot, "sha256": blob.sha256}), actor=actor)
    return file


@transaction.atomic(durable=True)
def remove_from_subject(*, actor: Actor, attachment: int, reason: str) -> None:
    """Take a file of a subject out of sight, for a reason that stays. Records `file.detached`.

    Raises NotFound, NotPermitted, InvalidInput without a reason.
    """
    found = Attachment.objects.filter(pk=attachment, removed=None).exclude(subject=None).first()
    if found is None or found.subject_id is None:
        raise NotFound()
    row = _permitted(actor, DETACH, found.subject_id)
    if not reason.strip():
        raise InvalidInput(_("请写明移除文件的理由"), field="reason")
    detach(found, by=actor.account, reason=reason.strip())
    record(Event(row, "file.detached", {"file": found.pk, "slot": found.slot}), actor=actor)


@transaction.atomic(durable=True)
def judge_blob(*, actor: Actor, blob: int, verdict: Verdict) -> None:
    """Keep the verdict of the virus scanner; a file judged before, or gone, stays as it is."""
    waiting = Blob.objects.select_for_update().filter(pk=blob, state=Blob.State.QUARANTINED).first()
    if waiting is not None:
        judge(waiting, is_clean=verdict.is_clean, verdict=verdict.name)


def _permitted(actor: Actor, verb: str, subject: int) -> Subject:
    row = lock(subject)[subject]
    require(actor, verb, row)
    return row
