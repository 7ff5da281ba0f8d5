"""Refusals about limits, pauses and calendars."""

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import InvalidInput, NotPermitted, Refusal, Text


class LimitInvalid(InvalidInput):
    """A limit in a definition cannot be used; `field` names the key."""

    message: Text = _("时限定义不正确")


class PauseKindRefused(Refusal):
    """The law does not let this reason stop a limit (行政许可法 art. 45)."""

    message: Text = _("这个理由不能停止计算期限")
    rule: Text = _("行政许可法第四十五条")
    remedy: Text = _("只有法律列明的情形（如听证、鉴定、专家评审）才能停表")


class NothingToPause(Refusal):
    """No running limit of the subject may be stopped by this kind of pause."""

    message: Text = _("没有可以因此停止计算的期限")


class AlreadyPaused(Refusal):
    """The subject is stopped for the same reason already."""

    message: Text = _("已经因同一事由停止计算期限")


class NotPaused(Refusal):
    """Nothing is stopped, so nothing can go on."""

    message: Text = _("期限没有停止计算，不需要恢复")


class ClockRunning(Refusal):
    """A limit of this name runs already for the subject."""

    message: Text = _("同一期限已经在计算")


class NoSuchClock(Refusal):
    """The subject has no running limit of this name."""

    message: Text = _("没有正在计算的这项期限")


class NotExtendable(Refusal):
    """The law knows no extension of this limit."""

    message: Text = _("这项期限不能延长")


class AlreadyExtended(Refusal):
    """A limit is extended once only (行政许可法 art. 42)."""

    message: Text = _("这项期限已经延长过一次，不能再延长")


class ExtensionTooLate(Refusal):
    """The limit has run out; an extension must be decided before."""

    message: Text = _("期限已经届满，不能再延长")
    remedy: Text = _("请尽快作出决定，并向申请人说明超期理由")


class ExtensionNotPermitted(NotPermitted):
    """Only the head named by law may extend."""

    message: Text = _("延长期限须由有权的负责人批准")


class CalendarRefused(InvalidInput):
    """A file of days was not taken; `facts["errors"]` lists (line, what was wrong)."""

    message: Text = _("工作日安排文件没有装入")
    remedy: Text = _("请按所列行号改正后重新上传；原来的安排没有变动")
