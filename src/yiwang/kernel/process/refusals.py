from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import InvalidInput, Refusal, StaleState, Text


class ItemNotOpen(StaleState):
    """The item was already dealt with, returned or handed over: someone was faster."""

    message: Text = _("这一步已经办过、退回或者转走了")
    remedy: Text = _("请刷新页面，看看现在到了哪一步")


class InstanceSuspended(StaleState):
    """The process is suspended; no step may be taken."""


class NotSuspended(StaleState):
    """The process is not suspended, so it cannot be resumed."""


class NotRunning(StaleState):
    """The process has ended or was cancelled, or none was started."""


class MoveUnknown(InvalidInput):
    """The step has no such move."""


class VariableUnknown(InvalidInput):
    """A value was sent for a variable the definition does not declare, or of another type."""


class SamePersonRefused(Refusal):
    """The step must be done by another natural person than the one marked *separate*."""


class NoSigners(Refusal):
    """A joint step would open and nobody is there to sign it."""


class TooManySigners(Refusal):
    """A joint step would open for more people than one group holds."""


class SignersNotAsked(InvalidInput):
    """Signers were named at a step at which none are named."""

    message: Text = _("这一步不指定会签人")
    remedy: Text = _("请刷新页面再办")


class OpinionOnly(Refusal):
    """Who was asked for an opinion gives one; he does not decide, hand over or ask others."""

    message: Text = _("您是被征求意见的人，只提意见，不办理这一步")
    remedy: Text = _("写好意见提交，由原经办人办理")


class NotAQuestion(Refusal):
    """The item is a step to be done, not an opinion asked for."""

    message: Text = _("这一项不是征求意见")
    remedy: Text = _("请刷新页面")


class OpinionsAwaited(StaleState):
    """Opinions asked for before the decision are still to come."""

    message: Text = _("加签的意见还没有到齐，现在不能办")
    remedy: Text = _("等他们提了意见再办，或者先收回加签")


class WrongPersonAsked(InvalidInput):
    """Nobody may be asked twice at once, nor the one who asks, nor nobody, nor a crowd."""


class NothingToWithdraw(StaleState):
    """The step cannot be taken back: it was not done, or does not stand any more."""

    message: Text = _("这一步不能撤回：还没有办，或者已经退回、作废")
    remedy: Text = _("请刷新页面")


class NotWhoDidIt(Refusal):
    """Only the person who did a step takes it back."""

    message: Text = _("只有办这一步的人才能撤回")
    remedy: Text = _("需要改动的，请现在的经办人退回")


class AlreadyFollowed(StaleState):
    """Somebody has opened or done what comes next, so the step can only be returned to."""


class NotAnEarlierStep(Refusal):
    """The target of a return is not a done step before the one returned from."""


class IrreversiblePassed(Refusal):
    """A return would pass something that cannot be undone; a revocation procedure is needed instead."""


class NotPublished(Refusal):
    """Only published definitions can be started."""


class SecondPersonNeeded(Refusal):
    """Who drafted a definition may not publish it."""


class DiagramRefused(InvalidInput):
    """The diagram cannot be executed; `facts["findings"]` lists every reason with node and remedy."""
