import errno
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from yiwang.kernel.files.limits import Limits
from yiwang.kernel.files.refusals import EmptyFile, FileTooLarge, StorageFull
from yiwang.kernel.files.staging import Intake, stage, staging_folder
from yiwang.kernel.files.vault import CHUNK


def left() -> list[Path]:
    return list(staging_folder().glob("*"))


def test_one_pass_counts_hashes_and_seals() -> None:
    taken = stage([b"a" * CHUNK, b"b" * 10], Limits())
    assert taken.size == CHUNK + 10
    assert taken.sha256 == hashlib.sha256(b"a" * CHUNK + b"b" * 10).hexdigest()
    assert taken.open().read() == b"a" * CHUNK + b"b" * 10
    assert b"a" * 64 not in taken.path.read_bytes()
    assert taken.path.stat().st_mode & 0o777 == 0o600
    taken.discard()
    taken.discard()
    assert not left()


def test_an_empty_file_is_refused() -> None:
    for pieces in ([], [b""], [b"", b""]):
        with pytest.raises(EmptyFile):
            stage(pieces, Limits())
    assert not left()


def test_too_much_is_refused_while_it_is_read() -> None:
    seen = []

    def endless() -> Iterator[bytes]:
        while True:
            seen.append(1)
            yield b"x" * CHUNK

    with pytest.raises(FileTooLarge):
        stage(endless(), Limits(file_bytes=5 * CHUNK, image_bytes=5 * CHUNK))
    assert len(seen) == 6
    assert not left()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("moment", ["write", "fsync"])
def test_a_full_disk_leaves_nothing(code: int, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise OSError(code, "no room")

    def take() -> None:
        intake.write(b"x" * 3 * CHUNK)
        intake.finish()

    intake = Intake(10 * CHUNK)
    if moment == "write":
        monkeypatch.setattr(intake._writer, "_target", type("Full", (), {"write": fail})())
    else:
        monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageFull):
        take()
    assert not left()


def test_other_errors_of_the_disk_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_handle: int) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="broken"):
        stage([b"x"], Limits())
    assert not left()


def test_uploads_leave_room_for_the_database(settings: Settings) -> None:
    settings.FILES_RESERVE = 1 << 60
    with pytest.raises(StorageFull):
        stage([b"x"], Limits())
    assert not left()


FULL = """
import resource, sys, os
from collections.abc import Iterator
from pathlib import Path
import django
from django.conf import settings
settings.configure(FILES_ROOT=Path(sys.argv[1]), USE_I18N=False)
resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, 3 << 20))
from yiwang.kernel.files.staging import stage, staging_folder
from yiwang.kernel.files.limits import Limits
from yiwang.kernel.files.refusals import StorageFull
try:
    stage([b"x" * (1 << 20)] * 8, Limits())
except StorageFull:
    print("refused", len(list(staging_folder().glob("*"))))
"""


def test_the_operating_system_says_no(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": "src"},
    )
    assert done.stdout.strip() == "refused 0", done.stderr
