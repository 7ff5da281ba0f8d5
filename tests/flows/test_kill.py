"""A process that takes steps is killed with SIGKILL again and again: no step lost, none done twice, the books agree."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db.models import Count, Sum

from tests.flows.processes import Worker, start, told
from yiwang.kernel.cases.models import Case, Opinion
from yiwang.kernel.cases.tests.world import County, found_county, ledger_holds, quota
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.worker import drain, sweep
from yiwang.kernel.ledger.models import Entry as LedgerEntry
from yiwang.kernel.notify.models import Message
from yiwang.kernel.process.models import Instance, StepRun, WorkItem
from yiwang.kernel.registers.models import Entry, QuotaEntry, Series, VoidNumber

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CASES, STEPS, LIVES = 4, 500, 6
PATIENCE = 240.0
TAKEN = ("case.step_decided", "case.step_returned")


class Killed(threading.Timer):
    """The end of a life, at a moment nobody chose."""

    def __init__(self, worker: Worker, after: float) -> None:
        super().__init__(after, worker.kill)
        self.start()


def lives(dice: random.Random) -> Iterator[tuple[Worker, bool]]:
    """One process after the other; the flag says whether it is to be killed at a random moment."""
    number = 0
    while True:
        yield start("tests.flows.stepper", str(number)), number < LIVES
        number += 1


def run_and_kill(before: int) -> list[tuple[int, int]]:
    """Steps that were told after their commit, over several lives, until there are 500."""
    dice, acknowledged, deadline = random.Random(11), list[tuple[int, int]](), time.monotonic() + PATIENCE
    for worker, is_doomed in lives(dice):
        assert told(worker) == "ready"
        killer = Killed(worker, dice.uniform(0.3, 2.0)) if is_doomed else None
        while line := told(worker):
            assert not line.startswith("refused"), line
            acknowledged.append((int(line.split()[0]), int(line.split()[1])))
            if killer is None and steps_taken() - before >= STEPS:
                worker.kill()
            assert time.monotonic() < deadline, f"only {steps_taken() - before} steps"
        worker.wait()
        if killer is None:
            return acknowledged
    return acknowledged


def steps_taken() -> int:
    """Steps as the ledger tells them."""
    return LedgerEntry.objects.filter(verb__in=TAKEN).count()


def test_kill_at_random_moments_of_500_steps() -> None:
    found_county()
    county = County()
    for number in range(1, CASES + 1):
        county.at("review", number)
    before = steps_taken()
    acknowledged = run_and_kill(before)
    assert steps_taken() - before >= STEPS
    assert nothing_lost(acknowledged)
    nothing_twice()
    books_agree()
    jobs_are_done()
    assert ledger_holds()


def nothing_lost(acknowledged: list[tuple[int, int]]) -> bool:
    """Whatever was told is there; every case still has exactly the work its process says."""
    decided = set(Opinion.objects.values_list("subject", "item"))
    assert set(acknowledged) <= decided
    live = WorkItem.objects.filter(state__in=(WorkItem.State.OPEN, WorkItem.State.WAITING))
    for instance in Instance.objects.filter(status=Instance.Status.RUNNING):
        nodes = sorted(live.filter(instance=instance).values_list("node", flat=True))
        assert nodes == sorted(instance.marking["live"])
        assert nodes
    return True


def nothing_twice() -> None:
    """One opinion, one ledger entry for each step that somebody took; no message told twice."""
    told_of = Counter(Opinion.objects.values_list("item", flat=True))
    assert max(told_of.values()) == 1
    assert len(told_of) == steps_taken()
    repeated = StepRun.objects.filter(state=StepRun.State.DONE).values("instance", "node").annotate(n=Count("pk"))
    assert not repeated.filter(n__gt=1).exists()
    assert not Message.objects.values("key", "cause").annotate(n=Count("pk")).filter(n__gt=1).exists()


def books_agree() -> None:
    """Bookings are those of the live entries, to the last place; numbers have no gap, void ones say why."""
    live = Entry.objects.filter(state=Entry.State.ISSUED)
    assert live.values("source").distinct().count() == live.count()
    booked = QuotaEntry.objects.filter(kind=QuotaEntry.Type.BOOKING, reversed_by=None)
    assert set(booked.values_list("case", flat=True)) == set(live.values_list("source", flat=True))
    assert quota().used == (booked.aggregate(total=Sum("amount"))["total"] or 0)
    assert Entry.objects.count() == Series.objects.get(key__contains="felling_certificate").last
    assert VoidNumber.objects.count() == Entry.objects.filter(state=Entry.State.VOID).count()
    assert Case.objects.filter(result="granted").count() <= live.count()


def jobs_are_done() -> None:
    """What the dead had in hand is picked up and ends; nothing is given up."""
    sweep()
    drain()
    assert not Job.objects.filter(state=Job.State.DEAD).exists()
    assert not Job.objects.exclude(kind="cases.timer").filter(state=Job.State.RUNNING).exists()
