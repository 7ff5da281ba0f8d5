"""Keeps the programs of a node running, and ends every one of them with itself."""

import os
import select
import signal
import time
from collections.abc import Callable
from types import FrameType

from yiwang.project.launch.places import say
from yiwang.project.launch.service import Service

GRACE = 6.0  # seconds between asking to end and killing
TICK = 0.5


def watched_parent() -> int:
    """The process whose end is the end of the node: the shell that called.

    0 when it may go without us, under `nohup`, `setsid` or an init system.
    """
    detached = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN or os.getsid(0) == os.getpid()
    return 0 if detached or os.getppid() <= 1 else os.getppid()


class Supervisor:
    """Runs services until a signal, or until the process `parent` is gone (0 = none to watch)."""

    def __init__(self, services: list[Service], parent: int = 0) -> None:
        self.services = services
        self.stopping = False
        self.status = 0
        self._parent = parent
        self._reader, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)  # only wakes the loop

    def run(self, beat: Callable[[], None]) -> int:
        """Tend the services and call `beat` twice a second, until told to stop; returns the exit status."""
        try:
            while not self.stopping:
                self._tend()
                beat()
                self._wait(TICK)
        finally:
            self.end()
        return self.status

    def give_up(self) -> None:
        """Stop with status 1."""
        self.status, self.stopping = 1, True

    def end(self) -> None:
        """Ask every service to end, then kill what is left."""
        for service in self.services:
            service.signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline and not all(service.has_ended() for service in self.services):
            self._wait(0.1)
        for service in self.services:
            service.bury()

    def _tend(self) -> None:
        for service in self.services:
            line = service.tend()
            if line:
                say(line)
        if self._parent and os.getppid() != self._parent:
            say("The process that started this node is gone; the node ends.")
            self.stopping = True

    def _wait(self, seconds: float) -> None:
        if select.select([self._reader], [], [], seconds)[0]:
            os.read(self._reader, 4096)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.stopping:  # a second Ctrl-C does not wait
            for service in self.services:
                service.signal(signal.SIGKILL)
        self.stopping = True
