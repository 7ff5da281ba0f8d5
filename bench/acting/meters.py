"""Processor time of a piece of work: this process and, on PostgreSQL, the backend that serves it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection


@dataclass
class Meter:
    """Processor time of this process and of its database backend, if that runs on this machine."""

    backend: Path | None = None
    client: float = 0.0
    server: float = 0.0
    _marks: tuple[float, float] = field(default=(0.0, 0.0))

    @classmethod
    def here(cls) -> "Meter":
        if connection.vendor != "postgresql":
            return cls()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            path = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
        return cls(path if path.exists() else None)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Count what happens inside."""
        client, server = time.process_time(), self._backend()
        yield
        self.client += time.process_time() - client
        self.server += self._backend() - server

    @property
    def total(self) -> float:
        """CPU seconds so far."""
        return self.client + self.server

    def _backend(self) -> float:
        return int(self.backend.read_text().split()[0]) / 1e9 if self.backend else 0.0
