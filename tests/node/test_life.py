"""The life of a real node: it answers, survives the death of each part, leaves no orphan, and starts again at once."""

import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.node.running import ROOT, RunningNode, free_port, wait_until

Start = Callable[..., RunningNode]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[RunningNode] = []

    def starter(*words: str, port: int = 0) -> RunningNode:
        node = RunningNode(tmp_path / "data", "--no-demo", *words, port=port)
        started.append(node)
        return node

    yield starter
    for node in started:
        if node.process.poll() is None:
            node.end()


@pytest.mark.slow
def test_node_survives_the_death_of_each_part_and_leaves_no_orphan(start: Start) -> None:
    node = start()
    node.wait_for_page()
    wait_until(lambda: {"web", "web worker", "worker"} <= set(node.programs()), 10, "web and worker")

    for victim in ("web worker", "web", "worker"):
        before = node.programs()
        before[victim].send_signal(signal.SIGKILL)
        wait_until(partial(_is_dead, before[victim]), 5, f"{victim} is dead")
        wait_until(partial(_runs_again, node, before), 20, f"{victim} runs again")
        wait_until(lambda: node.status() == 200, 20, f"the home page after the death of {victim}")

    everything = [*node.programs().values()]
    node.process.kill()
    node.process.wait()
    wait_until(lambda: all(_is_dead(process) for process in everything), 5, "nothing left of a killed node")

    again = start(port=node.port)
    assert again.wait_for_page() < 15  # loaded machine; `bench start` measures
    assert again.end() < 8
    assert again.process.returncode == 0


@pytest.mark.slow
def test_second_node_on_the_same_folder_or_port_is_refused_and_told_what_to_do(start: Start, tmp_path: Path) -> None:
    node = start()
    node.wait_for_page()
    same_port = _run("up", "--port", str(node.port), "--data", str(tmp_path / "other"))
    assert same_port.returncode == 3
    assert f"--port {node.port + 1}" in same_port.stderr
    assert not (tmp_path / "other").exists()
    same_folder = _run("up", "--port", str(free_port()), "--data", str(node.data))
    assert same_folder.returncode == 3
    assert "already running" in same_folder.stderr
    assert node.status() == 200


@pytest.mark.slow
def test_data_folder_is_closed_to_others(start: Start) -> None:
    node = start()
    node.wait_for_page()
    assert stat.S_IMODE(node.data.stat().st_mode) == 0o700
    open_to_others = [
        path
        for path in node.data.iterdir()
        if path.name != "settings.toml" and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    assert open_to_others == []


def test_unknown_words_are_refused() -> None:
    assert _run("up", "--prot", "1").returncode == 2
    assert _run("fly").returncode == 2


def _run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(ROOT / "run"), *words], capture_output=True, text=True, timeout=60, check=False)


def _is_dead(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _runs_again(node: RunningNode, before: dict[str, psutil.Process]) -> bool:
    return set(node.programs()) == set(before) and len(_children(node)) == len(before) - 1


def _children(node: RunningNode) -> list[psutil.Process]:
    return psutil.Process(node.process.pid).children(recursive=True)
