from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from yiwang.kernel.base.moments import now
from yiwang.kernel.crypto.sealed import SealedTextField
from yiwang.kernel.ledger.models import Subject


class Level(models.IntegerChoices):
    """Levels of exercise 行使层级 (GB/T 39046): who handles a matter."""

    NATION = 1, _("国家级")
    PROVINCE = 2, _("省级")
    CITY = 3, _("市级")
    COUNTY = 4, _("县级")
    TOWNSHIP = 5, _("乡镇级")
    VILLAGE = 6, _("村级")


class Division(models.Model):
    """Administrative division 行政区划 (GB/T 2260, GB/T 10114): 2, 4, 6, 9 or 12 digits."""

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=60)
    level = models.SmallIntegerField(choices=Level.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")

    class Meta:
        ordering = ("code",)
        indexes = [models.Index(fields=["parent", "code"], name="division_children")]

    def __str__(self) -> str:
        return self.name


class Node(models.Model):
    """One installation of the platform 节点: a bureau or a whole province."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    is_self = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Unit(MP_Node):
    """A bureau, section, station or window 单位; also state farms, reserves, Party organs and courts."""

    class Type(models.TextChoices):
        BUREAU = "bureau", _("主管部门")
        SECTION = "section", _("内设机构")
        STATION = "station", _("乡镇站所")
        WINDOW = "window", _("政务服务窗口")
        FARM = "farm", _("国有林场")
        RESERVE = "reserve", _("自然保护区")
        BASIN = "basin", _("流域机构")
        GOVERNMENT = "government", _("人民政府")
        PARTY = "party", _("党委机关")
        CONGRESS = "congress", _("人大机关")
        CPPCC = "cppcc", _("政协机关")
        COURT = "court", _("法院检察院")
        STATIONED = "stationed", _("驻地单位")
        ENTERPRISE = "enterprise", _("企业")

    name = models.CharField(max_length=100)
    short_name = models.CharField(max_length=30)
    kind = models.CharField(max_length=20, choices=Type.choices)
    level = models.SmallIntegerField(choices=Level.choices)
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="units")
    division = models.ForeignKey(Division, on_delete=models.PROTECT, null=True, related_name="units")
    credit_code = models.CharField(max_length=18, default="", blank=True)
    word = models.CharField(max_length=20, default="", blank=True, help_text=_("文号代字，如：青林"))
    address = models.CharField(max_length=200, default="", blank=True)
    phone = models.CharField(max_length=40, default="", blank=True)
    hours = models.CharField(max_length=100, default="", blank=True)
    is_active = models.BooleanField(default=True)
    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, null=True, related_name="+")

    node_order_by: ClassVar[list[str]] = []

    class Meta:
        indexes = [models.Index(fields=["division", "kind"], name="unit_division")]

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A post 岗位 of a unit: the pool that work is given to, and how far its holder sees."""

    class Reach(models.IntegerChoices):
        OWN = 0, _("本岗位的件")
        UNIT = 1, _("本单位及下级的件")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    reach = models.SmallIntegerField(choices=Reach.choices, default=Reach.OWN)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "role"], name="post_once")]

    def __str__(self) -> str:
        return self.name


class DirectoryStamp(models.Model):
    """The one row that moves with every change of units and posts."""

    stamp = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.stamp)


class Person(models.Model):
    """A member of staff 工作人员; may hold several posts."""

    name = models.CharField(max_length=60)
    staff_number = models.CharField(max_length=30, default="", blank=True)
    certificate = models.CharField(max_length=40, default="", blank=True, help_text=_("行政执法证号"))
    certificate_until = models.DateField(null=True, blank=True)
    phone = SealedTextField(default="", blank=True)
    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, null=True, related_name="+")
    posts: "models.ManyToManyField[Post, Holding]" = models.ManyToManyField(
        Post, through="Holding", through_fields=("person", "post")
    )

    def __str__(self) -> str:
        return self.name


class Holding(models.Model):
    """A person in a post 任职, from a day and maybe to a day; `successor` takes over what is open in his name then."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="holdings")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="holdings")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    successor = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["person", "until"], name="holding_person")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.post_id}"


class StaffImport(models.Model):
    """People and posts taken from a table 批量导入. `rows` wait to be taken; `made` says what to undo."""

    class State(models.IntegerChoices):
        DRAFT = 0, _("待确认")
        TAKEN = 1, _("已导入")
        UNDONE = 2, _("已撤销")

    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=100)
    state = models.SmallIntegerField(choices=State.choices, default=State.DRAFT)
    rows = models.JSONField(default=list)
    made = models.JSONField(default=dict)
    by = models.BigIntegerField()
    at = models.DateTimeField(default=now)
    taken_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"import {self.pk}"


class Party(models.Model):
    """A citizen or firm 当事人 that asks something of the authorities."""

    class Type(models.TextChoices):
        PERSON = "person", _("自然人")
        FIRM = "firm", _("企业")
        INSTITUTION = "institution", _("事业单位")
        ORGANISATION = "organisation", _("社会组织")
        OTHER = "other", _("其他组织")

    class Identity(models.IntegerChoices):
        UNCONFIRMED = 0, _("未确认")
        PHONE = 1, _("手机已确认")
        SEEN = 2, _("已当面核验")

    kind = models.CharField(max_length=20, choices=Type.choices)
    name = models.CharField(max_length=100)
    id_number = SealedTextField(default="")
    id_tag = models.CharField(max_length=64, unique=True)
    phone = SealedTextField(default="")
    phone_tag = models.CharField(max_length=64, default="", db_index=True)
    address = SealedTextField(default="")
    division = models.ForeignKey(Division, on_delete=models.PROTECT, null=True)
    level = models.SmallIntegerField(choices=Identity.choices, default=Identity.UNCONFIRMED)

    def __str__(self) -> str:
        return f"party {self.pk}"


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts for Django's sign-in."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        """By user name, whatever its capitals."""
        return self.get(username=(username or "").lower())


class Account(AbstractBaseUser):
    """A means of signing in 账号, of exactly one person, party or officer."""

    class Officer(models.TextChoices):
        NONE = "", _("无")
        SYSTEM = "system", _("系统管理员")
        SECURITY = "security", _("安全保密管理员")
        AUDIT = "audit", _("安全审计员")

    username = models.CharField(max_length=150, unique=True)
    email = models.EmailField(default="", blank=True)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, null=True, related_name="account")
    party = models.OneToOneField(Party, on_delete=models.PROTECT, null=True, related_name="account")
    officer = models.CharField(max_length=10, choices=Officer.choices, default=Officer.NONE, blank=True)
    is_active = models.BooleanField(default=True)
    password_changed = models.DateTimeField(default=now)
    created = models.DateTimeField(default=now)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[AccountManager] = AccountManager()

    def __str__(self) -> str:
        return self.username
