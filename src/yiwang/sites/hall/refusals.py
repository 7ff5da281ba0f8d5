"""What the hall refuses."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import NotPermitted, Refusal, StaleState, Text


class NotAnApplicant(NotPermitted):
    """The account belongs to no citizen or firm, and no counter is named for whom it files."""

    message: Text = _("这个账号不能申请")
    remedy: Text = _("请用个人或者单位的账号登录；窗口和站所代办的，先在“窗口核验”里登记申请人")


class NothingToCorrectNow(StaleState):
    """No notice of corrections waits for the applicant any more."""

    message: Text = _("这件事现在没有要补正的")
    remedy: Text = _("请到“我的办件”看走到哪一步了")


class TooManyAttempts(Refusal):
    """Too many wrong codes in a quarter of an hour."""

    message: Text = _("试错的次数太多，暂时不能再查")
    rule: Text = _("同一编号十五分钟内错 5 次，同一网络地址错 30 次")
    remedy: Text = _("请等十五分钟再试；忘了码的，登录后在“我的办件”里看，或者带身份证到窗口查")
    status: ClassVar[int] = 429
