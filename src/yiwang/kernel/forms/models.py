from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from yiwang.kernel.base.moments import now
from yiwang.kernel.crypto.sealed import SealedTextField
from yiwang.kernel.forms.refusals import EvidenceSealed
from yiwang.kernel.ledger.models import Subject


class Draft(models.Model):
    """A form being filled in 草稿: everything typed so far, right or wrong, sealed; only its owner opens it.

    `steps` says at which revision and from which window each page was last saved; `token` stands in addresses.
    """

    token = models.CharField(max_length=32, unique=True)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="drafts")
    session_tag = models.CharField(max_length=64, default="", blank=True)
    purpose = models.CharField(max_length=100)
    form_key = models.CharField(max_length=100)
    form_version = models.CharField(max_length=64)
    data = SealedTextField()
    steps = models.JSONField(default=dict)
    step = models.CharField(max_length=60, default="", blank=True)
    revision = models.PositiveIntegerField(default=1)
    created = models.DateTimeField(default=now)
    updated = models.DateTimeField(default=now)
    expires = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "-updated"], name="draft_account"),
            models.Index(fields=["session_tag", "-updated"], condition=~Q(session_tag=""), name="draft_session"),
            models.Index(fields=["expires"], name="draft_expires"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(account__isnull=False) | ~Q(session_tag=""), name="draft_has_owner"),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk} of {self.purpose}"


class EvidenceRows(models.QuerySet["Evidence"]):
    """Rows that are written once."""

    def update(self, **kwargs: object) -> int:
        """Always refused."""
        raise EvidenceSealed()

    def delete(self) -> tuple[int, dict[str, int]]:
        """Always refused."""
        raise EvidenceSealed()

    def bulk_update(self, *args: object, **kwargs: object) -> int:
        """Always refused."""
        raise EvidenceSealed()


class Evidence(models.Model):
    """A form as it was handed in 提交存证: sealed, with the SHA-256 of its canonical JSON; never changed.

    A correction is a new `number` of the same form of the same subject. The digest stands in the ledger too,
    so that an exchanged row is found out.
    """

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="evidence")
    form_key = models.CharField(max_length=100)
    form_version = models.CharField(max_length=64)
    number = models.PositiveSmallIntegerField()
    sealed = models.BinaryField()
    digest = models.CharField(max_length=64)
    author = models.BigIntegerField()
    post = models.BigIntegerField(default=0)
    created = models.DateTimeField(default=now)

    objects: ClassVar[models.Manager["Evidence"]] = EvidenceRows.as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [models.UniqueConstraint(fields=["subject", "form_key", "number"], name="evidence_once")]

    def __str__(self) -> str:
        return f"{self.form_key} {self.number} of subject {self.subject_id}"

    def save(self, *args: object, **kwargs: object) -> None:
        """Insert; anything else is refused."""
        if not self._state.adding:
            raise EvidenceSealed()
        super().save(force_insert=True)

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        """Always refused."""
        raise EvidenceSealed()


class Fact(models.Model):
    """One answer marked `listed` 可列表项: what lists, filters and statistics read instead of the sealed form."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="facts")
    field = models.CharField(max_length=60)
    text = models.CharField(max_length=200, null=True)
    number = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    date = models.DateField(null=True)
    ref = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["field", "text", "subject"], condition=Q(text__isnull=False), name="fact_text"),
            models.Index(fields=["field", "number", "subject"], condition=Q(number__isnull=False), name="fact_number"),
            models.Index(fields=["field", "date", "subject"], condition=Q(date__isnull=False), name="fact_date"),
            models.Index(fields=["field", "ref", "subject"], condition=Q(ref__isnull=False), name="fact_ref"),
        ]

    def __str__(self) -> str:
        return f"{self.field} of subject {self.subject_id}"
