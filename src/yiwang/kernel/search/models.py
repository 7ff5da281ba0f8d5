from django.db import models

from yiwang.kernel.ledger.models import Kind, Subject


class Card(models.Model):
    """A subject as a list of results shows it 检索条目: what it is, whose, of when."""

    subject = models.OneToOneField(Subject, on_delete=models.CASCADE, primary_key=True, related_name="card")
    noun = models.CharField(max_length=20)
    kind = models.ForeignKey(Kind, on_delete=models.PROTECT, db_index=False)
    unit = models.BigIntegerField()
    year = models.SmallIntegerField()
    at = models.DateTimeField()
    number = models.CharField(max_length=80, default="", blank=True)
    title = models.CharField(max_length=300)

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Words(models.Model):
    """What a subject can be found by 检索文本, folded: number, title, names, answers.

    It decides whether the subject is found; the index only proposes.

    `shown` is the same text as it was written, empty where folding changed nothing.
    """

    subject = models.OneToOneField(Subject, on_delete=models.CASCADE, primary_key=True, related_name="words")
    text = models.TextField()
    shown = models.TextField(default="", db_default="", blank=True)

    def __str__(self) -> str:
        return self.text[:40]


class Reindexing(models.Model):
    """How far writing the index anew has come 重建索引; one row, moved in the transaction of each batch."""

    after = models.BigIntegerField(default=0)
    until = models.BigIntegerField(default=0)
    looked_at = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    begun = models.DateTimeField()
    ended = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.after} of {self.until}"
