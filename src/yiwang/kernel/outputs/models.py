from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.moments import now
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.org.models import Person, Unit


class Document(models.Model):
    """A document made by the platform 文书: which template and data made which bytes. Never changed, only followed."""

    class Signature(models.IntegerChoices):
        NONE = 0, _("没有电子签名")
        WAITING = 1, _("等待电子签名")
        SIGNED = 2, _("已电子签名")

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
    signature = models.SmallIntegerField(choices=Signature.choices, default=Signature.NONE, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "key", "version"], name="document_once")]
        indexes = [models.Index(fields=["made"], condition=Q(signature=1), name="document_waiting")]

    def __str__(self) -> str:
        return f"{self.title} {self.number} v{self.version}".strip()


class Authority(models.Model):
    """The node's own issuer of certificates 签发机构; its key is sealed by the key ring."""

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)
    certificate = models.BinaryField()
    key = models.BinaryField()
    made = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.name


class Seal(models.Model):
    """An electronic seal 电子印章 of a unit: the official one, or one with a line below the star, and who keeps it.

    `papers` are the keys of outputs it may stand on, `roles` those whose decision may use it; empty means any.
    """

    class State(models.IntegerChoices):
        IN_USE = 0, _("在用")
        SUSPENDED = 1, _("停用")
        DESTROYED = 2, _("已销毁")

    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, primary_key=True, related_name="seal")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="seals")
    line = models.CharField(max_length=40, default="", blank=True)
    name = models.CharField(max_length=150)
    keeper = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="seals")
    state = models.SmallIntegerField(choices=State.choices, default=State.IN_USE)
    reason = models.CharField(max_length=200, default="", blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    papers = models.JSONField(default=list)
    roles = models.JSONField(default=list)
    opened = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "line"], condition=~Q(state=2), name="seal_once")]

    def __str__(self) -> str:
        return self.name


class SealCertificate(models.Model):
    """A certificate of a seal; the latest signs, every one still verifies. An empty key lies in a device."""

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="certificates")
    serial = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=20)
    certificate = models.BinaryField()
    key = models.BinaryField(default=b"")
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    made = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.serial


class SealUse(models.Model):
    """One use of a seal 用印记录: which document, whose decision, in which post. Written once, as in the ledger."""

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="uses")
    certificate = models.ForeignKey(SealCertificate, on_delete=models.PROTECT, related_name="uses")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="use")
    sha256 = models.CharField(max_length=64)
    decided_by = models.BigIntegerField()
    decided_post = models.BigIntegerField()
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["seal", "at"], name="seal_use_at")]

    def __str__(self) -> str:
        return f"{self.seal_id} on {self.document_id}"
