"""`./run check`: everything that can be judged without running the platform."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from yiwang.project.launch import environment
from yiwang.project.launch.places import ROOT, Places, say


@dataclass(frozen=True)
class Check:
    """One program whose exit status is its verdict."""

    name: str
    words: tuple[str, ...]


CHECKS = (
    Check("types", ("-m", "mypy")),
    Check("format", ("-m", "ruff", "format", "--check", ".")),
    Check("lint", ("-m", "ruff", "check", ".")),
    Check("layers", ("-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache")),
    Check("django", ("manage.py", "check", "--fail-level", "WARNING")),
    Check("migrations", ("manage.py", "makemigrations", "--check", "--dry-run")),
    Check("templates", ("-m", "yiwang.project.checks.templates")),
    Check("translations", ("-m", "yiwang.project.checks.translations")),
    Check("links", ("-m", "yiwang.project.checks.links")),
    Check("locks", ("-m", "yiwang.project.checks.locks")),
)


def check() -> int:
    """Run every check, two at a time; show the words of those that found something."""
    python = environment.ready(development=True)
    with tempfile.TemporaryDirectory(prefix="yiwang-check-") as folder, ThreadPoolExecutor(2) as pool:
        environ = Places(python, Path(folder)).environ(
            YIWANG_SECRET_KEY="for-checks-only", YIWANG_DATABASE_URL="sqlite:", NO_COLOR="1"
        )
        environ.pop("FORCE_COLOR", None)
        failed = list(_told(pool.map(lambda one: _run(one, python, environ), CHECKS)))
    say(f"\n{'All checks passed.' if not failed else 'Failed: ' + ', '.join(failed)}")
    return 1 if failed else 0


@dataclass(frozen=True)
class Verdict:
    """What one check said."""

    name: str
    ok: bool
    seconds: float
    words: str


def _run(one: Check, python: Path, environ: dict[str, str]) -> Verdict:
    started = time.monotonic()
    done = subprocess.run([str(python), *one.words], cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    return Verdict(one.name, done.returncode == 0, time.monotonic() - started, done.stdout + done.stderr)


def _told(verdicts: Iterator[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        say(f"{'ok    ' if verdict.ok else 'FAILED'} {verdict.name:<14} {verdict.seconds:5.1f} s")
        if not verdict.ok:
            say(verdict.words.rstrip() + os.linesep)
            yield verdict.name
