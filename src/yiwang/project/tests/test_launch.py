"""What `./run` does before anything is installed: environment, folders, ports, words."""

import importlib.util
import shutil
import socket
import stat
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from yiwang.project.launch import addresses, environment, greeting, places, suite, up
from yiwang.project.launch.__main__ import main


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment folder that is not there yet, and no uv."""
    monkeypatch.setenv("YIWANG_VENV", str(tmp_path / "env"))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    return tmp_path / "env"


def test_missing_venv_names_the_one_package(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(places.Stop, match=rf"apt-get install -y python3\.{sys.version_info.minor}-venv"):
        environment.ready()
    assert not bare.exists()


def test_first_start_installs_hashed_requirements_and_the_second_nothing(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def pretend(command: list[str], **options: object) -> "subprocess.CompletedProcess[str]":
        commands.append(command)
        (bare / "bin").mkdir(parents=True, exist_ok=True)
        (bare / "bin" / "python").touch()
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", pretend)
    assert environment.ready() == bare / "bin" / "python"
    assert "--require-hashes" in commands[-1]
    assert commands[-1][-1].endswith("requirements.lock")
    count = len(commands)
    environment.ready()
    assert len(commands) == count
    environment.ready(development=True)
    assert commands[-1][-1].endswith("requirements-dev.lock")
    count = len(commands)
    environment.ready()
    environment.ready(development=True)
    assert len(commands) == count


def test_failed_installation_leaves_no_stamp(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda command, **options: subprocess.CompletedProcess(command, 1))
    with pytest.raises(places.Stop, match="Start again"):
        environment.ready()
    assert not (bare / "yiwang-stamp.json").exists()


def test_secrets_are_whole_and_their_owners_alone(tmp_path: Path) -> None:
    places.write_secret(tmp_path / "key", "one")
    places.write_secret(tmp_path / "key", "two")
    assert (tmp_path / "key").read_text("utf-8") == "two"
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_data_folder_is_closed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    assert stat.S_IMODE(places.data_folder(str(tmp_path / "data")).stat().st_mode) == 0o700


def test_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(places.Stop, match="--data"):
        places.data_folder(str(tmp_path / "file" / "data"))


def test_busy_port_is_told_before_anything_is_done(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        options = Namespace(host="127.0.0.1", port=port, data=str(tmp_path / "data"), database=None, demo=True)
        with pytest.raises(places.Stop, match=f"--port {port + 1}"):
            up.up(options)
    assert not (tmp_path / "data").exists()


def test_nobody_answers_on_a_closed_port() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        assert addresses.answer("127.0.0.1", other.getsockname()[1]) == 0


def test_address_on_papers_is_the_operators_before_the_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("YIWANG_ORIGIN", raising=False)
    assert addresses.origin_of(tmp_path, "127.0.0.1", 8001) == "http://127.0.0.1:8001"
    assert addresses.origin_of(tmp_path, "0.0.0.0", 8001) == f"http://{addresses.outward()}:8001"
    (tmp_path / "settings.toml").write_text('public_origin = "https://yw.test"\n', "utf-8")
    assert addresses.origin_of(tmp_path, "0.0.0.0", 8001) == "https://yw.test"
    monkeypatch.setenv("YIWANG_ORIGIN", "https://other.test")
    assert addresses.origin_of(tmp_path, "0.0.0.0", 8001) == "https://other.test"


def test_unknown_benchmark_is_named_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "none"]) == 3
    assert "start" in capsys.readouterr().err


def test_run_that_broke_off_counts_as_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda command, **options: subprocess.CompletedProcess(command, 4))
    assert suite._part("SQLite", Path("python"), "", []).failed == 1


def test_errands_fetch_fonts_once_and_before_the_demonstration_only_where_there_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = places.Places(Path("python"), tmp_path)
    monkeypatch.setattr(greeting, "has_fonts", lambda: False)
    assert [errand.name for errand in greeting.errands(node)] == ["install_fonts", "demo"]
    (tmp_path / greeting.TRIED).touch()
    assert [errand.name for errand in greeting.errands(node)] == ["demo"]
    (tmp_path / greeting.TRIED).unlink()
    monkeypatch.setattr(greeting, "has_fonts", lambda: True)
    assert [errand.name for errand in greeting.errands(node)] == ["demo", "install_fonts"]
    (tmp_path / "settings.toml").write_text("fetch_fonts = false\n", "utf-8")
    assert [errand.name for errand in greeting.errands(node)] == ["demo"]


def test_fonts_are_found_by_their_files(tmp_path: Path) -> None:
    assert not greeting.has_fonts((tmp_path,))
    (tmp_path / "NotoSerifCJK-Regular.ttc").touch()
    assert greeting.has_fonts((tmp_path,))


def test_wrong_setting_is_told_without_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "settings.toml").write_text("public_origin = 1\n", "utf-8")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    assert main(["up", "--data", str(tmp_path), "--port", str(port)]) == 3
    assert "public_origin must be str" in capsys.readouterr().err
