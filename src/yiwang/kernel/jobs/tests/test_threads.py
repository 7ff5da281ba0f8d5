"""A whole worker in this process: it wakes when somebody commits, survives a busy database, and stops."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from operator import contains

import pytest
from django.db import connection, transaction

from yiwang.kernel.base.moments import as_of, now
from yiwang.kernel.jobs import worker as working
from yiwang.kernel.jobs.claims import LEASE
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import JobKind, only
from yiwang.kernel.jobs.services import enqueue, finish_once
from yiwang.kernel.jobs.worker import Worker, drain, sweep

pytestmark = pytest.mark.django_db(transaction=True)


def wait_for(true: Callable[[], bool], seconds: float = 10) -> float:
    begin = time.monotonic()
    while not true():
        assert time.monotonic() - begin < seconds
        time.sleep(0.005)
    return time.monotonic() - begin


@pytest.fixture(autouse=True)
def _fresh_connection() -> Iterator[None]:
    yield
    connection.close()  # forgets the short timeout some tests set


@pytest.fixture
def ran() -> Iterator[list[int]]:
    seen: list[int] = []

    def act(job: Job) -> None:
        with transaction.atomic(durable=True):
            seen.append(job.ref or 0)
            finish_once()

    with only(JobKind("t.act", act, once=True), JobKind("t.slow", act, queue="slow")):
        yield seen


@pytest.fixture
def running(ran: list[int]) -> Iterator[Worker]:
    worker = Worker(threads=2)
    thread = threading.Thread(target=worker.run)
    thread.start()
    yield worker
    worker.halt()
    thread.join(10)
    assert not thread.is_alive()


def test_an_idle_worker_wakes_soon_after_the_commit(
    running: Worker, ran: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "SHORTEST_IDLE", 30.0)  # so that polling cannot be what finds it
    monkeypatch.setattr(working, "LONGEST_IDLE", 30.0)
    enqueue("t.act", ref=1)
    wait_for(lambda: ran == [1])
    time.sleep(0.5)
    for number in (2, 3):
        enqueue("t.act" if number == 2 else "t.slow", ref=number)
        assert wait_for(partial(contains, ran, number)) < 2
    wait_for(lambda: not Job.objects.exists())


def test_nothing_runs_before_the_commit(running: Worker, ran: list[int]) -> None:
    with transaction.atomic():
        if connection.vendor == "postgresql":  # on SQLite nobody else could write meanwhile
            enqueue("t.act", ref=1)
            time.sleep(0.5)
            assert ran == []
            transaction.set_rollback(True)
    time.sleep(0.3)
    assert ran == []


@pytest.mark.engine("sqlite")
def test_a_database_locked_for_too_long_costs_nothing(ran: list[int]) -> None:
    enqueue("t.act", ref=1)
    enqueue("t.act", ref=2)
    other = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Exception, match="locked"):
        drain()
    assert ran == []
    other.execute("ROLLBACK")
    other.close()
    assert drain() == 2
    assert ran == [1, 2]


@pytest.mark.engine("sqlite")
def test_a_lock_met_in_the_middle_of_a_job_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    other = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None, check_same_thread=False)
    seen: list[int] = []

    def act(job: Job) -> None:
        if not seen:
            seen.append(0)
            other.execute("BEGIN IMMEDIATE")
        with transaction.atomic(durable=True):
            seen.append(job.ref or 0)
            finish_once()

    with only(JobKind("t.act", act, once=True, tries=1)):
        enqueue("t.act", ref=7)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 50")
        with pytest.raises(Exception, match="locked"):
            drain()
        other.execute("ROLLBACK")
        with as_of(now() + 2 * LEASE):
            sweep()
        with as_of(now() + 4 * LEASE):
            assert drain() == 1
    other.close()
    assert seen == [0, 7]
    assert not Job.objects.exists()
