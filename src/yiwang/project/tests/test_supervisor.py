"""Whatever of a node is killed, by whatever signal, nothing of it is left running and what should run runs again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

NODE = Path(__file__).with_name("stand_in_node.py")
SOURCE = Path(__file__).resolve().parents[3]
NAMES = {"supervisor", "web", "child", "worker"}


class StandIn:
    """A started stand-in node and the process ids its programs noted."""

    def __init__(self, folder: Path, command: list[str], **options: object) -> None:
        self.folder = folder
        environ = {**os.environ, "PYTHONPATH": str(SOURCE)}
        self.caller = subprocess.Popen(command, env=environ, **options)  # type: ignore[call-overload]
        wait_until(lambda: set(self.running()) == NAMES)

    def noted(self) -> list[tuple[str, int]]:
        """Every program that ever started."""
        return [(name, int(number)) for name, _, number in (path.name.partition(".") for path in self.folder.iterdir())]

    def running(self) -> dict[str, int]:
        """Programs that run now."""
        return {name: number for name, number in self.noted() if alive(number)}

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to one program."""
        process = self.running()[name]
        os.kill(process, number)
        return process


def alive(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(true: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., StandIn]]:
    started: list[StandIn] = []
    inherited = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # a suite run under nohup must not hand that on

    def starter(*prefix: str, way: str = "willing", **options: object) -> StandIn:
        node = StandIn(tmp_path, [*prefix, sys.executable, str(NODE), str(tmp_path), way], **options)
        started.append(node)
        return node

    yield starter
    signal.signal(signal.SIGHUP, inherited)
    for node in started:
        for _, number in node.noted():
            if alive(number):
                os.kill(number, signal.SIGKILL)
        node.caller.kill()
        node.caller.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end_everything_ends_within_seconds(start: Callable[..., StandIn], number: signal.Signals) -> None:
    node = start()
    began = time.monotonic()
    node.kill("supervisor", number)
    assert node.caller.wait(timeout=15) == 0
    assert node.running() == {}
    assert time.monotonic() - began < 4


def test_programs_that_ignore_the_request_are_killed(start: Callable[..., StandIn]) -> None:
    node = start(way="stubborn")
    node.kill("supervisor", signal.SIGTERM)
    node.caller.wait(timeout=15)
    assert node.running() == {}


def test_second_request_does_not_wait(start: Callable[..., StandIn]) -> None:
    node = start(way="stubborn")
    began = time.monotonic()
    while "supervisor" in node.running() and time.monotonic() - began < 4:
        node.caller.send_signal(signal.SIGINT)
        time.sleep(0.5)
    node.caller.wait(timeout=15)
    assert node.running() == {}
    assert time.monotonic() - began < 4


def test_killed_supervisor_leaves_no_orphan(start: Callable[..., StandIn]) -> None:
    node = start()
    node.kill("supervisor")
    wait_until(lambda: node.running() == {}, 5)


def test_killed_shell_ends_the_node(start: Callable[..., StandIn]) -> None:
    node = start("sh", "-c", '"$@"; true', "sh")
    node.caller.kill()
    node.caller.wait()
    wait_until(lambda: node.running() == {}, 10)


def test_nohup_outlives_the_shell(start: Callable[..., StandIn]) -> None:
    node = start("sh", "-c", 'nohup "$@" >/dev/null 2>&1; true', "sh")
    node.caller.kill()
    node.caller.wait()
    time.sleep(2)
    assert set(node.running()) == NAMES


def test_own_session_outlives_its_starter(start: Callable[..., StandIn]) -> None:
    node = start("sh", "-c", 'setsid --wait "$@"; true', "sh")
    node.caller.kill()
    node.caller.wait()
    time.sleep(2)
    assert set(node.running()) == NAMES


@pytest.mark.parametrize("victim", ["web", "worker"])
def test_killed_program_runs_again_without_its_old_children(start: Callable[..., StandIn], victim: str) -> None:
    node = start()
    before = node.running()
    node.kill(victim)
    wait_until(lambda: set(node.running()) == NAMES and node.running()[victim] != before[victim])
    if victim == "web":
        wait_until(lambda: not alive(before["child"]), 3)
    assert node.running()["supervisor"] == before["supervisor"]
