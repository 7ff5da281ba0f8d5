from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.moments import now
from yiwang.kernel.crypto.sealed import SealedTextField
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.org.models import Account, Party


class Dossier(models.Model):
    """What is recorded about an account or a party hangs on this subject 账号档案; made at the first record."""

    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, primary_key=True, related_name="+")
    account = models.OneToOneField(Account, on_delete=models.PROTECT, null=True, related_name="+")
    party = models.OneToOneField(Party, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"dossier {self.pk}"


class SignIn(models.Model):
    """A session of an account 登录会话, from sign-in to its end."""

    class End(models.TextChoices):
        OUT = "out", _("本人退出")
        IDLE = "idle", _("久未操作")
        LENGTH = "length", _("超过最长时间")
        ENDED = "ended", _("在别处结束")
        CHANGED = "changed", _("密码或验证方式变更")
        DISABLED = "disabled", _("账号停用")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.CharField(max_length=45, default="")
    agent = models.CharField(max_length=200, default="")
    started = models.DateTimeField(default=now)
    seen = models.DateTimeField(default=now)
    ended = models.DateTimeField(null=True)
    end = models.CharField(max_length=10, choices=End.choices, default="")

    class Meta:
        indexes = [models.Index(fields=["account", "ended", "-started"], name="sign_in_account")]

    def __str__(self) -> str:
        return f"sign-in of {self.account_id}"


class FormerPassword(models.Model):
    """The hash of a password that was used before and may not be taken again."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    password = models.CharField(max_length=128)
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["account", "-at"], name="former_password_account")]

    def __str__(self) -> str:
        return f"former password of {self.account_id}"


class PhoneCode(models.Model):
    """A code sent to a telephone 短信验证码, and, sealed, what it confirms; one without content fits nothing."""

    class Purpose(models.TextChoices):
        REGISTER = "register", _("注册")
        RESET = "reset", _("找回密码")

    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    phone = SealedTextField(default="")
    code = SealedTextField(default="")
    content = SealedTextField(default="")
    at = models.DateTimeField(default=now)
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.purpose} code {self.pk}"


class Attempts(models.Model):
    """How often something was tried in one window of time; the key is a tag, never a plain address or number."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.IntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} attempts"


class Confirmation(models.Model):
    """A party seen in person at a counter 当面核验: by whom, on which paper, when; with the consent, if any."""

    class Paper(models.TextChoices):
        ID_CARD = "id_card", _("居民身份证")
        TEMPORARY = "temporary", _("临时居民身份证")
        HOUSEHOLD = "household", _("户口簿")
        LICENCE = "licence", _("营业执照")
        CERTIFICATE = "certificate", _("法人登记证书")
        OTHER = "other", _("其他有效证件")

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    clerk = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    unit = models.BigIntegerField()
    paper = models.CharField(max_length=12, choices=Paper.choices)
    consent = models.ForeignKey(Attachment, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["party", "-at"], name="confirmation_party")]

    def __str__(self) -> str:
        return f"party {self.party_id} seen"
