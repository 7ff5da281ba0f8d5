"""The common end of every check: print the findings, tell by the exit status whether there were any."""

from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
CODE = ROOT / "src" / "yiwang"


def conclude(findings: Iterable[str]) -> int:
    """Print each finding once, in order; 1 when there was any."""
    found = list(dict.fromkeys(findings))
    for finding in found:
        print(finding)
    return 1 if found else 0


def at(path: Path, line: int, finding: str) -> str:
    """`file:line: finding`, as editors understand it."""
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return f"{shown}:{line}: {finding}"


def line_of(text: str, position: int) -> int:
    """The line a position stands in."""
    return text.count("\n", 0, position) + 1
