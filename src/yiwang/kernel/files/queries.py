"""Reading files: only through a draft of one's own or a subject one may see."""

from datetime import datetime

from django.db.models import QuerySet

from yiwang.kernel.access.policies import may
from yiwang.kernel.access.queries import visible
from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.files.models import Attachment, Blob
from yiwang.kernel.org.actors import Actor

READ = "file.read"


def of_draft(actor: Actor, draft: str) -> QuerySet[Attachment]:
    """Files of a draft of the actor's own account, in order."""
    files = Attachment.objects.filter(owner=actor.account, draft=draft, subject=None, removed=None)
    return files.select_related("blob").order_by("slot", "position", "pk")


def of_subject(actor: Actor, subject: int) -> QuerySet[Attachment]:
    """Files of a subject that the actor may see, in order, without those taken back."""
    files = Attachment.objects.filter(visible(actor, "subject"), subject=subject, removed=None)
    return files.select_related("blob").order_by("slot", "position", "pk")


def readable_by(actor: Actor, attachment: int) -> Attachment:
    """A file the actor may open: of a draft of his own, or of a subject whose policy allows him `file.read`.

    Raises NotFound for all others, whether they exist or not.
    """
    files = Attachment.objects.filter(pk=attachment, removed=None).select_related("blob", "subject")
    found = files.first()
    if found is None or not _may_read(actor, found):
        raise NotFound()
    return found


def _may_read(actor: Actor, file: Attachment) -> bool:
    if file.subject is None:
        return actor.account > 0 and file.owner == actor.account
    return may(actor, READ, file.subject)


def forgotten_blobs(before: datetime) -> QuerySet[Blob]:
    """Bytes that nothing refers to and nobody used since `before`."""
    return Blob.objects.filter(used__lt=before, attachments=None).order_by("pk")


def dead_drafts(removed_before: datetime, begun_before: datetime) -> QuerySet[Attachment]:
    """Files taken out of drafts before one moment, and files of drafts left lying since before another."""
    drafts = Attachment.objects.filter(subject=None)
    return drafts.filter(removed__lt=removed_before) | drafts.filter(at__lt=begun_before)
