"""How an idle worker learns of new work: a notice on PostgreSQL, a look at the version of the file on SQLite."""

import logging
import threading
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection

log = logging.getLogger(__name__)

CHANNEL = "yiwang_jobs"  # what the trigger on the table of jobs tells
GLANCE = 0.05
LISTEN = 2.0


class Watcher(threading.Thread):
    """Calls `wake` soon after anybody commits. Lanes poll besides, so a watcher that fails only makes them slower."""

    def __init__(self, wake: Callable[[], None], stop: threading.Event) -> None:
        super().__init__(name="jobs-watcher", daemon=True)
        self.wake = wake
        self.stop = stop

    def run(self) -> None:
        """Watch until told to stop; after an error of the database, begin again."""
        watch = self._listen if connection.vendor == "postgresql" else self._glance
        while not self.stop.is_set():
            try:
                watch()
            except (DatabaseError, InterfaceError):
                log.warning("watching for jobs failed, polling goes on", exc_info=True)
                connection.close()
                self.stop.wait(LISTEN)
        connection.close()

    def _listen(self) -> None:
        connection.ensure_connection()
        plain = connection.connection
        with connection.wrap_database_errors:
            plain.execute(f"LISTEN {CHANNEL}")
            while not self.stop.is_set():
                for _ in plain.notifies(timeout=LISTEN, stop_after=1):
                    self.wake()

    def _glance(self) -> None:
        seen = -1
        while not self.stop.wait(GLANCE):
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA data_version")
                version = cursor.fetchone()[0]
            if version != seen:
                seen = version
                self.wake()
