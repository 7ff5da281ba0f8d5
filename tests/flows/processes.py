"""Real processes on the database of the test: started, let go at one word, read, killed."""

import json
import os
import sys
from subprocess import PIPE, Popen

from django.conf import settings
from django.db import connection

Worker = Popen[str]


def start(module: str, *words: str) -> Worker:
    """A process that sets Django up on this database and waits for its word."""
    paths = os.pathsep.join(path for path in sys.path if path)
    changed = {"FLOW_DATABASE": str(connection.settings_dict["NAME"]), "PYTHONPATH": paths}
    changed |= {"YIWANG_DATA": str(settings.DATA), "DJANGO_SETTINGS_MODULE": "yiwang.project.settings.test"}
    command = [sys.executable, "-m", module, *words]
    return Popen(command, env={**os.environ, **changed}, text=True, stdin=PIPE, stdout=PIPE, cwd=settings.ROOT)


def told(worker: Worker) -> str:
    """The next line of a process; empty when it has ended."""
    assert worker.stdout is not None
    return worker.stdout.readline().rstrip("\n")


def race(*orders: dict[str, object]) -> list[str]:
    """Give each order to a process of its own and let all go at once; what each says it came to."""
    workers = [start("tests.flows.racer", json.dumps(order)) for order in orders]
    for worker in workers:
        assert told(worker) == "ready"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    found = [told(worker) for worker in workers]
    assert [worker.wait(60) for worker in workers] == [0] * len(workers)
    return found
