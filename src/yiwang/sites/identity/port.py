"""Port to whoever carries short messages 短信; adapters implement it, the setting `CODE_SENDER` names one."""

import logging
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from yiwang.kernel.base.masks import mask_phone

log = logging.getLogger(__name__)


class CodeSender(Protocol):
    """Carries a code to a telephone. `delivers` tells whether it really arrives there."""

    delivers: bool

    def send(self, phone: str, code: str, minutes: int) -> None:
        """Hand the message over; a repeat of the same code is harmless."""


class LogSender:
    """Stands in where no gateway is connected: the code goes to the log of the server, for its operator to read."""

    delivers = False

    def send(self, phone: str, code: str, minutes: int) -> None:
        """Write a line of log; the number is masked."""
        log.warning("no message gateway: code for %s is %s (%d min)", mask_phone(phone), code, minutes)


def code_sender() -> CodeSender:
    """The adapter of this node."""
    adapter: type[CodeSender] = import_string(settings.CODE_SENDER)
    return adapter()
