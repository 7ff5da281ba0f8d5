"""Refusals about numbers, entries and quotas."""

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import InvalidInput, NotFound, Refusal, Text


class NumberPatternInvalid(InvalidInput):
    """A pattern of numbers cannot be used; the message names the part."""

    message: Text = _("编号规则不正确")


class NumberTaken(Refusal):
    """The number exists already; patterns of two issuers give the same number."""

    message: Text = _("编号重复，编号规则不能区分不同的发证单位")


class NoRegister(NotFound):
    """No register of this key has been declared."""

    message: Text = _("没有这本台账")


class EntryNotValid(Refusal):
    """The entry is not in force, so it can be neither changed nor ended."""

    message: Text = _("该证照已不在有效状态，不能办理")


class PeriodInvalid(InvalidInput):
    """A period ends before it begins."""

    message: Text = _("有效期的截止日早于起始日")


class AmountInvalid(InvalidInput):
    """An amount is not a number with at most four places."""

    message: Text = _("数量要写数字，小数不超过四位")


class NoQuota(Refusal):
    """No quota covers this unit, year and category."""

    message: Text = _("没有查到对应的限额")
    remedy: Text = _("请先由上级下达限额并录入，再办理")


class QuotaAmbiguous(Refusal):
    """Two quotas fit equally well; the data must be put right before anything is booked."""

    message: Text = _("有两项限额同样适用，无法确定占用哪一项")
    remedy: Text = _("请管理员核对分项限额的设置")


class QuotaExceeded(Refusal):
    """More is asked than is left; `facts` carry left, asked and measure."""

    message: Text = _("限额不足")


class LimitBelowUse(Refusal):
    """The limit cannot be set below what is used already."""

    message: Text = _("调整后的限额低于已经使用的数量")


class CorrectionBelowBookings(Refusal):
    """A correction would take away what cases hold; their bookings are given back through the cases."""

    message: Text = _("更正后的已用数低于各办件占用之和")
    remedy: Text = _("请先在有关办件里退回占用，再更正")


class CategoryInvalid(InvalidInput):
    """A category names an unknown dimension or value."""

    message: Text = _("限额分项不正确")


class AlreadyBooked(Refusal):
    """The case has booked from this quota already."""

    message: Text = _("本件已经占用过限额")


class QuotaExists(Refusal):
    """The unit has a quota of this scheme, year and category already; adjust it instead."""

    message: Text = _("该单位当年已有同一分项的限额")
    remedy: Text = _("请用“调整限额”")
