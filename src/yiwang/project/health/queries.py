"""What the database tells about the node's health; each answer is one statement."""

import time
from datetime import timedelta
from functools import cache
from pathlib import Path

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min

from yiwang.kernel.base.moments import now
from yiwang.kernel.cases.models import Case
from yiwang.kernel.jobs.models import Cron, Job
from yiwang.kernel.ledger.models import Root
from yiwang.kernel.ledger.reactions import DELIVERY
from yiwang.project.health.statements import DATABASE_SIZE

BEAT = "operation.beat"
COUNT_FOR = 60.0  # seconds: counting a million rows at every scrape would be the largest query of the node
_counted: dict[str, tuple[float, int]] = {}


def pending_migrations() -> frozenset[tuple[str, str]]:
    """Migrations of this code that the database has not seen."""
    return _shipped() - set(MigrationRecorder(connection).applied_migrations())


def worker_late() -> timedelta | None:
    """How long the repeated job that every worker keeps up is overdue; None when no worker has ever run."""
    due = Cron.objects.filter(name=BEAT).values_list("next_due", flat=True).first()
    return None if due is None else max(timedelta(), now() - due)


def oldest_delivery() -> timedelta:
    """Age of the oldest delivery of the ledger that is due and waits."""
    waiting = Job.objects.filter(state=Job.State.WAITING, kind__startswith=f"{DELIVERY}:", due__lte=now())
    due = waiting.aggregate(due=Min("due"))["due"]
    return now() - due if due else timedelta()


def last_root() -> Root | None:
    """The last signed day."""
    return Root.objects.order_by("-day").first()


def open_cases() -> int:
    """Cases that are not closed, counted at most once a minute by a process."""
    at, count = _counted.get("cases", (0.0, 0))
    if not at or time.monotonic() - at > COUNT_FOR:
        count = Case.objects.exclude(status=Case.Status.CLOSED).count()
        _counted["cases"] = (time.monotonic(), count)
    return count


def database_size() -> int:
    """Bytes of the database: on SQLite the file with its log."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(DATABASE_SIZE)
            return int(cursor.fetchone()[0])
    name = str(connection.settings_dict["NAME"])
    return sum(path.stat().st_size for path in (Path(name), Path(f"{name}-wal")) if path.exists())


def forget() -> None:
    """Drop what was counted; for tests."""
    _counted.clear()


@cache
def _shipped() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations or {})
