"""Two processes at the same case at the same moment, on a real database file or server."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from yiwang.kernel.process.models import Instance, WorkItem
from yiwang.kernel.process.tests.boards import Run, TestBoard, publish
from yiwang.kernel.process.tests.diagrams import Drawing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
CASES = 100
START = "import django; django.setup(); from yiwang.kernel.process.tests.race_worker import main; main()"


def forked() -> Drawing:
    drawing = Drawing()
    split, join = drawing.plain("parallel", "split"), drawing.plain("parallel", "join")
    drawing.chain(drawing.plain("start", "start"), split, drawing.task("left"), join, drawing.task("review"))
    drawing.chain(split, drawing.task("right"), join)
    drawing.chain("review", drawing.plain("end", "end"))
    return drawing


def address() -> str:
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    return f"postgresql://{told['USER']}:{told['PASSWORD']}@{told['HOST']}:{told['PORT']}/{told['NAME']}"


def lines(subjects: list[int], node: str, order: int = 0) -> str:
    """The items at a node, of one signer where several sign, each with who does it."""
    found = WorkItem.objects.filter(subject__in=subjects, node=node, order=order).order_by("subject")
    rows = found.values_list("subject_id", "id", "person")
    return "\n".join(f"{subject} {item} {person or 1}" for subject, item, person in rows)


def race(work: tuple[str, str], guard: str, move: str = "") -> list[int]:
    """How many items each process took."""
    changed = {
        "DJANGO_SETTINGS_MODULE": os.environ.get("YIWANG_RACE_SETTINGS", "yiwang.project.settings.base"),
        "YIWANG_DATABASE_URL": address(),
        "YIWANG_TEST_DATABASE_URL": address(),
        "YIWANG_SECRET_KEY": "x",
        "YIWANG_DATA": str(settings.DATA),
        "PYTHONPATH": os.pathsep.join([str(Path(settings.ROOT) / "src"), os.environ.get("PYTHONPATH", "")]),
    }
    start = str(time.time() + 4)
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", START, start, guard, move],
            env={**os.environ, **changed},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _lines in work
    ]
    for run, text in zip(runs, work, strict=True):
        assert run.stdin is not None
        run.stdin.write(text)
        run.stdin.close()
        run.stdin = None
    told = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    return [int(text) for text in told]


@pytest.fixture
def subjects() -> list[int]:
    definition = publish(forked().xml())
    runs = [Run(definition) for _ in range(CASES)]
    for run in runs:
        run.start()
    return [run.subject for run in runs]


@pytest.mark.parametrize("guard", ["lock", "bare"])
def test_two_branches_finished_at_once_open_one_review_each(subjects: list[int], guard: str) -> None:
    assert race((lines(subjects, "left"), lines(subjects, "right")), guard) == [CASES, CASES]
    live = WorkItem.objects.filter(state__lte=WorkItem.State.WAITING)
    assert sorted(live.values_list("subject", "node")) == [(subject, "review") for subject in subjects]
    assert all("joins" not in marking for marking in Instance.objects.values_list("marking", flat=True))


def test_one_item_taken_by_two_is_taken_once(subjects: list[int]) -> None:
    taken = race((lines(subjects, "left"), lines(subjects, "left")), "lock")
    assert sum(taken) == CASES
    assert WorkItem.objects.filter(node="left", state=WorkItem.State.DONE).count() == CASES
    joins = Instance.objects.values_list("marking__joins__join", flat=True)
    assert all(len(waiting) == 1 for waiting in joins)


@pytest.mark.parametrize("rule", ["all", "one_veto"])
def test_the_last_two_signers_at_once_lead_on_once(rule: str) -> None:
    drawing = Drawing()
    panel = drawing.joint("panel", "agree,refuse", complete=rule)
    drawing.chain(drawing.plain("start", "start"), panel, drawing.task("review"), drawing.plain("end", "end"))
    definition = publish(drawing.xml(), "panel")
    runs = [Run(definition, TestBoard(panel=(1, 2))) for _ in range(CASES)]
    for run in runs:
        run.start()
    subjects = [run.subject for run in runs]
    move = "agree" if rule == "all" else "refuse"
    taken = race((lines(subjects, "panel", 1), lines(subjects, "panel", 2)), "lock", move)
    assert sum(taken) == (2 * CASES if rule == "all" else CASES)
    live = WorkItem.objects.filter(state__lte=WorkItem.State.WAITING)
    assert sorted(live.values_list("subject", "node")) == [(subject, "review") for subject in subjects]
    assert {instance.values["panel"] for instance in Instance.objects.all()} == {move}
