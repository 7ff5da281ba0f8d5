"""bench start: from a clean clone to the first page with uv and with venv and pip, second start, memory when idle.

Caches of uv and pip are empty and the environment bare, as on a new machine; what the registry takes is in the figure.
"""

import os
import platform
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from bench.report import Bar, report
from tests.node.running import ROOT, RunningNode

SETTLE = 8.0  # seconds of idling before memory is read
LIMITS = {"uv": 120.0, "pip": 240.0}


def main() -> None:
    """Measure and report."""
    url = os.environ.get("YIWANG_DATABASE_URL", "sqlite:")
    words = [] if url.startswith("sqlite") else ["--database", url]
    figures: dict[str, object] = {"python": platform.python_version(), "cores": os.cpu_count()}
    bars: list[Bar] = []
    for installer in ("uv", "pip"):
        if installer == "uv" and shutil.which("uv") is None:
            figures["uv"] = "not on this machine: not measured"
            continue
        first, again, memory = measured(installer, words)
        figures |= {f"{installer}: second start s": again, f"{installer}: memory MB": memory}
        bars.append(Bar(f"clean clone to first page, {installer}, s", first, LIMITS[installer]))
        bars.append(Bar(f"second start, {installer}, s", again, 8.0))
        bars.append(Bar(f"web + worker idle, PSS sum, {installer}, MB", memory, 350.0))
    report("start", "sqlite" if not words else "postgresql", figures, bars)


def measured(installer: str, words: list[str]) -> tuple[float, float, float]:
    """Seconds to the first page of a clean clone, seconds of the second start, MB when idle."""
    with tempfile.TemporaryDirectory(prefix="yiwang-clone-") as folder:
        tree, data = Path(folder) / "yiwang", Path(folder) / "data"
        copy_tree(tree)
        environ = bare(folder, installer)
        node = RunningNode(data, "--no-demo", *words, root=tree, environ=environ)
        first = node.wait_for_page(600)
        node.end()
        node = RunningNode(data, "--no-demo", *words, root=tree, port=node.port, environ=environ)
        again = node.wait_for_page(600)
        time.sleep(SETTLE)
        memory = node.memory()
        node.end()
    return round(first, 2), round(again, 2), round(memory, 1)


def bare(folder: str, installer: str) -> dict[str, str]:
    """An environment that knows nothing but where the machine's registries and certificates are."""
    known = ("PIP_", "UV_", "SSL_")
    kept = {name: value for name, value in os.environ.items() if name.startswith(known) or name == "PATH"}
    caches = {"UV_CACHE_DIR": f"{folder}/uv", "PIP_NO_CACHE_DIR": "1"}
    return {**kept, **caches, "HOME": folder, "YIWANG_INSTALLER": installer}


def copy_tree(target: Path) -> None:
    """What a clone would hold: every file that git does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        source, copy = ROOT / name, target / name
        if source.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)


if __name__ == "__main__":
    main()
