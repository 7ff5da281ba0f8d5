from django.db import models

from yiwang.kernel.ledger.models import Kind, Subject


class Grant(models.Model):
    """A principal may see a subject 授权; carries what lists are sorted and filtered by, so that they join nothing.

    `state` is the state of the subject, `at` the moment it is sorted by: due while open, ended when closed.
    """

    key = models.BigIntegerField()
    state = models.SmallIntegerField()
    kind = models.ForeignKey(Kind, on_delete=models.PROTECT, db_index=False)
    at = models.DateTimeField()
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, db_index=False, related_name="grants")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "key"], name="grant_once")]
        indexes = [
            models.Index(fields=["key", "state", "at", "subject"], name="grant_page"),
            models.Index(fields=["key", "state", "kind", "at", "subject"], name="grant_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.key} sees {self.subject_id}"
