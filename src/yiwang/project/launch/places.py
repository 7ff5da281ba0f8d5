"""Where things lie, and how a part of the platform is started."""

import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]


class Stop(Exception):
    """Nothing can go on; the message tells the operator what to do."""


def say(text: str = "") -> None:
    """One line to the operator, at once."""
    print(text, flush=True)


@dataclass(frozen=True)
class Places:
    """The tree, the environment with the libraries, and the data folder of one node."""

    python: Path
    data: Path
    origin: str = ""
    database: str = ""

    def environ(self, **more: str) -> dict[str, str]:
        """The environment of a child process."""
        path = f"{ROOT / 'src'}{os.pathsep}{ROOT}"
        ours = {"PYTHONPATH": path, "YIWANG_DATA": str(self.data), "PYTHONUNBUFFERED": "1"}
        chosen = {"YIWANG_ORIGIN": self.origin, "YIWANG_DATABASE_URL": self.database}
        ours |= {name: value for name, value in chosen.items() if value}
        settings = os.environ.get("DJANGO_SETTINGS_MODULE", "yiwang.project.settings.base")
        return {**os.environ, **ours, "DJANGO_SETTINGS_MODULE": settings, **more}

    def supervised(self) -> dict[str, str]:
        """The environment of a program that ends with the supervisor."""
        return self.environ(YIWANG_SUPERVISED="1")

    def manage(self, *words: str) -> list[str]:
        """The command line of `manage.py`."""
        return [str(self.python), str(ROOT / "manage.py"), *words]


def data_folder(wish: str | None) -> Path:
    """The data folder, made with mode 0700. Raises Stop when it cannot be written."""
    folder = Path(wish or os.environ.get("YIWANG_DATA") or ROOT / "data").expanduser().resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.stat(folder).st_uid == os.getuid():
            folder.chmod(0o700)
    except OSError as error:
        raise Stop(f"The data folder cannot be made: {error}. Choose another: ./run up --data DIR") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Stop(f"The data folder {folder} is not yours to write. Choose another: ./run up --data DIR")
    return folder


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read; it is whole or absent, never half written."""
    draft = path.with_name(path.name + f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def make_secret_key(data: Path) -> None:
    """Make the key that signs sessions, once."""
    if not (data / "secret_key").exists():
        write_secret(data / "secret_key", secrets.token_urlsafe(48))


def become(command: list[str], environ: dict[str, str]) -> None:
    """Replace this process, so that no shell or wrapper is left between the caller and the command."""
    sys.stdout.flush()
    os.execve(command[0], command, environ)
