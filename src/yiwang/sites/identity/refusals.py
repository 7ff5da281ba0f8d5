"""What sign-in and registration refuse, and what to do then. None tells whether an account exists."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import InvalidInput, NotPermitted, Refusal, Text


class WrongCredentials(InvalidInput):
    """Unknown account, wrong password, disabled account: one answer for all."""

    message: Text = _("账号或密码不对")
    remedy: Text = _("请核对后再试；忘记密码的，可以找回。")


class AccountLocked(Refusal):
    """Too many failures; also for accounts that do not exist."""

    message: Text = _("连续输错次数太多，已暂时锁定")
    remedy: Text = _("请过一段时间再试，或联系本单位系统管理员。")
    status: ClassVar[int] = 429


class TooManyAttempts(Refusal):
    """More requests than the address or the telephone may make."""

    message: Text = _("操作太频繁")
    remedy: Text = _("请稍后再试，或到政务服务窗口办理。")
    status: ClassVar[int] = 429


class WrongCode(InvalidInput):
    """The code is wrong, used or expired."""

    message: Text = _("验证码不对或已失效")
    remedy: Text = _("请重新输入；超过时间的，请重新获取。")
    field: str = "code"


class WeakPassword(InvalidInput):
    """The password does not keep the rules of the node."""

    message: Text = _("密码不符合要求")
    field: str = "password"


class IdentityTaken(Refusal):
    """Somebody with a confirmed telephone registers an identity number that has an account."""

    message: Text = _("这个证件号码已经登记")
    remedy: Text = _("请用证件号码登录或找回密码；不是本人登记的，请带证件到政务服务窗口核验，窗口可以收回账号。")


class NotAtCounter(NotPermitted):
    """Only a clerk of a window or station may do this."""

    message: Text = _("只有窗口或乡镇站所的工作人员可以当面核验身份")


class NotSecurityOfficer(NotPermitted):
    """Only the security officer may do this, and never to his own account."""

    message: Text = _("只有安全保密管理员可以这样做，而且不能对自己的账号")
    rule: Text = _("GB/T 22239-2019 8.1.4.2 访问控制")
