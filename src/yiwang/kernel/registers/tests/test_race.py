"""Several real processes sign at once, on whichever engine the suite runs."""

import json
import os
import sys
from subprocess import PIPE, Popen
from typing import TypedDict

import pytest
from django.db import connection
from django.db.models import Sum

from yiwang.kernel.ledger.verification import verify_chains
from yiwang.kernel.registers.models import Entry, QuotaEntry, Series
from yiwang.kernel.registers.tests.conftest import Land, quota

PROCESSES, ROUNDS = 4, 15


class Report(TypedDict):
    """What one process did."""

    numbers: list[str]
    refused: int
    torn: int


def race(unit: int, amount: str) -> list[Report]:
    """Start the processes, let them go at one word, and gather what each did."""
    paths = os.pathsep.join(path for path in sys.path if path)
    env = {**os.environ, "RACE_NAME": str(connection.settings_dict["NAME"]), "PYTHONPATH": paths}
    command = [sys.executable, "-m", "yiwang.kernel.registers.tests.racer", str(unit), str(ROUNDS), amount]
    running = [Popen(command, env=env, text=True, stdin=PIPE, stdout=PIPE, stderr=PIPE) for _ in range(PROCESSES)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    done = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES, done
    return [json.loads(out) for out, _ in done]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("register", "scheme")
def test_four_processes_never_pass_the_limit_and_leave_no_gap(land: Land) -> None:
    row = quota(land.county, "100")
    reports = race(land.county.pk, "3.3333")
    numbers = sorted(number for report in reports for number in report["numbers"])
    row.refresh_from_db()
    # 40 signings succeed at most (every third is torn), 30 fit into the limit
    assert len(numbers) == 30
    assert numbers == [f"青林采字〔2026〕第{seq:06d}号" for seq in range(1, 31)]
    assert sum(report["refused"] for report in reports) > 0
    assert sum(report["torn"] for report in reports) > 0
    assert str(row.used) == "99.999"
    assert QuotaEntry.objects.filter(quota=row, kind="booking").aggregate(total=Sum("amount"))["total"] == row.used
    assert Series.objects.get(key="register:permit").last == Entry.objects.count() == 30
    assert list(verify_chains()) == []
