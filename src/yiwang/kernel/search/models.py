from django.db import models

from yiwang.kernel.ledger.models import Subject


class Words(models.Model):
    """What a subject can be found by 检索文本: number, title, names."""

    subject = models.OneToOneField(Subject, on_delete=models.CASCADE, primary_key=True, related_name="words")
    text = models.TextField()

    def __str__(self) -> str:
        return self.text[:40]
