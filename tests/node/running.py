"""A real node, started as a user starts it: `./run up` on a free port and an empty data folder."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
STARTS = 60.0  # seconds a start may take here; what it should take is measured by `bench start`


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    return port


def wait_until(true: Callable[[], bool], seconds: float, what: str) -> float:
    """Seconds waited until `true`; fails with `what` when it takes longer than `seconds`."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"waited in vain: {what}"
        time.sleep(0.1)
    return time.monotonic() - began


class RunningNode:
    """One `./run up`, its output kept in a file."""

    def __init__(
        self, data: Path, *words: str, port: int = 0, root: Path = ROOT, environ: dict[str, str] | None = None
    ) -> None:
        self.port = port or free_port()
        self.data = data
        self.log = data.with_suffix(".log")
        data.mkdir(exist_ok=True)
        if not (data / "settings.toml").exists():  # a test may have written its own
            (data / "settings.toml").write_text("fetch_fonts = false\n", "utf-8")  # no test waits for a download
        ours = ("YIWANG_DATA", "YIWANG_DATABASE", "YIWANG_SECRET", "YIWANG_TEST", "DJANGO_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        command = [str(root / "run"), "up", "--port", str(self.port), "--data", str(data), *words]
        self.began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=environ or inherited, start_new_session=True
            )

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """What it printed."""
        return self.log.read_text("utf-8", "replace")

    def status(self, path: str = "/") -> int:
        """Status of a page; 0 when nobody answers."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            line.request("GET", path)
            return line.getresponse().status
        except OSError:
            return 0
        finally:
            line.close()

    def wait_for_page(self, seconds: float = STARTS) -> float:
        """Seconds since it was started until the home page answered."""
        try:
            wait_until(lambda: self.status() == 200, seconds, "the home page")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said[-3000:]}") from error
        return time.monotonic() - self.began

    def wait_for_demo(self, seconds: float) -> None:
        """Until the demonstration data is complete."""
        wait_until(lambda: "The demonstration is" in self.said, seconds, "the demonstration data")
        assert "demonstration is complete" in self.said, self.said[-3000:]

    def manage(self, *words: str) -> str:
        """Output of one `./run manage` on its data folder; fails when the command does."""
        environ = {**os.environ, "YIWANG_DATA": str(self.data)}
        for name in ("DJANGO_SETTINGS_MODULE", "YIWANG_DATABASE_URL"):  # a node knows its own
            environ.pop(name, None)
        command = [str(ROOT / "run"), "manage", *words]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def programs(self) -> dict[str, psutil.Process]:
        """Its processes by what they are: supervisor, web, web worker, worker."""
        found = {"supervisor": psutil.Process(self.process.pid)}
        for process in found["supervisor"].children():
            with suppress(psutil.Error):  # it may end while we look
                words = process.cmdline()
                if "granian" in words:
                    found["web"] = process
                    found.update(zip(["web worker"], process.children(), strict=False))
                elif "run_worker" in words:
                    found["worker"] = process
        return found

    def memory(self) -> float:
        """Sum of the proportional set sizes of all its processes, in MB."""
        root = psutil.Process(self.process.pid)
        return sum(process.memory_full_info().pss for process in [root, *root.children(recursive=True)]) / 2**20

    def end(self) -> float:
        """Ctrl-C; seconds until it ended."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=30)
        return time.monotonic() - began
