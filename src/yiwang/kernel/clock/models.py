"""Tables of days, clocks and pauses."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.ledger.models import Subject


class Calendar(models.Model):
    """The one row that changes with every change of days; processes compare `stamp` to know that theirs are old."""

    stamp = models.BigIntegerField(default=0)
    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"calendar {self.stamp}"


class Year(models.Model):
    """A year whose arrangement has been announced 年度放假安排, for the country ('') or a region (division code)."""

    region = models.CharField(max_length=12, default="", blank=True)
    year = models.SmallIntegerField()
    source = models.CharField(max_length=200)
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "year"], name="calendar_year_once")]

    def __str__(self) -> str:
        return f"{self.region or 'CN'} {self.year}"


class Day(models.Model):
    """A day that differs from Monday-to-Friday, or has a name: holiday 节假日 or make-up working day 调休上班."""

    region = models.CharField(max_length=12, default="", blank=True)
    date = models.DateField()
    is_work = models.BooleanField()
    name = models.CharField(max_length=40)
    source = models.CharField(max_length=200)
    notice = models.SmallIntegerField(help_text=_("所据年度安排的年份；十二月的日子可能属于下一年的安排"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "date"], name="calendar_day_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class Clock(models.Model):
    """A limit running for a subject 计时: statutory, promised and step limits are separate clocks.

    `due` is the last day, `due_at` the first moment after it (24:00, 民法典 art. 203; for hours the exact moment).
    While paused, `due` is what held when the pause began.
    """

    class Name(models.TextChoices):
        STATUTORY = "statutory", _("法定时限")
        PROMISED = "promised", _("承诺时限")
        ACCEPTANCE = "acceptance", _("受理时限")
        CORRECTIONS = "corrections", _("补正时限")
        STEP = "step", _("环节时限")
        DELIVERY = "delivery", _("送达时限")

    class Unit(models.TextChoices):
        WORKING_DAY = "wd", _("工作日")
        DAY = "cd", _("日")
        HOUR = "hour", _("小时")
        MONTH = "month", _("月")

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="clocks")
    name = models.CharField(max_length=20)
    ref = models.CharField(max_length=64, default="", blank=True)
    unit = models.CharField(max_length=6, choices=Unit.choices)
    amount = models.SmallIntegerField()
    extension = models.SmallIntegerField(default=0)
    region = models.CharField(max_length=12, default="", blank=True)
    started_at = models.DateTimeField()
    due = models.DateField()
    due_at = models.DateTimeField()
    provisional = models.BooleanField(default=False)
    paused_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    late = models.BooleanField(null=True)
    terms = models.JSONField()
    stamp = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "name", "ref"], condition=models.Q(stopped_at=None), name="clock_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["name", "due_at"], condition=models.Q(stopped_at=None, paused_at=None), name="clock_due"
            ),
            models.Index(fields=["due"], condition=models.Q(stopped_at=None), name="clock_open"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.subject_id}"


class Pause(models.Model):
    """Time that the law does not count 停止计算期限 (行政许可法 art. 45): kind, reason, written notice, from and to."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="pauses")
    kind = models.CharField(max_length=30)
    reason = models.CharField(max_length=200)
    notice = models.CharField(max_length=100, default="", blank=True, help_text=_("书面告知文书号"))
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    account = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "kind"], condition=models.Q(ended_at=None), name="pause_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject_id}"
