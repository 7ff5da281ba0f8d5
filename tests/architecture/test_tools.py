"""The tools are set as sharp as the style asks: each is shown what it must refuse and what it must let pass."""

import subprocess
import sys

import pytest

from tests.architecture.tree import ROOT

PLACE = "src/yiwang/kernel/org/services.py"


def branches(count: int) -> str:
    """A function of complexity count + 1."""
    return (
        "def f(x: int) -> int:\n"
        + "".join(f"    if x == {n}:\n        x += 2\n" for n in range(count))
        + "    return x\n"
    )


REFUSED = [
    ("C901", branches(8)),
    ("E501", f'x = "{"a" * 116}"\n'),
    ("T201", 'print("x")\n'),
    ("ANN001", "def f(x) -> int:\n    return 1\n"),
    ("TID252", "from . import models\n"),
    ("TID251", "from django.utils.safestring import mark_safe\n\nx = mark_safe\n"),
    ("TID251", "from django.contrib.contenttypes.fields import GenericForeignKey\n\nx = GenericForeignKey\n"),
    ("TID251", "import pickle\n\nx = pickle\n"),
    ("TID251", "from datetime import datetime\n\nx = datetime.now()\n"),
    ("BLE001", "try:\n    x = 1\nexcept Exception:\n    x = 2\n"),
    ("S608", 'def f(name: str) -> str:\n    return f"SELECT * FROM {name}"\n'),
    ("PLC0415", "def f() -> None:\n    import os\n\n    os.getpid()\n"),
    ("B006", "def f(x: list[int] = []) -> list[int]:\n    return x\n"),
    ("RUF100", "x = 1  # no" + "qa: E501\n"),
]
ACCEPTED = [branches(7), f'x = "{"a" * 114}"\n', 'x = "全角标点：“一二”（三）"\n']


def ruff(text: str, place: str = PLACE) -> str:
    words = ["check", "--output-format", "concise", "--no-cache", "--stdin-filename", place, "-"]
    command = [sys.executable, "-m", "ruff", *words]
    done = subprocess.run(command, input=text, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("rule", "text"), REFUSED, ids=[f"{rule}-{number}" for number, (rule, _) in enumerate(REFUSED)]
)
def test_fault_is_refused(rule: str, text: str) -> None:
    assert f" {rule} " in ruff(text)


@pytest.mark.parametrize("text", ACCEPTED)
def test_sound_code_is_let_pass(text: str) -> None:
    assert "All checks passed" in ruff(text)


def test_clock_may_be_read_at_its_one_door() -> None:
    text = "from django.utils import timezone\n\nx = timezone.now()\n"
    assert "TID251" in ruff(text)
    assert "TID251" not in ruff(text, "src/yiwang/kernel/base/moments.py")


def test_signals_may_stand_in_a_bridge_only() -> None:
    text = "from django.dispatch import receiver\n\nx = receiver\n"
    assert "TID251" in ruff(text, "src/yiwang/sites/identity/reactions.py")
    assert "TID251" not in ruff(text, "src/yiwang/sites/identity/bridge.py")
