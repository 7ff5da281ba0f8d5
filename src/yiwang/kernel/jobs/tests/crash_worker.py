"""A worker for the crash tests, to be killed: `once` jobs write an effect and finish in one transaction."""

import logging
import secrets
import signal
import time

from django.db import connection, transaction

from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import job
from yiwang.kernel.jobs.services import enqueue, finish_once
from yiwang.kernel.jobs.worker import Worker


def note(kind: str, ref: int | None) -> None:
    """Write an effect down, with a little time for a kill before and after."""
    time.sleep(secrets.randbelow(4) / 1000)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO crash_effect (kind, ref) VALUES (%s, %s)", [kind, ref])
    time.sleep(secrets.randbelow(4) / 1000)


@job("crash.once", once=True)
def act(row: Job) -> None:
    """An action that puts a further job off."""
    with transaction.atomic(durable=True):
        note("once", row.ref)
        enqueue("crash.next", ref=row.ref, line=row.line)
        finish_once()


@job("crash.next", once=True)
def follow(row: Job) -> None:
    """What the first put off."""
    with transaction.atomic(durable=True):
        note("next", row.ref)
        finish_once()


@job("crash.outside", queue="slow")
def send(row: Job) -> None:
    """Outside effect: at least once."""
    note("outside", row.ref)


def main() -> None:
    """Work until SIGTERM."""
    logging.basicConfig(level=logging.ERROR)
    worker = Worker(threads=2)
    signal.signal(signal.SIGTERM, lambda number, frame: worker.halt())
    worker.run()
