"""Progress of the demonstration data, which is made after the first page answers."""

import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from yiwang.kernel.base.moments import now

FILE = "demo-progress.json"
GIVEN_UP_SECONDS = 300


@dataclass(frozen=True)
class Filling:
    """`done` of `total` steps, and in words what is being made now."""

    done: int
    total: int
    what: str = ""


def filling() -> Filling | None:
    """How far the demonstration data is; None when complete, never asked for, or at a stand for five minutes."""
    path = Path(settings.DATA) / FILE
    try:
        if now().timestamp() - path.stat().st_mtime > GIVEN_UP_SECONDS:
            return None
        said = json.loads(path.read_text("utf-8"))
        progress = Filling(int(said["done"]), int(said["total"]), str(said.get("what", "")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return progress if progress.done < progress.total else None
