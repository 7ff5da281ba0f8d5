"""`pump`: actions at a steady rate, each with three to eight deliveries, beside an import (architecture.md §11.2).

One process acts at the given rate and never catches up by skipping, one worker delivers, one process imports in small
transactions and rests as long after each as it took: a bulk writer that does not rest starves SQLite's one writer.
Lock times are taken from the moment a transaction holds its lock to its end, in all three processes.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from types import TracebackType
from typing import Any, ClassVar
from urllib.parse import quote

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.project.settings.base")
django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from django.db.transaction import Atomic

from bench.report import Bar, report
from yiwang.kernel.base.moments import now
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.services import finish_in_transaction
from yiwang.kernel.jobs.worker import Worker
from yiwang.kernel.ledger.models import Entry, Subject
from yiwang.kernel.ledger.reactions import register
from yiwang.kernel.ledger.services import Event, create_subject, lock, record
from yiwang.kernel.org.actors import SYSTEM

REACTIONS = 8
FEWEST = 3
SUBJECTS = 400
THREADS = 4
CHUNK = 10


@dataclass
class Watch:
    """How long transactions held what they hold, in this process; one list, appended from every thread."""

    held: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Time every outermost `atomic` from now on."""
        enter, leave, watch = Atomic.__enter__, Atomic.__exit__, self
        begun = threading.local()

        def timed_enter(block: Atomic) -> None:
            outermost = not connection.in_atomic_block
            enter(block)
            if outermost:
                begun.at, begun.block = time.perf_counter(), block

        def timed_exit(
            block: Atomic, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
        ) -> None:
            leave(block, kind, error, trace)
            if getattr(begun, "block", None) is block:
                begun.block = None
                watch.held.append(time.perf_counter() - begun.at)

        setattr(Atomic, "__enter__", timed_enter)  # noqa: B010
        setattr(Atomic, "__exit__", timed_exit)  # noqa: B010


WATCH = Watch()


class Deliveries:
    """The reactions: each writes its own row and finishes its job in one transaction; notes the age of its entry."""

    ages: ClassVar[list[float]] = []

    def __init__(self, number: int) -> None:
        self.number = number
        verbs = [f"pump.to{count}" for count in range(max(number, FEWEST), REACTIONS + 1)]
        register(f"pump{number}", verbs, self, once=True)

    def __call__(self, entry: Entry) -> None:
        """Count it in the unit column of a row of its own."""
        with transaction.atomic(durable=True):
            Subject.objects.filter(pk=self.number).update(unit=entry.pk)
            finish_in_transaction()
        self.ages.append((now() - entry.at).total_seconds())


DELIVERIES = [Deliveries(number) for number in range(1, REACTIONS + 1)]


def act(subject: int, deliveries: int) -> None:
    """One action: lock, update, a chained entry, its deliveries."""
    with transaction.atomic(durable=True):
        row = lock(subject)[subject]
        Subject.objects.filter(pk=subject).update(unit=deliveries)
        record(Event(row, f"pump.to{deliveries}", {"count": deliveries}), actor=SYSTEM)


# --- the three processes ---------------------------------------------------------------------------------------------


