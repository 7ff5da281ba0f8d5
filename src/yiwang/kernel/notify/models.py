from django.db import models

from yiwang.kernel.base.moments import now
from yiwang.kernel.ledger.models import Subject


class Message(models.Model):
    """A message inside the platform 站内消息 to one principal; the same cause tells nobody twice."""

    key = models.BigIntegerField()
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="messages")
    cause = models.BigIntegerField()
    title = models.CharField(max_length=100)
    text = models.CharField(max_length=500)
    at = models.DateTimeField(default=now)
    read = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "cause"], name="message_once")]
        indexes = [models.Index(fields=["key", "read", "at"], name="message_inbox")]

    def __str__(self) -> str:
        return self.title
