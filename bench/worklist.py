"""`worklist`: the first page of a list at 100,000 open and 1,000,000 closed cases, 170 kinds, five kinds of people.

Asks for whole pages as an ordinary user signed in: session, account, posts, list, counts, template. CPU is that of this
process and, on PostgreSQL, what its backend reports; the same pages are measured first at 1 % of the size.
"""

import argparse
import os
import random
import resource
import time
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlencode

import django

os.environ.setdefault("YIWANG_SECRET_KEY", "for-a-benchmark-only")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.project.settings.base")
django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client

from bench.report import Bar, report
from bench.volume.rows import KINDS, PLACES, RARE, RARE_PLACE, Filler
from tests.browsing import signed_in
from tests.queries import counted
from yiwang.kernel.crypto.keyring import make_keyring

ROUNDS = 25
STAFF = ("township clerk", "county head", "city head", "province head")


@dataclass(frozen=True)
class Figure:
    """One page asked for many times."""

    queries: int
    cpu: float
    half: float
    most: float

    def __str__(self) -> str:
        return f"{self.queries} queries, {self.cpu:.1f} ms CPU, p50 {self.half:.1f} ms, p95 {self.most:.1f} ms"


def main() -> None:
    """Fill, measure at a hundredth and at full size, report."""
    options = arguments()
    make_keyring(settings.KEYRING)
    settings.ALLOWED_HOSTS = ["*"]
    filler = Filler(random.Random(7))
    filler.prepare()
    filler.fill(options.open // 110, options.closed // 110)
    small = measure(filler)
    filler.fill(options.open, options.closed)
    large = measure(filler)
    figures: dict[str, object] = {"open": options.open, "closed": options.closed, "kinds": KINDS}
    figures |= {name: str(figure) for name, figure in large.items()}
    growth = {name: large[name].cpu / small[name].cpu for name in large}
    worst = max(growth, key=lambda name: growth[name])
    figures["most growth"] = f"{worst}: {small[worst].cpu:.1f} -> {large[worst].cpu:.1f} ms CPU"
    bars = [
        Bar("queries of a first page, most", max(one.queries for one in large.values()), 10),
        Bar("ms CPU of a first page, most", round(max(one.cpu for one in large.values()), 1), 30),
        Bar("p95 ms of a first page, most", round(max(one.most for one in large.values()), 1), 80),
        Bar("CPU against 10,000 cases, median", round(median(growth.values()), 2), 1.2),
        Bar("CPU against 10,000 cases, most", round(growth[worst], 2), 1.2),
    ]
    report("worklist", connection.vendor, figures, bars)


def measure(filler: Filler) -> dict[str, Figure]:
    """Every page for every person."""
    wishes: dict[str, dict[str, str | int]] = {
        "open": {},
        "closed": {"state": "closed"},
        "rare kind": {"kind": filler.kinds[RARE]},
        "unknown kind": {"kind": 999_999},
        "search word": {"q": PLACES[0]},
        "rare word": {"q": RARE_PLACE},
        "due today": {"due": "today"},
    }
    found = {}
    for who in STAFF:
        client = signed_in(filler.accounts[who])
        for what, wish in wishes.items():
            found[f"{who}, {what}"] = asked(client, f"/desk/cases/?{urlencode(wish)}")
    found["citizen, own cases"] = asked(signed_in(filler.accounts["citizen"]), "/mine/")
    return found


def asked(client: Client, address: str) -> Figure:
    """Ask for a page until its figures are steady. Raises RuntimeError when it is no page."""
    for _warm in range(3):
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
    with counted() as queries:
        client.get(address)
    cpu, walls = cpu_ms(), []
    for _round in range(ROUNDS):
        begun = time.perf_counter()
        client.get(address)
        walls.append((time.perf_counter() - begun) * 1000)
    spent = (cpu_ms() - cpu) / ROUNDS
    walls.sort()
    return Figure(queries.count, spent, median(walls), walls[int(ROUNDS * 0.95) - 1])


def cpu_ms() -> float:
    """CPU of this process so far, and of its PostgreSQL backend where there is one on this machine."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    return (own.ru_utime + own.ru_stime) * 1000 + backend_ms()


def backend_ms() -> float:
    """CPU of the server process of this connection."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def arguments() -> argparse.Namespace:
    """Sizes may be cut for a quick look."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--open", type=int, default=100_000)
    parser.add_argument("--closed", type=int, default=1_000_000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
