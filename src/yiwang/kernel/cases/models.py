from django.db import models
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.moments import now
from yiwang.kernel.ledger.models import Kind, Subject
from yiwang.kernel.org.models import Division, Party, Unit
from yiwang.kernel.process.models import Definition


class CaseType(models.Model):
    """What can be asked of an authority 事项: a licence, a letter, a task; its content lives in its versions."""

    key = models.CharField(max_length=60, unique=True)
    kind = models.OneToOneField(Kind, on_delete=models.PROTECT)
    name = models.CharField(max_length=100)
    mark = models.CharField(max_length=1, default="件")
    is_offered = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class TypeVersion(models.Model):
    """One immutable state of a type's definition 事项版本; a case keeps the version it began with."""

    class Status(models.IntegerChoices):
        DRAFT = 0, _("草稿")
        PUBLISHED = 1, _("已发布")
        REPLACED = 2, _("已被替换")

    type = models.ForeignKey(CaseType, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    process = models.ForeignKey(Definition, on_delete=models.PROTECT, related_name="type_versions")
    status = models.SmallIntegerField(choices=Status.choices, default=Status.DRAFT)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    drafted_by = models.BigIntegerField()
    published_by = models.BigIntegerField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["type", "number"], name="type_version_once"),
            models.UniqueConstraint(fields=["type"], condition=models.Q(status=1), name="one_published_version"),
        ]

    def __str__(self) -> str:
        return f"{self.type_id} v{self.number}"


class Case(models.Model):
    """Something asked of an authority 办件, with a type, a process, limits, opinions and a result."""

    class Status(models.IntegerChoices):
        RECEIVED = 0, _("已申请")
        ACCEPTED = 1, _("已受理")
        SUSPENDED = 2, _("已中止")
        CLOSED = 3, _("已办结")

    class Channel(models.IntegerChoices):
        """Way of handling 办理形式 (GB/T 39046)."""

        COUNTER = 1, _("窗口")
        COMPUTER = 2, _("电脑")
        MOBILE = 3, _("移动终端")

    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, primary_key=True, related_name="case")
    version = models.ForeignKey(TypeVersion, on_delete=models.PROTECT, related_name="cases")
    number = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=200)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="cases")
    agent = models.CharField(max_length=100, default="")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="cases")
    division = models.ForeignKey(Division, on_delete=models.PROTECT, null=True)
    channel = models.SmallIntegerField(choices=Channel.choices)
    filed_by = models.BigIntegerField()
    origin = models.CharField(max_length=64, null=True, unique=True)
    track_tag = models.CharField(max_length=64)
    status = models.SmallIntegerField(choices=Status.choices, default=Status.RECEIVED)
    result = models.CharField(max_length=20, default="")
    opened = models.DateTimeField(default=now)
    received = models.DateTimeField(default=now)
    accepted = models.DateTimeField(null=True)
    due = models.DateTimeField(null=True)
    closed = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Whether anything can still happen to it."""
        return self.status != Case.Status.CLOSED


class Opinion(models.Model):
    """What somebody in a post said when he decided a step 意见; never changed."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="opinions")
    item = models.BigIntegerField(null=True)
    node = models.CharField(max_length=60)
    step = models.CharField(max_length=60)
    move = models.CharField(max_length=40)
    label = models.CharField(max_length=40)
    text = models.TextField()
    person = models.BigIntegerField(null=True)
    name = models.CharField(max_length=100)
    post = models.CharField(max_length=100, default="")
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["subject", "at"], name="opinion_subject")]

    def __str__(self) -> str:
        return f"{self.step} {self.name}"


class Notice(models.Model):
    """A dated paper to the applicant 文书: acceptance, notice of corrections, refusal, extension, suspension."""

    class Type(models.TextChoices):
        ACCEPTANCE = "acceptance", _("受理通知书")
        CORRECTIONS = "corrections", _("补正材料一次性告知书")
        REFUSAL = "refusal", _("不予受理决定书")
        EXTENSION = "extension", _("延长期限告知书")
        SUSPENSION = "suspension", _("中止办理告知书")
        DENIAL = "denial", _("不予许可决定书")

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=20, choices=Type.choices)
    body = models.JSONField(default=dict)
    name = models.CharField(max_length=100)
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["subject", "at"], name="notice_subject")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class Judgement(models.Model):
    """A person's answer to a finding that a rule leaves to him 判断; the latest one counts."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="judgements")
    check_key = models.CharField(max_length=60)
    answer = models.CharField(max_length=40)
    reason = models.TextField(default="")
    person = models.BigIntegerField(null=True)
    name = models.CharField(max_length=100)
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["subject", "check_key", "id"], name="judgement_subject")]

    def __str__(self) -> str:
        return f"{self.check_key}: {self.answer}"
