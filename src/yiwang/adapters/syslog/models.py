from django.db import models


class SentDay(models.Model):
    """How many lines of one day of the access log the log server has. A day's lines are numbered without gaps."""

    day = models.DateField(primary_key=True)
    seq = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.day}: {self.seq}"
