import io
import platform
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from pytest_django import Settings

from yiwang.kernel.outputs import fonts
from yiwang.kernel.outputs.refusals import FontsMissing


def test_the_first_family_there_is_comes_first() -> None:
    chosen = fonts.choose(["FandolSong", "Noto Serif CJK SC", "DejaVu Sans", "LXGW WenKai"])
    assert chosen["song"] == ["FandolSong", "Noto Serif CJK SC"]
    assert chosen["kai"] == ["LXGW WenKai", "Noto Serif CJK SC"]
    assert chosen["hei"] == ["Noto Serif CJK SC"]


def test_a_bureau_may_put_its_own_faces_first(settings: Settings) -> None:
    settings.OUTPUT_FONTS = {"title": ["本局小标宋", "FandolSong"]}
    assert fonts.choose(["FandolSong", "本局小标宋", "SimSun"])["title"] == ["本局小标宋", "FandolSong", "SimSun"]


def test_with_no_chinese_font_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for system, command in (
        ({"ID": "kylin", "ID_LIKE": "debian"}, "apt"),
        ({"ID": "openeuler", "ID_LIKE": "rhel fedora"}, "dnf"),
    ):
        monkeypatch.setattr(platform, "freedesktop_os_release", lambda system=system: system)
        with pytest.raises(FontsMissing) as refusal:
            fonts.choose(["DejaVu Sans"])
        assert command in str(refusal.value.remedy)


def test_folders_are_looked_through_in_order(settings: Settings, tmp_path: Path) -> None:
    named, own = tmp_path / "named", tmp_path / "own"
    named.mkdir()
    own.mkdir()
    settings.OUTPUT_FONT_PATHS = [named, tmp_path / "missing"]
    settings.FONTS_ROOT = own
    assert fonts.folders()[:2] == [named, own]


def archive() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as target:
        for name in ("usr/share/a/FandolFang-Regular.otf", "usr/share/a/NotoSerifCJK-Regular.ttc", "etc/evil.sh"):
            member = tarfile.TarInfo(name)
            member.size = 4
            target.addfile(member, io.BytesIO(b"font"))
    return out.getvalue()


def test_fonts_are_taken_out_of_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tape = tmp_path / "tape"
    tape.write_bytes(archive())
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "apt-get").write_text('#!/bin/sh\n: > "x.deb"\n')
    (tools / "dpkg-deb").write_text(f'#!/bin/sh\nexec cat "{tape}"\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setattr(fonts, "_has", lambda package, folder: (folder / package.proof).exists())
    target = tmp_path / "fonts"
    assert fonts.install(target) == ["fonts-noto-cjk", "texlive-lang-chinese"]
    assert sorted(path.name for path in target.iterdir()) == ["FandolFang-Regular.otf", "NotoSerifCJK-Regular.ttc"]
    monkeypatch.setenv("PATH", "/nowhere")
    assert fonts.install(target) == ["fonts-noto-cjk", "texlive-lang-chinese"]


@pytest.mark.parametrize("fails", ["missing", "error", "garbage"])
def test_a_failed_fetch_never_stops_the_start(fails: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_args: object, **_kwargs: object) -> None:
        if fails == "error":
            raise subprocess.CalledProcessError(100, "apt-get")

    monkeypatch.setattr(fonts, "_has", lambda package, folder: False)
    monkeypatch.setattr(shutil, "which", lambda name: None if fails == "missing" else "/bin/true")
    monkeypatch.setattr(subprocess, "run", run)
    assert fonts.install(tmp_path / "fonts") == []
