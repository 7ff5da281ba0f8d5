"""The restore drill: a backup of a node that is being written to, restored elsewhere, has lost nothing.

Everything committed before the backup began must be there; what was committed while it ran may be, and is whole if so.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from tests.node.running import ROOT, RunningNode, wait_until

BEFORE, AFTER = 4, 1  # cases that must be there; cases written while the backup runs or after it
SERVER = os.environ.get("YIWANG_TEST_DATABASE_URL", "")


@pytest.mark.slow
@pytest.mark.engine("sqlite")
def test_drill_on_sqlite_loses_nothing(tmp_path: Path) -> None:
    drill(tmp_path, "", "")


@pytest.mark.slow
@pytest.mark.engine("postgresql")
def test_drill_on_postgresql_loses_nothing(tmp_path: Path) -> None:
    with scratch("drill_a") as live, scratch("drill_b") as empty:
        drill(tmp_path, live, empty)


def drill(folder: Path, live: str, empty: str) -> None:
    """Write, back up meanwhile, write on, restore into an empty place, count what is lost, start what was restored."""
    node = RunningNode(folder / "data", "--no-demo", *(["--database", live] if live else []))
    listed, restored = folder / "cases.jsonl", folder / "restored"
    try:
        node.wait_for_page()
        with writer(node.data, listed):
            wait_until(lambda: lines(listed) >= BEFORE, 240, "cases before the backup")
            committed = listed.read_text("utf-8").splitlines()[: lines(listed)]
            node.manage("backup", "--to", str(folder / "backups"))
            written = lines(listed)
            wait_until(lambda: lines(listed) >= written + AFTER, 240, "cases after the backup")
    finally:
        node.end()
    database = ["--database", empty] if empty else []
    node.manage("restore", str(folder / "backups"), "--into", str(restored), *database)
    (folder / "before.jsonl").write_text("\n".join(committed), "utf-8")
    assert len(committed) >= BEFORE
    assert missing(restored, folder / "before.jsonl") == []
    late = missing(restored, listed)
    assert all(line.startswith("case ") for line in late), late  # a case is there with all it has, or not at all
    assert late, "nothing was written after the backup: the drill proves little"
    again = RunningNode(restored, "--no-demo")
    try:
        again.wait_for_page()
    finally:
        again.end()


def environ_of(data: Path) -> dict[str, str]:
    """The environment of a program that works on a node."""
    ours = ("YIWANG_", "DJANGO_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    told = {"YIWANG_DATA": str(data), "DJANGO_SETTINGS_MODULE": "yiwang.project.settings.base", "PYTHONPATH": path}
    return {**kept, **told}


@contextmanager
def writer(data: Path, listed: Path) -> Iterator[None]:
    """Somebody who writes cases until the block ends."""
    listed.touch()
    command = [sys.executable, "-m", "tests.node.writing", "write", str(listed)]
    process = subprocess.Popen(command, env=environ_of(data), cwd=ROOT)
    try:
        yield
        assert process.poll() is None, "the writer broke"
    finally:
        process.kill()
        process.wait()


def missing(data: Path, listed: Path) -> list[str]:
    """What a node lacks of the cases in a list."""
    command = [sys.executable, "-m", "tests.node.writing", "check", str(listed)]
    done = subprocess.run(command, env=environ_of(data), cwd=ROOT, capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


def lines(path: Path) -> int:
    """Complete lines."""
    return path.read_text("utf-8").count("\n")


@contextmanager
def scratch(name: str) -> Iterator[str]:
    """An empty database on the server under test."""
    server, own = SERVER.rpartition("/")[0], f"test_{name}_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as base:
        base.execute(f"CREATE DATABASE {own}".encode())
    try:
        yield f"{server}/{own}"
    finally:
        with suppress(psycopg.Error), psycopg.connect(f"{server}/postgres", autocommit=True) as base:
            base.execute(f"DROP DATABASE IF EXISTS {own} WITH (FORCE)".encode())
