"""Counters of requests in one small file that every process of this machine shares; they outlive the processes."""

import fcntl
import mmap
import os
import threading
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds up to which a request counts into a bucket; the last bucket takes the rest."""
FIRST, LAST = 100, 599
_STATUSES = LAST - FIRST + 1
_BUCKETS = len(BOUNDS) + 1
_SUM = _STATUSES + _BUCKETS
_BYTES = 8 * (_SUM + 1)


@dataclass(frozen=True)
class Counted:
    """Requests by status; by bucket of time, each bucket alone; seconds in all."""

    statuses: dict[int, int]
    buckets: tuple[int, ...]
    seconds: float


class Meters:
    """The file of one machine, held by one process."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)
        self._lock = threading.Lock()
        with self._alone():
            missing = _BYTES - os.fstat(self._file.fileno()).st_size
            if missing > 0:
                self._file.seek(0, os.SEEK_END)
                self._file.write(bytes(missing))  # written, not left sparse: a full disk is noticed here and not later
        self._cells = memoryview(mmap.mmap(self._file.fileno(), _BYTES)).cast("Q")

    def count(self, status: int, seconds: float) -> None:
        """One more request."""
        bucket = _STATUSES + bisect_left(BOUNDS, seconds)
        with self._alone():
            self._cells[min(max(status, FIRST), LAST) - FIRST] += 1
            self._cells[bucket] += 1
            self._cells[_SUM] += max(0, round(seconds * 1_000_000))

    def read(self) -> Counted:
        """As it stands."""
        with self._alone():
            cells = list(self._cells)
        statuses = {FIRST + place: count for place, count in enumerate(cells[:_STATUSES]) if count}
        return Counted(statuses, tuple(cells[_STATUSES:_SUM]), cells[_SUM] / 1_000_000)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)


def meters() -> Meters:
    """The meters of this node on this machine."""
    return _meters(Path(settings.DATA) / "requests.count", os.getpid())


@cache
def _meters(path: Path, process: int) -> Meters:
    return Meters(path)
