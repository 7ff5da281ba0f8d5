"""A refusal 拒绝 says what was wrong, which rule says so, and what to do next."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Refusal(Exception):
    """Base of every named refusal; raised before anything was changed, or rolls everything back.

    `message` tells the user what was wrong, `rule` names the article or setting behind it, `remedy` says what to do
    next; a class states its own and an instance may say it more exactly. `field` points at an input to blame.
    """

    message: Text = _("不能这样办")
    rule: Text = ""
    remedy: Text = ""
    status: ClassVar[int] = 409

    def __init__(
        self,
        message: Text | None = None,
        rule: Text | None = None,
        remedy: Text | None = None,
        field: str = "",
        facts: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        for name, text in (("message", message), ("rule", rule), ("remedy", remedy)):
            if text is not None:
                setattr(self, name, text)
        self.field = field
        self.facts: Mapping[str, object] = facts or {}

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.message, self.rule, self.remedy) if part)

    @property
    def code(self) -> str:
        """Stable name for logs, tests and machine readers."""
        return type(self).__name__


class NotPermitted(Refusal):
    """The actor may not do this to this subject; nothing tells whether the subject exists."""

    status: ClassVar[int] = 403


class NotFound(Refusal):
    """No such thing, or none that this actor may know of."""

    status: ClassVar[int] = 404


class InvalidInput(Refusal):
    """What was sent cannot be understood or breaks a rule of form."""

    status: ClassVar[int] = 400


class StaleState(Refusal):
    """Somebody else was faster: the thing is no longer in the state the actor saw."""
