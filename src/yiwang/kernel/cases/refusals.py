from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import InvalidInput, NotPermitted, Refusal, StaleState, Text


class TypeNotOffered(Refusal):
    """The type has no published version in force today, or is not offered any more."""

    message: Text = _("这个事项现在不办理")
    remedy: Text = _("请在办事大厅看现在能办的事项")


class IdentityTooLow(NotPermitted):
    """The item states a level of identity that the applicant has not reached."""

    message: Text = _("办这件事，要先核验身份")
    remedy: Text = _("请带身份证到就近窗口或站所当面核验，或先确认手机号")


class NoAuthority(Refusal):
    """No unit of the node handles this matter for that place."""

    message: Text = _("没有找到办理这件事的机关")
    remedy: Text = _("请核对所填的县、乡镇，或到政务服务窗口办理")


class NoSuchEntry(Refusal):
    """No entry in force of that number belongs to the applicant; nothing tells whether it exists."""

    message: Text = _("没有查到您名下这个编号的有效证照")
    remedy: Text = _("请对照证书核对编号；已经过期的，请重新申请")


class TooEarly(Refusal):
    """What is asked for an entry cannot be asked for yet; the rule names the article or setting."""

    message: Text = _("现在申请太早")


class TooLate(Refusal):
    """The last day on which this could be asked for an entry has passed."""

    message: Text = _("已经过了可以申请的最后一天")
    remedy: Text = _("请按首次申请重新办理，或者到窗口说明情况")


class AlreadyConcerned(Refusal):
    """Another case about the same entry is open."""

    message: Text = _("这张证有一件申请正在办理")
    remedy: Text = _("请等那一件办结，或者先撤回")


class NoPost(Refusal):
    """The unit has no post with the role a step needs."""

    message: Text = _("下一步没有设岗位")
    remedy: Text = _("请管理员在单位里设好这个岗位再办")


class NotYourItem(NotPermitted):
    """The step belongs to another post or person."""

    message: Text = _("这一步不是您办")
    remedy: Text = _("需要时请现在的经办人转办给您")


class CaseClosed(StaleState):
    """The case has ended; nothing can be changed."""

    message: Text = _("这件事已经办结")
    remedy: Text = _("需要改动的，请按变更、撤销等程序另行办理")


class AlreadyDecided(StaleState):
    """The case has been decided; what was granted can only be ended by its own procedure."""

    message: Text = _("这件事已经作出决定，不能再撤回申请")
    rule: Text = _("行政许可法第七十条")
    remedy: Text = _("不再需要的，请申请注销许可证")


class AlreadyAccepted(StaleState):
    """After acceptance an application is granted or denied, no longer sent back for papers or not accepted."""

    message: Text = _("已经受理，不能再要求补正或者不予受理")
    rule: Text = _("行政许可法第三十二条、第三十八条")
    remedy: Text = _("请继续办理；不符合条件的，由机关作出不予许可决定")


class ColleagueNeeded(InvalidInput):
    """A step is handed over to somebody who holds the same post, or the same role in the same unit."""

    message: Text = _("只能转办给同一岗位的在岗同事")
    remedy: Text = _("请从名单里选一位同岗位的同事")


class StrangerAsked(InvalidInput):
    """Signers are named, and opinions asked, among those who hold a post in the unit or a role the step names."""

    message: Text = _("只能请本单位的在岗同事，或者流程写明的岗位")
    remedy: Text = _("请从名单里选")


class ApplicantTold(StaleState):
    """The step told the applicant something he must act on, so it cannot be taken back silently."""

    message: Text = _("补正告知书已经发给申请人，不能撤回")
    rule: Text = _("行政许可法第三十二条第四项")
    remedy: Text = _("等申请人补正后继续办理")


class CertificateNeeded(NotPermitted):
    """The step needs an officer who holds an enforcement certificate."""

    message: Text = _("这一步要由持行政执法证的人员办")
    rule: Text = _("行政处罚法第四十二条；行政许可法第三十四条")
    remedy: Text = _("请转办给持证人员")


class OpinionNeeded(InvalidInput):
    """A refusal, return or denial needs words."""

    message: Text = _("请写明意见或理由")
    rule: Text = _("行政许可法第三十八条")


class JudgementMissing(Refusal):
    """A finding waits for a person's judgement."""

    message: Text = _("还有核验结果没有判断")
    remedy: Text = _("请在规则核验里逐项判断后再提交")


class AlreadyCorrected(Refusal):
    """The one notice of corrections was given already."""

    message: Text = _("补正只能一次性告知，已经告知过了")
    rule: Text = _("行政许可法第三十二条第四项")
    remedy: Text = _("材料已补的，请受理；仍不合要求的，请作不予受理决定")


class NothingToCorrect(InvalidInput):
    """A notice of corrections must name what has to be corrected."""

    message: Text = _("补正告知书里至少要写一项")
    rule: Text = _("行政许可法第三十二条第四项")
    remedy: Text = _("勾选要补的材料或字段，或者写明要求")


class SamePublisher(NotPermitted):
    """A version is published by somebody other than its author."""

    message: Text = _("起草人不能自己发布")
    remedy: Text = _("请另一位管理员复核后发布")
