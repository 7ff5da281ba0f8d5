"""The environment with the libraries: made once from the locked, hashed requirements, then recognised by a stamp."""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yiwang.project.launch.lifeline import run_tied
from yiwang.project.launch.places import ROOT, Stop, say

RUNTIME = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"


def ready(development: bool = False) -> Path:
    """The Python of an environment that holds what the lock says. Raises Stop with what to install."""
    folder = Path(os.environ.get("YIWANG_VENV") or ROOT / ".venv")
    python = folder / "bin" / "python"
    if _fits(folder, development):
        return python
    with _alone(folder):
        if not _fits(folder, development):
            _install(folder, DEVELOPMENT if development else RUNTIME)
    return python


def _install(folder: Path, lock: Path) -> None:
    say(f"Installing the libraries of {lock.name} into {folder.name} …")
    uv = shutil.which("uv")
    if os.environ.get("YIWANG_INSTALLER") == "pip" or not (uv and _by_uv(uv, folder, lock)):
        _by_pip(folder, lock)
    _write_stamp(folder, lock)


def _by_uv(uv: str, folder: Path, lock: Path) -> bool:
    python = folder / "bin" / "python"
    environ = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONPATH")}
    make = [uv, "venv", "--quiet", "--python", sys.executable, "--no-project", "--clear", str(folder)]
    fill = [uv, "pip", "install", "--quiet", "--python", str(python), "--require-hashes", "--no-deps", "-r", str(lock)]
    steps = [fill] if _runs(python) else [make, fill]
    for step in steps:
        if run_tied(step, environ, folder.parent):
            say("uv could not do it; trying venv and pip.")
            return False
    return True


def _by_pip(folder: Path, lock: Path) -> None:
    python = folder / "bin" / "python"
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    if not _runs(python, "import pip"):
        _require_venv()
        _do([sys.executable, "-m", "venv", "--clear", str(folder)], environ)
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-compile"]
    _do([str(python), "-m", "pip", "install", *quiet, "--require-hashes", "--no-deps", "-r", str(lock)], environ)


def _require_venv() -> None:
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    sudo = "" if os.getuid() == 0 else "sudo "
    package = f"python3.{sys.version_info.minor}-venv"
    raise Stop(f"Python's venv is missing. Install it, then start again:\n  {sudo}apt-get install -y {package}")


def _do(command: list[str], environ: dict[str, str]) -> None:
    if run_tied(command, environ, ROOT):
        raise Stop(f"This failed, see above: {' '.join(command[1:6])} …\nStart again to go on where it stopped.")


def _runs(python: Path, program: str = "") -> bool:
    if not python.exists():
        return False
    return subprocess.run([str(python), "-c", program], capture_output=True, check=False).returncode == 0


def _fits(folder: Path, development: bool) -> bool:
    lock = DEVELOPMENT if development else RUNTIME
    return _stamp(folder).get(lock.name) == _digest(lock) and (folder / "bin" / "python").exists()


def _stamp(folder: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((folder / "yiwang-stamp.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _write_stamp(folder: Path, lock: Path) -> None:
    """The development lock holds every runtime library in the same version, so it stands for both."""
    names = (RUNTIME, DEVELOPMENT) if lock == DEVELOPMENT else (RUNTIME,)
    (folder / "yiwang-stamp.json").write_text(json.dumps({path.name: _digest(path) for path in names}), "utf-8")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two first starts at once: the second waits for the first."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = open(folder.parent / f"{folder.name}.lock", "w")
    except OSError as error:
        raise Stop(f"{folder.parent} cannot be written: {error}. Set YIWANG_VENV to a folder of yours.") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
