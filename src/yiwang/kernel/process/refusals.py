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
