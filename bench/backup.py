"""`backup`: how long a backup takes and how large it is, and that actions go on beside it; then the restore.

Cases are written in bulk, files are random bytes of 1 MiB; actions run at 20 a second before the backup and during it.
Files are really copied (`--copy`), as to another disk.
"""

import argparse
import hashlib
import os
import random
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.project.settings.base")
django.setup()

import psycopg
from django.conf import settings
from django.db import connection, transaction

from bench.pump import scratch_database, share
from bench.report import Bar, report
from bench.volume.rows import Filler
from yiwang.kernel.crypto.keyring import make_keyring
from yiwang.kernel.files.models import Blob
from yiwang.kernel.files.vault import plain_size
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import Event, create_subject, lock, record
from yiwang.kernel.org.actors import SYSTEM

RATE, BASELINE, SUBJECTS, MIB = 20.0, 15.0, 50, 1 << 20


@dataclass
class Acting(threading.Thread):
    """Somebody who acts at a steady rate; waiting counts as time of the action."""

    subjects: list[int]
    times: list[float] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """Act until stopped."""
        begin, number = time.perf_counter(), 0
        while not self.stop.is_set():
            due = begin + number / RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            act(self.subjects[number % SUBJECTS], number)
            self.times.append(time.perf_counter() - due)
            number += 1
        connection.close()


def act(subject: int, number: int) -> None:
    """One action: lock, update, a chained entry."""
    with transaction.atomic(durable=True):
        row = lock(subject)[subject]
        Subject.objects.filter(pk=subject).update(unit=number + 1)
        record(Event(row, "bench.moved", {"n": number}), actor=SYSTEM)


@contextmanager
def acting(subjects: list[int]) -> Iterator[Acting]:
    """Somebody acts while the block lasts."""
    thread = Acting(subjects)
    thread.start()
    try:
        yield thread
    finally:
        thread.stop.set()
        thread.join()


def fill_files(gigabytes: float) -> int:
    """Sealed-looking files with their rows; how many."""
    root, count = Path(settings.FILES_ROOT), int(gigabytes * 1024)
    piece = os.urandom(MIB - 8)
    for start in range(0, count, 500):
        rows = []
        for number in range(start, min(start + 500, count)):
            body = number.to_bytes(8, "big") + piece
            sha256 = hashlib.sha256(b"%d" % number).hexdigest()
            place = f"1/{sha256[:2]}/{sha256}-{secrets.token_hex(4)}"
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            (root / place).write_bytes(body)
            rows.append(Blob(unit=1, sha256=sha256, size=plain_size(MIB), mime="image/jpeg", key=b"k", place=place))
        Blob.objects.bulk_create(rows)
    return count


def manage(environ: dict[str, str], *words: str) -> float:
    """Seconds of one command, at the priority that the shipped timer gives it."""
    began = time.perf_counter()
    subprocess.run(["nice", "-n", "10", sys.executable, "manage.py", *words], env=environ, check=True)
    return round(time.perf_counter() - began, 1)


def size_of(folder: Path) -> int:
    """Bytes below a folder, in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) >> 20


@contextmanager
def empty_database() -> Iterator[list[str]]:
    """Where to restore to: words for the command."""
    if connection.vendor == "sqlite":
        yield []
        return
    told = connection.settings_dict
    server = f"postgresql://{told['USER']}@{told['HOST']}:{told['PORT']}"
    name = f"bench_restored_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as base:
        base.execute(f"CREATE DATABASE {name}".encode())
    try:
        yield ["--database", f"{server}/{name}"]
    finally:
        with suppress(psycopg.Error), psycopg.connect(f"{server}/postgres", autocommit=True) as base:
            base.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def measure(cases: int, gigabytes: float, folder: Path, environ: dict[str, str]) -> None:
    """Fill, act, back up twice beside it, restore, report."""
    make_keyring(Path(settings.KEYRING))
    filler = Filler(random.Random(7))
    filler.prepare()
    filler.fill(cases // 10, cases - cases // 10)
    files = fill_files(gigabytes)
    with transaction.atomic():
        subjects = [create_subject("bench:thing", unit=1).pk for _ in range(SUBJECTS)]
    to = folder / "backups"
    with acting(subjects) as before:
        time.sleep(BASELINE)
    with acting(subjects) as during:
        first = manage(environ, "backup", "--copy", "--to", str(to))
    second = manage(environ, "backup", "--copy", "--to", str(to))
    checked = manage(environ, "restore", str(to), "--check")
    with empty_database() as database:
        restored = manage(environ, "restore", str(to), "--into", str(folder / "restored"), *database)
    figures = {
        "cases": cases,
        "files": files,
        "first backup s": first,
        "second backup s": second,
        "restore --check s": checked,
        "restore with verification s": restored,
        "both backups MB": size_of(to),
        "actions during the backup": len(during.times),
        "action p95 before ms": round(share(before.times, 0.95) * 1000, 1),
        "action max during ms": round(share(during.times, 1) * 1000, 1),
    }
    bars = [Bar("action p95 during the backup ms", round(share(during.times, 0.95) * 1000, 1), 150)]
    report("backup", connection.vendor, figures, bars)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser("backup")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--gigabytes", type=float, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, scratch_database() as address:
        environ = {**os.environ, "YIWANG_DATABASE_URL": address}
        measure(options.cases, options.gigabytes, Path(folder), environ)


if __name__ == "__main__":
    main()
