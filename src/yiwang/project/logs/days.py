"""A file a day, appended to by every process at once."""

import logging
import os
import threading
from datetime import timedelta
from pathlib import Path

from yiwang.kernel.base.moments import today


class DayFiles(logging.Handler):
    """Appends each record in one write to `<folder>/<day>.jsonl`, mode 0600; keeps `days` of them.

    A line written with O_APPEND is whole even when several processes write; a disk that is full loses lines and tells
    so at the terminal, and no request fails of it.
    """

    def __init__(self, folder: Path | str, days: int) -> None:
        super().__init__()
        self._folder = Path(folder)
        self._days = days
        self._open: tuple[str, int] = ("", -1)
        self._guard = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            line = (self.format(record) + "\n").encode()
            with self._guard:
                os.write(self._file(), line)
        except (OSError, ValueError, TypeError):
            self.handleError(record)

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            self._leave()
        super().close()

    def _file(self) -> int:
        day = today().isoformat()
        if self._open[0] != day:
            self._leave()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._open = (day, os.open(self._folder / f"{day}.jsonl", flags, 0o600))
            self._sweep()
        return self._open[1]

    def _leave(self) -> None:
        if self._open[1] >= 0:
            os.close(self._open[1])
        self._open = ("", -1)

    def _sweep(self) -> None:
        oldest = (today() - timedelta(days=self._days)).isoformat()
        for path in self._folder.glob("????-??-??.jsonl"):
            if path.stem < oldest:
                path.unlink(missing_ok=True)
