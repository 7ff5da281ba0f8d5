from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.Model):
    """What a subject is, as a small number: `case:…`, `register:…`; rows are made at first use and never change."""

    id = models.SmallAutoField(primary_key=True)
    key = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.key


class Subject(models.Model):
    """The narrow row on which case, register entry and envelope hang 主体: owner, visibility, head of its chain."""

    class Visibility(models.IntegerChoices):
        NORMAL = 0, _("按单位")
        RESTRICTED = 1, _("限指定人员")

    kind = models.ForeignKey(Kind, on_delete=models.PROTECT)
    node = models.IntegerField(default=1)
    unit = models.BigIntegerField()
    visibility = models.SmallIntegerField(choices=Visibility.choices, default=Visibility.NORMAL)
    head = models.BinaryField(default=b"")
    length = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"subject {self.pk}"


class Entry(models.Model):
    """One line of a subject's chain 台账记录: verb, small facts without personal data, who and when."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="entries")
    seq = models.IntegerField()
    verb = models.CharField(max_length=60)
    facts = models.JSONField(default=dict)
    author = models.BigIntegerField()
    post = models.BigIntegerField(default=0)
    at = models.DateTimeField(db_index=True)
    algorithm = models.CharField(max_length=10)
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "seq"], name="entry_once")]
        indexes = [models.Index(fields=["verb", "at"], name="entry_verb")]

    def __str__(self) -> str:
        return f"{self.verb} ({self.subject_id}/{self.seq})"


class Root(models.Model):
    """Signed digest of all chain heads that moved on one day, plus the root before 日根."""

    day = models.DateField(unique=True)
    heads = models.IntegerField()
    algorithm = models.CharField(max_length=10)
    digest = models.BinaryField()
    key_id = models.CharField(max_length=20)
    signature = models.BinaryField()
    sent = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"root of {self.day}"


class AccessDay(models.Model):
    """Head of one day's chain of the access log."""

    day = models.DateField(primary_key=True)
    head = models.BinaryField(default=b"")
    length = models.IntegerField(default=0)

    def __str__(self) -> str:
        return str(self.day)


class AccessEntry(models.Model):
    """A sign-in, refusal, view of personal data or export 访问日志; kept at least six months (网络安全法 art. 21)."""

    day = models.ForeignKey(AccessDay, on_delete=models.PROTECT, related_name="entries")
    seq = models.IntegerField()
    at = models.DateTimeField()
    account = models.BigIntegerField()
    name = models.CharField(max_length=150, default="")
    verb = models.CharField(max_length=60)
    success = models.BooleanField()
    subject = models.BigIntegerField(null=True)
    address = models.CharField(max_length=45, default="")
    facts = models.JSONField(default=dict)
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "seq"], name="access_once")]
        indexes = [models.Index(fields=["account", "at"], name="access_account")]

    def __str__(self) -> str:
        return f"{self.verb} {self.at:%Y-%m-%d %H:%M:%S}"
