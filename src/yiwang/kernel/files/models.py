from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.moments import now
from yiwang.kernel.ledger.models import Subject


class Blob(models.Model):
    """The bytes of a file 文件内容, once per unit: found by the SHA-256 of the plain text, sealed under their own key.

    The address is never shared across units, so nobody can find out whether another unit holds the same file.
    """

    class State(models.IntegerChoices):
        READY = 0, _("可用")
        QUARANTINED = 1, _("待查毒")
        INFECTED = 2, _("有病毒")

    unit = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    mime = models.CharField(max_length=100)
    key = models.BinaryField()
    place = models.CharField(max_length=160)
    state = models.SmallIntegerField(choices=State.choices, default=State.READY)
    verdict = models.CharField(max_length=200, default="")
    stored = models.DateTimeField(default=now)
    used = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "sha256"], name="blob_once")]
        indexes = [models.Index(fields=["used"], name="blob_used")]

    def __str__(self) -> str:
        return f"blob {self.pk}"


class Attachment(models.Model):
    """A file under its name in a place of a draft or a subject 附件.

    While `subject` is empty the file belongs to the draft `draft` of the account `owner` and nobody else may see it.
    """

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, related_name="attachments")
    owner = models.BigIntegerField()
    draft = models.CharField(max_length=64, default="")
    slot = models.CharField(max_length=60)
    name = models.CharField(max_length=255)
    position = models.IntegerField(default=0)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="attachments")
    at = models.DateTimeField(default=now)
    by = models.BigIntegerField()
    removed = models.DateTimeField(null=True)
    removed_by = models.BigIntegerField(null=True)
    removed_reason = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(subject__isnull=False) | ~Q(draft=""), name="attachment_hangs_somewhere")
        ]
        indexes = [
            models.Index(fields=["subject", "slot", "position"], name="attachment_subject"),
            models.Index(fields=["owner", "draft", "slot", "position"], name="attachment_draft"),
        ]

    def __str__(self) -> str:
        return self.name