def run_actions(seconds: float, rate: float, subjects: list[int]) -> tuple[list[float], float]:
    """Act at `rate` from several threads; waiting for one counts as time of the action. Times, and how long it ran."""
    orders: Queue[tuple[float, int] | None] = Queue()
    times: list[float] = []

    def serve() -> None:
        connection.ensure_connection()
        while (order := orders.get()) is not None:
            due, number = order
            act(subjects[number % len(subjects)], FEWEST + number % (REACTIONS - FEWEST + 1))
            times.append(time.perf_counter() - due)
        connection.close()

    threads = [threading.Thread(target=serve) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    begin = time.perf_counter()
    for number in range(int(seconds * rate)):
        due = begin + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        orders.put((due, number))
    for _ in threads:
        orders.put(None)
    for thread in threads:
        thread.join()
    return times, time.perf_counter() - begin


def run_worker(out: Path) -> None:
    """Deliver until SIGTERM."""
    WATCH.start()
    worker = Worker()
    signal.signal(signal.SIGTERM, lambda number, frame: worker.halt())
    threading.Timer(1, out.with_suffix(".ready").touch).start()
    worker.run()
    out.write_text(json.dumps({"ages": Deliveries.ages, "held": WATCH.held}))


def run_import(out: Path) -> None:
    """Write subjects with their first entries, ten a transaction, until SIGTERM."""
    WATCH.start()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    rows = 0
    out.with_suffix(".ready").touch()
    while not stop.is_set():
        begin = time.perf_counter()
        with transaction.atomic(durable=True):
            record(*(Event(create_subject("pump:import", unit=1), "pump.imported") for _ in range(CHUNK)), actor=SYSTEM)
        rows += CHUNK
        stop.wait(time.perf_counter() - begin)
    out.write_text(json.dumps({"rows": rows, "held": WATCH.held}))


@contextmanager
def beside(role: str, out: Path, environ: dict[str, str]) -> Iterator[None]:
    """Run a role in a process of its own while the block lasts."""
    command = [sys.executable, "-m", "bench.pump", "--role", role, "--out", str(out)]
    process = subprocess.Popen(command, env=environ)
    while not out.with_suffix(".ready").exists() and process.poll() is None:
        time.sleep(0.1)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


# --- the whole -------------------------------------------------------------------------------------------------------


@contextmanager
def scratch_database() -> Iterator[str]:
    """An empty database beside the named one, with all tables; its address."""
    if connection.vendor == "sqlite":
        call_command("migrate", verbosity=0)
        yield f"sqlite:///{connection.settings_dict['NAME']}"
        return
    name = str(connection.settings_dict["NAME"])
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    told = connection.settings_dict
    login = quote(told["USER"]) + (":" + quote(told["PASSWORD"]) if told["PASSWORD"] else "")
    try:
        yield f"postgresql://{login}@{told['HOST']}:{told['PORT']}/{told['NAME']}"
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def wait_for_deliveries(longest: float = 60) -> float:
    """Seconds until no delivery is left."""
    begin = time.perf_counter()
    while Job.objects.filter(kind__startswith="ledger.deliver:pump").exists():
        if time.perf_counter() - begin > longest:
            break
        time.sleep(0.05)
    return time.perf_counter() - begin


def share(values: list[float], part: float) -> float:
    """The value below which `part` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


def measure(seconds: float, rate: float, folder: Path, environ: dict[str, str]) -> dict[str, Any]:
    """Run the three processes and gather what they told."""
    with transaction.atomic():
        subjects = [create_subject("pump:case", unit=1).pk for _ in range(SUBJECTS)]
    WATCH.start()
    with beside("worker", folder / "worker.json", environ), beside("import", folder / "import.json", environ):
        times, took = run_actions(seconds, rate, subjects)
        rest = wait_for_deliveries()
    worker = json.loads((folder / "worker.json").read_text())
    imported = json.loads((folder / "import.json").read_text())
    return {
        "times": times,
        "took": took,
        "rest": rest,
        "ages": worker["ages"],
        "rows": imported["rows"],
        "held": {"action": WATCH.held, "reaction": worker["held"], "import": imported["held"]},
    }


def tell(found: dict[str, Any]) -> None:
    """Report."""
    held = found["held"]
    figures = {
        "actions": len(found["times"]),
        "actions a second": round(len(found["times"]) / found["took"], 1),
        "action p50 ms": round(share(found["times"], 0.5) * 1000, 1),
        "action p99 ms": round(share(found["times"], 0.99) * 1000, 1),
        "action max ms": round(share(found["times"], 1) * 1000, 1),
        "deliveries": len(found["ages"]),
        "delivery p50 s": round(share(found["ages"], 0.5), 3),
        "delivery p99 s": round(share(found["ages"], 0.99), 3),
        "deliveries done s after the last action": round(found["rest"], 2),
        "rows imported a second": round(found["rows"] / found["took"]),
    }
    for name, values in held.items():
        figures[f"{name} transaction p50 ms"] = round(share(values, 0.5) * 1000, 1)
        figures[f"{name} transaction p99 ms"] = round(share(values, 0.99) * 1000, 1)
        figures[f"{name} transaction max ms"] = round(share(values, 1) * 1000, 1)
    longest = max(share(values, 1) for values in held.values())
    bars = [
        Bar("action p95 ms", round(share(found["times"], 0.95) * 1000, 1), 150),
        Bar("oldest delivery s", round(share(found["ages"], 1), 2), 5),
        Bar("longest transaction ms", round(longest * 1000, 1), 100),
        Bar("actions done of those due", round(len(found["times"]) / max(1, found["took"]), 1), 19.5, at_least=True),
    ]
    report("pump", connection.vendor, figures, bars)


def main() -> None:
    """Read the command line and run one role, or the whole."""
    parser = argparse.ArgumentParser("pump")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--role", choices=["worker", "import"])
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.role:
        {"worker": run_worker, "import": run_import}[options.role](options.out)
        return
    with tempfile.TemporaryDirectory() as folder, scratch_database() as address:
        environ = {**os.environ, "YIWANG_DATABASE_URL": address}
        tell(measure(options.seconds, options.rate, Path(folder), environ))


if __name__ == "__main__":
    main()
