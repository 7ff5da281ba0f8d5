from django.db import models
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.moments import now


class Job(models.Model):
    """Work for after the request 后台作业: leased by a worker, tried again, on the dead list when it cannot be done.

    `line` orders: jobs of one kind on one line run one at a time, oldest first. `unique_key` is held while waiting.
    `tries` counts failures, `at` is when it was put off, `due` when it may start. A finished job has no row.
    """

    class State(models.IntegerChoices):
        WAITING = 0, _("等待")
        RUNNING = 1, _("进行中")
        DEAD = 2, _("失败")

    queue = models.CharField(max_length=20)
    kind = models.CharField(max_length=80)
    unique_key = models.CharField(max_length=120, null=True)
    ref = models.BigIntegerField(null=True)
    line = models.BigIntegerField(null=True)
    args = models.JSONField(default=dict)
    at = models.DateTimeField(default=now)
    due = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    owner = models.CharField(max_length=120, default="")
    tries = models.SmallIntegerField(default=0)
    state = models.SmallIntegerField(choices=State.choices, default=State.WAITING)
    error = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unique_key"], condition=models.Q(state=0), name="job_waits_once"),
        ]
        indexes = [
            models.Index(fields=["queue", "due", "id"], condition=models.Q(state=0), name="job_waiting"),
            models.Index(fields=["lease_until"], condition=models.Q(state=1), name="job_running"),
            models.Index(fields=["kind", "id"], condition=models.Q(state=2), name="job_dead"),
            models.Index(fields=["kind", "line", "id"], condition=models.Q(state__lt=2), name="job_line"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class Cron(models.Model):
    """When a repeated job comes next 定时作业; one row per kind with a rule, made by the worker from the registry."""

    name = models.CharField(max_length=80, primary_key=True)
    rule = models.CharField(max_length=40)
    next_due = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.rule}"


class Beat(models.Model):
    """A worker's sign of life 心跳, written every ten seconds; one row a process."""

    name = models.CharField(max_length=120, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S}"
