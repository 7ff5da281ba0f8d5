from django.db import models

from yiwang.kernel.base.moments import now
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.ledger.models import Subject


class Document(models.Model):
    """A document made by the platform 文书: which template and data made which bytes. Never changed, only followed."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="documents")
    key = models.CharField(max_length=60)
    version = models.IntegerField()
    title = models.CharField(max_length=200)
    number = models.CharField(max_length=100, default="", db_index=True)
    template_hash = models.CharField(max_length=64)
    data_hash = models.CharField(max_length=64)
    attachment = models.OneToOneField(Attachment, on_delete=models.PROTECT, related_name="document")
    sha256 = models.CharField(max_length=64, db_index=True)
    sm3 = models.CharField(max_length=64)
    pages = models.IntegerField()
    made = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "key", "version"], name="document_once")]

    def __str__(self) -> str:
        return f"{self.title} {self.number} v{self.version}".strip()
