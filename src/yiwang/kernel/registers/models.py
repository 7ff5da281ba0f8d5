"""Tables of registers, numbers, entries and quotas."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.crypto.sealed import SealedTextField
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.org.models import Party, Unit
from yiwang.kernel.registers.amounts import AmountField, minus

if TYPE_CHECKING:
    from decimal import Decimal


class Register(models.Model):
    """A register 台账: what its entries are called, how they are numbered, which of their data the public sees.

    `columns` is a list of `services.Column` as data: what its list shows, filters by and sums up.
    """

    class Type(models.TextChoices):
        CERTIFICATE = "certificate", _("证照")
        APPROVAL = "approval", _("批文")
        RECORD = "record", _("备案登记")

    key = models.CharField(max_length=60, primary_key=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=Type.choices, default=Type.CERTIFICATE)
    pattern = models.CharField(max_length=100)
    public_fields = models.JSONField(default=list)
    basis = models.CharField(max_length=200, default="", blank=True)
    columns = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))

    def __str__(self) -> str:
        return self.name


class Series(models.Model):
    """One run of numbers 编号序列 without gaps; the row is locked by whoever takes a number until he commits.

    `key` is the register or case type, `scope` whatever else tells its numbers apart, `year` 0 without restart.
    """

    key = models.CharField(max_length=80)
    scope = models.CharField(max_length=120)
    year = models.SmallIntegerField(default=0)
    last = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "scope", "year"], name="series_once")]

    def __str__(self) -> str:
        return f"{self.key} {self.scope} {self.year}: {self.last}"


class Entry(models.Model):
    """An entry of a register 台账条目 as it stands; every state it ever had is a row of `EntryVersion`.

    Expiry is read off `valid_to` and needs no write. The verification code is kept hashed for checking and sealed for
    printing the certificate again.
    """

    class State(models.TextChoices):
        ISSUED = "issued", _("有效")
        REVOKED = "revoked", _("已撤销")
        CANCELLED = "cancelled", _("已注销")
        REPLACED = "replaced", _("已换发")
        VOID = "void", _("作废")

    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, related_name="register_entry")
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="entries")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="entries")
    seq = models.IntegerField()
    number = models.CharField(max_length=64)
    number_key = models.CharField(max_length=64, db_index=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ISSUED)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    holder = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="register_entries")
    holder_name = models.CharField(max_length=100)
    issuer = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="register_entries")
    source = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, related_name="issued_entries")
    data = models.JSONField(default=dict)
    code_hash = models.CharField(max_length=100)
    code = SealedTextField(default="")
    version = models.IntegerField(default=1)
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaces")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["register", "number"], name="register_number_once"),
            models.UniqueConstraint(fields=["series", "seq"], name="register_seq_once"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="register_entry_period"
            ),
        ]
        indexes = [models.Index(fields=["register", "state", "valid_to"], name="register_expiry")]

    def __str__(self) -> str:
        return self.number


class EntryVersion(models.Model):
    """One state of an entry 版本: written once at every change, never altered."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="versions")
    version = models.IntegerField()
    change = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=Entry.State.choices)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    holder_name = models.CharField(max_length=100)
    data = models.JSONField(default=dict)
    reason = models.CharField(max_length=400, default="", blank=True)
    basis = models.CharField(max_length=200, default="", blank=True)
    case = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, related_name="+")
    account = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "version"], name="entry_version_once")]

    def __str__(self) -> str:
        return f"{self.entry_id} v{self.version}"


class VoidNumber(models.Model):
    """A number that was given out and came to nothing 作废编号: kept with its reason, never used again."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="voided")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="voids")
    seq = models.IntegerField()
    number = models.CharField(max_length=64)
    reason = models.CharField(max_length=400)
    account = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "seq"], name="void_once")]

    def __str__(self) -> str:
        return self.number


class Scheme(models.Model):
    """What a family of quotas measures and how it is split 限额种类, with its legal basis.

    `dimensions` is a list of {key, title, values}: the split 分项 that the deciding authority has set.
    """

    key = models.CharField(max_length=60, primary_key=True)
    name = models.CharField(max_length=100)
    measure = models.CharField(max_length=10)
    basis = models.CharField(max_length=200)
    dimensions = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name


class Quota(models.Model):
    """A quota 限额 of a unit for a year and a category: never used beyond its limit, on any engine, in any race.

    `limit` and `used` are the sums of its entries, kept in step in the same statement that checks them.
    """

    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, related_name="quota")
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="quotas")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="quotas")
    year = models.SmallIntegerField()
    category = models.JSONField(default=dict)
    category_key = models.CharField(max_length=200, default="", blank=True)
    limit = AmountField()
    used = AmountField(default=0)
    source = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_to = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scheme", "unit", "year", "category_key"], name="quota_once"),
            models.CheckConstraint(condition=Q(used__gte=0) & Q(used__lte=F("limit")), name="quota_never_exceeded"),
        ]
        indexes = [models.Index(fields=["scheme", "year", "unit"], name="quota_find")]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.year} {self.category_key}"

    @property
    def left(self) -> "Decimal":
        """What may still be booked."""
        return minus(self.limit, self.used)


class QuotaEntry(models.Model):
    """One line of a quota's account 限额流水: nothing is overwritten, a correction is another line."""

    class Type(models.TextChoices):
        LIMIT = "limit", _("下达或调整限额")
        OPENING = "opening", _("期初已用")
        BOOKING = "booking", _("占用")
        RELEASE = "release", _("退回")
        CORRECTION = "correction", _("更正")

    quota = models.ForeignKey(Quota, on_delete=models.PROTECT, related_name="entries")
    case = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, related_name="quota_entries")
    kind = models.CharField(max_length=10, choices=Type.choices)
    amount = AmountField()
    balance = AmountField(help_text=_("记账后的已用数；下达或调整限额时为限额"))
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversed_by")
    reason = models.CharField(max_length=400, default="", blank=True)
    account = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["quota", "at"], name="quota_account")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class QuotaRequest(models.Model):
    """What an open case asks for 在办申请量: shown on the board, binds nothing."""

    quota = models.ForeignKey(Quota, on_delete=models.PROTECT, related_name="requests")
    case = models.OneToOneField(Subject, on_delete=models.PROTECT, related_name="quota_request")
    amount = AmountField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.case_id} asks {self.amount}"
