"""Ties a process to its parent, so that nothing is left running when the parent is killed."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1


def tied_to(parent: int) -> Callable[[], None]:
    """What a child calls between fork and exec: it dies with `parent`, even if that died a moment ago."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc = ctypes.CDLL(None)

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def run_tied(command: list[str], environ: dict[str, str], folder: Path) -> int:
    """Run a program to its end and return its exit status; it does not outlive this process."""
    tie = tied_to(os.getpid())
    return subprocess.run(command, env=environ, cwd=folder, preexec_fn=tie, check=False).returncode


def tie_to_parent() -> None:
    """Die with the process that started this one; for workers whose own parent does not see to it."""
    if os.environ.get("YIWANG_SUPERVISED") == "1":
        tied_to(os.getppid())()
