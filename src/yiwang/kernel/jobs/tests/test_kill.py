"""Real worker processes, killed with SIGKILL at random moments: no job lost, none done twice inside the platform."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from yiwang.kernel.base.moments import now
from yiwang.kernel.jobs.models import Job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

START = "import django; django.setup(); from yiwang.kernel.jobs.tests.crash_worker import main; main()"
LINES = 25

Effects = Callable[[], list[tuple[str, int]]]
Workers = list["subprocess.Popen[bytes]"]


def address() -> str:
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    return f"postgresql://{told['USER']}:{told['PASSWORD']}@{told['HOST']}:{told['PORT']}/{told['NAME']}"


def start() -> "subprocess.Popen[bytes]":
    changed = {
        "DJANGO_SETTINGS_MODULE": "yiwang.project.settings.base",
        "YIWANG_DATABASE_URL": address(),
        "YIWANG_SECRET_KEY": "x",
        "YIWANG_DATA": str(settings.DATA),
        "PYTHONPATH": str(Path(settings.ROOT) / "src"),
    }
    return subprocess.Popen([sys.executable, "-c", START], env={**os.environ, **changed})


@pytest.fixture
def effects() -> Iterator[Effects]:
    with connection.cursor() as cursor:
        serial = "bigserial" if connection.vendor == "postgresql" else "integer"
        cursor.execute(f"CREATE TABLE crash_effect (id {serial} PRIMARY KEY, kind text, ref integer)")
    yield lambda: rows("SELECT kind, ref FROM crash_effect ORDER BY id")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE crash_effect")


def rows(sql: str) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def fill(kind: str, count: int, queue: str = "default") -> None:
    Job.objects.bulk_create(Job(kind=kind, queue=queue, ref=n, line=n % LINES, due=now()) for n in range(count))


def wait_until_done(workers: Workers, kills: int, dice: random.Random) -> int:
    killed, deadline = 0, time.monotonic() + 150
    while Job.objects.exists():
        assert time.monotonic() < deadline, f"{Job.objects.count()} jobs left"
        time.sleep(dice.uniform(0.05, 0.25))
        if killed < kills and Job.objects.filter(state=Job.State.RUNNING).exists():
            place = dice.randrange(len(workers))
            workers[place].kill()
            workers[place].wait()
            workers[place] = start()
            killed += 1
    return killed


@pytest.fixture
def workers() -> Iterator[Workers]:
    started = [start(), start()]
    yield started
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.parametrize("seed", [1, 2])
def test_kill_at_random_moments(seed: int, effects: Effects, workers: Workers) -> None:
    fill("crash.once", 500)
    fill("crash.outside", 40, "slow")
    killed = wait_until_done(workers, 6, random.Random(seed))
    told = Counter(effects())
    assert killed >= 3
    inside = {key: count for key, count in told.items() if key[0] != "outside"}
    assert inside == {(kind, n): 1 for kind in ("once", "next") for n in range(500)}
    assert {n for kind, n in told if kind == "outside"} == set(range(40))
    order = [n for kind, n in effects() if kind == "once"]
    for line in range(LINES):
        of_line = [n for n in order if n % LINES == line]
        assert of_line == sorted(of_line)


def test_sigterm_finishes_what_is_begun_and_hands_the_rest_back(effects: Effects, workers: Workers) -> None:
    fill("crash.once", 1000)
    seen: set[str] = set()
    while len(seen) < 2:  # both have claimed, so both have their signal handlers
        seen |= {owner.partition("#")[0] for owner in Job.objects.values_list("owner", flat=True) if owner}
        time.sleep(0.01)
    for process in workers:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(20) for process in workers] == [0, 0]
    assert not Job.objects.filter(state=Job.State.RUNNING).exists()
    assert not Job.objects.exclude(tries=0).exists()
    done = Counter(n for kind, n in effects() if kind == "once")
    left = set(Job.objects.filter(kind="crash.once").values_list("ref", flat=True))
    assert set(done.values()) == {1}
    assert left == set(range(1000)) - set(done)
    assert left
