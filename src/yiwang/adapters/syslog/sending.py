"""Handing lines over. What was not surely taken is sent again: a line may come twice, none is left out."""

import logging
import socket
from contextlib import suppress

from django.conf import settings

from yiwang.adapters.syslog.actions import note_sent
from yiwang.adapters.syslog.queries import batches
from yiwang.adapters.syslog.rules import Receiver, counted, message, receiver_of
from yiwang.kernel.ledger.authors import PLATFORM

PATIENCE = 10.0  # seconds for a connection, and for the receiver to close it after the last line
ECHO = 0.2  # seconds in which a machine without a receiver says so by ICMP

log = logging.getLogger(__name__)


def send_waiting() -> int:
    """Send what waits, batch by batch, and keep the place after each; how many lines were sent.

    A receiver that is away costs one warning; the next round goes on where this one stopped.
    """
    receiver = receiver_of(settings.SYSLOG)
    if receiver is None:
        return 0
    host, sent = socket.gethostname(), 0
    for day, lines in batches():
        try:
            hand_over(receiver, [message(line, host, settings.SYSLOG_ENTERPRISE) for line in lines])
        except OSError as error:
            log.warning("the log server %s does not take lines: %s", receiver.host, error)
            return sent
        note_sent(actor=PLATFORM, day=day, seq=lines[-1].seq)
        sent += len(lines)
    return sent


def hand_over(receiver: Receiver, messages: list[bytes]) -> None:
    """Send messages. Raises OSError when the receiver has surely, or by TCP possibly, not taken all of them."""
    if receiver.way == "tcp":
        _by_tcp(receiver, messages)
    else:
        _by_udp(receiver, messages)


def _by_tcp(receiver: Receiver, messages: list[bytes]) -> None:
    """The receiver closes after it has read the last byte; one that throws unread bytes away resets instead."""
    with socket.create_connection((receiver.host, receiver.port), timeout=PATIENCE) as line:
        line.sendall(counted(messages))
        line.shutdown(socket.SHUT_WR)
        while line.recv(4096):
            pass


def _by_udp(receiver: Receiver, messages: list[bytes]) -> None:
    family, kind, number, _name, where = socket.getaddrinfo(receiver.host, receiver.port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, number) as line:
        line.connect(where)
        line.settimeout(ECHO)
        for one in messages:
            line.send(one)
        with suppress(TimeoutError):
            line.recv(1)
