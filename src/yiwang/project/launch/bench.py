"""`./run bench NAME`: one named benchmark on an empty data folder of its own."""

import argparse
import secrets
import tempfile
from pathlib import Path

from yiwang.project.launch import environment
from yiwang.project.launch.lifeline import run_tied
from yiwang.project.launch.places import ROOT, Places, Stop

OTHER = {"report", "__init__", "conftest"}


def bench(words: list[str]) -> int:
    """Run `bench/NAME.py`; the exit status tells whether it ran, never whether its figures are good."""
    parser = argparse.ArgumentParser("./run bench", allow_abbrev=False)
    parser.add_argument("name", metavar="NAME", help=", ".join(names()))
    parser.add_argument("--database", metavar="URL", default="sqlite:")
    options, rest = parser.parse_known_args(words)
    if options.name not in names():
        raise Stop(f"No benchmark {options.name!r}; there are: {', '.join(names())}")
    python = environment.ready(development=True)
    with tempfile.TemporaryDirectory(prefix="yiwang-bench-") as folder:
        key = secrets.token_urlsafe(32)
        environ = Places(python, Path(folder)).environ(YIWANG_DATABASE_URL=options.database, YIWANG_SECRET_KEY=key)
        return run_tied([str(python), "-m", f"bench.{options.name}", *rest], environ, ROOT)


def names() -> list[str]:
    """Every benchmark there is."""
    return sorted(path.stem for path in (ROOT / "bench").glob("*.py") if path.stem not in OTHER)
