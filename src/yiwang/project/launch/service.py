"""One supervised program: started in a group of its own, restarted with growing pauses, ended with all its children."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from yiwang.project.launch.lifeline import tied_to

PAUSES = (0.5, 1, 2, 4, 8, 15, 30)
STEADY = 60.0  # seconds after which earlier crashes are forgotten


@dataclass
class Service:
    """A program that must run; with `once`, until it ends by itself."""

    name: str
    command: list[str]
    environ: dict[str, str]
    once: bool = False
    nice: int = 0
    process: subprocess.Popen[bytes] | None = None
    crashes: int = 0
    since: float = 0.0
    due: float = 0.0
    done: bool = False
    failed: bool = False

    def start(self) -> None:
        """Start the program in its own session, tied to this process."""
        self.since = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=self._prepared(os.getpid()),
        )

    def tend(self) -> str:
        """Start what is due and notice what ended; returns a line for the operator, or nothing."""
        if self.process is None:
            if not self.done and time.monotonic() >= self.due:
                self.start()
            return ""
        if not self._ended(self.process.pid):
            return ""
        status = self.bury()
        if self.once:
            self.done, self.failed = True, status != 0
            return f"{self.name} ended with status {status}; the node goes on without it" if self.failed else ""
        return self._crashed(status)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program and everything it started."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def bury(self) -> int:
        """Kill what is left of the group, then reap; the group id cannot be reused before that."""
        if self.process is None:
            return 0
        self.signal(signal.SIGKILL)
        status = self.process.wait()
        self.process = None
        return status

    def has_ended(self) -> bool:
        """Whether nothing of it runs any more, or it was never started."""
        return self.process is None or self._ended(self.process.pid)

    def _crashed(self, status: int) -> str:
        self.crashes = 1 if time.monotonic() - self.since > STEADY else self.crashes + 1
        pause = PAUSES[min(self.crashes, len(PAUSES)) - 1]
        self.due = time.monotonic() + pause
        return f"{self.name} ended with status {status}; started again in {pause:g} s"

    def _prepared(self, parent: int) -> Callable[[], None]:
        tie, nice = tied_to(parent), self.nice

        def prepare() -> None:
            tie()
            if nice:
                os.nice(nice)

        return prepare

    @staticmethod
    def _ended(pid: int) -> bool:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
