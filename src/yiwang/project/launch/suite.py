"""`./run test`: the whole suite on SQLite, then what touches the database again on PostgreSQL."""

import getpass
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from yiwang.project.launch import environment
from yiwang.project.launch.lifeline import run_tied
from yiwang.project.launch.places import ROOT, Places, say

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
LOUD = "!" * 12


@dataclass(frozen=True)
class Part:
    """One run of pytest and what came out of it."""

    name: str
    seconds: float
    counts: Counter[str]

    @property
    def failed(self) -> int:
        """Failed tests and errors."""
        return self.counts["failed"] + self.counts["error"]


def suite(words: list[str]) -> int:
    """Run everything and end with one closing line; with words, run pytest once with them."""
    python = environment.ready(development=True)
    if words:
        return run_tied([str(python), "-m", "pytest", *words], _environ(python), ROOT)
    started = time.monotonic()
    browser = [] if _browser() else ["-m", "not browser"]
    parts = [_part("SQLite", python, "", browser)]
    server = postgresql(python)
    if server:
        parts.append(_part("PostgreSQL", python, server, ["--database-only"]))
    _close(parts, time.monotonic() - started)
    _warn(bool(server), not browser)
    return _status(parts, complete=bool(server) and not browser)


def postgresql(python: Path) -> str:
    """Address of the server to test on: YIWANG_TEST_DATABASE_URL, else the local default port, else nothing."""
    user = getpass.getuser()
    local = ("postgresql://postgres@127.0.0.1:5432", f"postgresql://{user}@127.0.0.1:5432", "postgresql://")
    url = os.environ.get("YIWANG_TEST_DATABASE_URL", "")
    if url:
        return url if _answers(python, url.rpartition("/")[0]) else ""
    found = next((server for server in local if _answers(python, server)), "")
    return f"{found}/yiwang_{os.getpid()}" if found else ""  # two runs at once share no database


def _part(name: str, python: Path, url: str, words: list[str]) -> Part:
    say(f"\n===== {name} =====")
    with tempfile.TemporaryDirectory(prefix="yiwang-tally-") as folder:
        tally, started = Path(folder) / "tally.json", time.monotonic()
        environ = _environ(python) | {"YIWANG_TEST_DATABASE_URL": url, "YIWANG_TEST_TALLY": str(tally)}
        command = [str(python), "-m", "pytest", "-qq", "-n", "2", "--dist", "loadgroup", *words]
        status = run_tied(command, environ, ROOT)
        counts = Counter[str](json.loads(tally.read_text("utf-8")) if tally.exists() else {})
    if status not in (0, 5) and not counts["failed"] + counts["error"]:
        counts["error"] = 1  # the run broke off before it could count
    part = Part(name, time.monotonic() - started, counts)
    say(f"{name}: {_words(part.counts)} in {part.seconds:.1f}s")
    return part


def _close(parts: list[Part], seconds: float) -> None:
    total = sum((part.counts for part in parts), Counter[str]())
    failed = sum(part.failed for part in parts)
    say(f"\n{f' {_words(total)} in {seconds:.2f}s ':=^100}")
    say(f"{total['passed']} passed, {failed} failed")


def _words(counts: Counter[str]) -> str:
    kinds = ("failed", "passed", "skipped", "xfailed", "xpassed", "error")
    return ", ".join(f"{counts[kind]} {kind}" for kind in kinds if counts[kind]) or "no tests ran"


def _warn(server: bool, browser: bool) -> None:
    if not server:
        say(f"{LOUD} The PostgreSQL part did NOT run: no server at YIWANG_TEST_DATABASE_URL or 127.0.0.1:5432 {LOUD}")
    if not browser:
        say(f"{LOUD} The browser tests did NOT run: no Chromium (apt-get install -y chromium) {LOUD}")


def _status(parts: list[Part], complete: bool) -> int:
    """0 when tests ran and all passed; in CI a part that could not run is a failure too."""
    if any(part.failed or not part.counts["passed"] for part in parts):
        return 1
    return 1 if os.environ.get("CI") and not complete else 0


def _browser() -> str:
    return os.environ.get("YIWANG_CHROMIUM") or next((found for name in BROWSERS if (found := shutil.which(name))), "")


def _answers(python: Path, server: str) -> bool:
    program = "import sys, psycopg; psycopg.connect(sys.argv[1], connect_timeout=5).close()"
    command = [str(python), "-c", program, f"{server}/postgres"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _environ(python: Path) -> dict[str, str]:
    environ = Places(python, Path(tempfile.gettempdir())).environ(DJANGO_SETTINGS_MODULE="yiwang.project.settings.test")
    environ.pop("YIWANG_DATA")
    return environ
