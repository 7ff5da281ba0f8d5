from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.moments import now


class Definition(models.Model):
    """One version of a drawn process 流程定义; its XML never changes once published."""

    class Status(models.IntegerChoices):
        DRAFT = 0, _("草稿")
        PUBLISHED = 1, _("已发布")

    key = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    status = models.SmallIntegerField(choices=Status.choices, default=Status.DRAFT)
    xml = models.TextField()
    sha256 = models.CharField(max_length=64)
    drafted_by = models.BigIntegerField()
    drafted_at = models.DateTimeField(default=now)
    published_by = models.BigIntegerField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="definition_once"),
            models.CheckConstraint(
                condition=Q(status=0) | Q(published_by__isnull=False, published_at__isnull=False),
                name="definition_published_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class Instance(models.Model):
    """One run of a definition for a subject 流程实例: declared variables, join arrivals, live tokens.

    `marking` holds `joins` (node -> flow -> arrival with its provenance), `live` (nodes with an item), `timers`
    (node -> timer -> moment), `doers` (node -> person or persons, for steps marked *separate*), `groups` (node -> the
    latest joint sign there) and `ends`. `turn` counts the steps of the engine, `given` are the values it was started
    with, `digest` is the hash of its diagram.
    """

    class Status(models.IntegerChoices):
        RUNNING = 0, _("办理中")
        SUSPENDED = 1, _("中止")
        ENDED = 2, _("办结")
        CANCELLED = 3, _("终止")

    subject = models.ForeignKey("ledger.Subject", on_delete=models.PROTECT, related_name="instances")
    definition = models.ForeignKey(Definition, on_delete=models.PROTECT, related_name="instances")
    status = models.SmallIntegerField(choices=Status.choices, default=Status.RUNNING)
    digest = models.CharField(max_length=64)
    turn = models.IntegerField(default=0)
    values = models.JSONField(default=dict)
    given = models.JSONField(default=dict)
    marking = models.JSONField(default=dict)
    result = models.CharField(max_length=60, default="", blank=True)
    started = models.DateTimeField(default=now)
    suspended = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject"], condition=Q(status__lt=2), name="instance_one_running"),
        ]

    def __str__(self) -> str:
        return f"instance {self.pk} of subject {self.subject_id}"


class WorkItem(models.Model):
    """A token at a step that takes time 待办事项: everything the worklist shows, so that it joins nothing.

    `parents` are the items this one was caused by, `via` the join firings between them and it.
    Only OPEN items are somebody's work; WAITING ones wait for a reaction or a timer. `turn` is the engine's step
    that closed it. Signers of one joint step share `group`, the turn that opened it, and stand in `order` from 1.
    An item with `asking` is no token but a question 加签 of whoever holds the item `asker`.
    """

    class Asking(models.IntegerChoices):
        NONE = 0, _("办理")
        BEFORE = 1, _("前加签")
        BESIDE = 2, _("并加签")

    class State(models.IntegerChoices):
        OPEN = 0, _("待办")
        WAITING = 1, _("等待系统")
        DONE = 2, _("已办")
        ROLLED = 3, _("已退回作废")
        HANDED = 4, _("已转办")
        CANCELLED = 5, _("已取消")

    subject = models.ForeignKey("ledger.Subject", on_delete=models.PROTECT, related_name="work_items")
    instance = models.ForeignKey(Instance, on_delete=models.PROTECT, related_name="items")
    node = models.CharField(max_length=60)
    state = models.SmallIntegerField(choices=State.choices, default=State.OPEN)
    post = models.BigIntegerField(null=True)
    person = models.BigIntegerField(null=True)
    unit = models.BigIntegerField(null=True)
    kind = models.IntegerField(default=0)
    number = models.CharField(max_length=60, default="", blank=True)
    title = models.CharField(max_length=200, default="", blank=True)
    source = models.CharField(max_length=100, default="", blank=True)
    label = models.CharField(max_length=60, default="", blank=True)
    note = models.CharField(max_length=100, default="", blank=True)
    urgent = models.SmallIntegerField(default=0)
    due = models.DateTimeField(null=True)
    created = models.DateTimeField()
    read = models.DateTimeField(null=True)
    reader = models.BigIntegerField(null=True)
    done = models.DateTimeField(null=True)
    move = models.CharField(max_length=60, default="", blank=True)
    values = models.JSONField(default=dict)
    turn = models.IntegerField(default=0)
    parents = models.JSONField(default=list)
    via = models.JSONField(default=dict)
    group = models.BigIntegerField(null=True)
    order = models.SmallIntegerField(default=0)
    asking = models.SmallIntegerField(choices=Asking.choices, default=Asking.NONE, db_default=0)
    asker = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "due", "id"], condition=Q(state=0), name="item_open_person"),
            models.Index(fields=["post", "due", "id"], condition=Q(state=0), name="item_open_post"),
            models.Index(fields=["due", "id"], condition=Q(state=0), name="item_open_due"),
            models.Index(fields=["person", "done"], condition=Q(state=2), name="item_done_person"),
            models.Index(fields=["asker"], condition=Q(state=0, asker__isnull=False), name="item_open_asker"),
        ]

    def __str__(self) -> str:
        return f"item {self.pk} at {self.node}"


class StepRun(models.Model):
    """A service step that was run, or an end that was reached, with what caused it 自动步骤; undone at most once."""

    class State(models.IntegerChoices):
        DONE = 0, _("已执行")
        UNDONE = 1, _("已撤销")

    instance = models.ForeignKey(Instance, on_delete=models.PROTECT, related_name="runs")
    node = models.CharField(max_length=60)
    name = models.CharField(max_length=60, default="", blank=True)
    state = models.SmallIntegerField(choices=State.choices, default=State.DONE)
    result = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    parents = models.JSONField(default=list)
    via = models.JSONField(default=dict)
    turn = models.IntegerField(default=0)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name or 'end'} at {self.node}"
