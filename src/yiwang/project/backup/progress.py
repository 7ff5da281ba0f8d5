"""What is said while it takes long: a line every few seconds, not one for every file."""

import time
from typing import Protocol

PAUSE = 2.0


class Out(Protocol):
    """Where lines go."""

    def write(self, text: str) -> object:
        """One line."""


class Progress:
    """Says a line when the last one is old enough."""

    def __init__(self, out: Out) -> None:
        self._out = out
        self._due = time.monotonic() + PAUSE

    def __call__(self, line: str) -> None:
        """Maybe say it."""
        if line and time.monotonic() >= self._due:
            self._out.write(f"  {line}")
            self._due = time.monotonic() + PAUSE
