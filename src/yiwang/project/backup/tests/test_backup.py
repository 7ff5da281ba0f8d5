"""Backups of the test node: what is in them, what is refused, the ring apart, the backup before a migration."""

import os
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from yiwang.kernel.crypto.keyring import keyring, read_keyring
from yiwang.kernel.files.models import Blob
from yiwang.kernel.files.services import path_of
from yiwang.kernel.ledger.models import AccessEntry, Entry
from yiwang.project import preparation
from yiwang.project.backup.copying import LIST, read_list
from yiwang.project.backup.engines import NAMES, opened_sqlite
from yiwang.project.backup.folder import BackupFolder
from yiwang.project.backup.making import make_backup
from yiwang.project.backup.refusals import (
    BackupBusy,
    BackupRefused,
    CopyFailed,
    NoBackup,
    NoRoom,
    NotWritable,
)
from yiwang.project.backup.restoring import check_files, verified
from yiwang.project.backup.ring import copy_ring
from yiwang.project.backup.tests.world import everything_under, write

pytestmark = pytest.mark.django_db(transaction=True)


def test_backup_holds_database_files_settings_and_signed_figures(to: Path) -> None:
    write(b"one", b"two")
    made = make_backup(to)
    assert BackupFolder(to).sets() == [made.path]
    found = verified(to, keyring())
    check_files(found, lambda line: None)
    assert found.manifest == made.manifest
    assert (found.manifest.file_count, found.manifest.lost) == (2, [])
    assert found.manifest.rows["files_blob"] == 2
    assert found.manifest.ledger.entries == Entry.objects.count() == 1
    assert {kept.place for kept in read_list(made.path / LIST)} == set(Blob.objects.values_list("place", flat=True))
    assert "face_bureau" in (made.path / "settings.toml").read_text("utf-8")
    secrets_told = [path for path in everything_under(to) if "keyring" in path or "secret" in path]
    assert secrets_told == []


def test_ring_and_password_stand_nowhere_in_a_backup(to: Path) -> None:
    write(b"one")
    make_backup(to)
    secret = next(iter(keyring().secrets.values()))
    assert not [path for path, body in everything_under(to).items() if secret in body or secret.hex().encode() in body]


@pytest.mark.parametrize("link", [True, False])
def test_second_backup_copies_only_what_is_new(to: Path, link: bool) -> None:
    write(b"one", b"two")
    first = make_backup(to, link=link)
    write(b"three")
    second = make_backup(to, link=link)
    assert (first.tally.new, second.tally.new, second.manifest.file_count) == (2, 1, 3)
    (blob, *_rest) = Blob.objects.all()
    shares = os.path.samefile(path_of(blob), to / "files" / blob.place)
    assert shares is link


def test_keeping_takes_away_old_sets_and_their_files(to: Path) -> None:
    (gone,) = write(b"gone")
    make_backup(to)
    place = gone.place
    gone.delete()
    path_of(gone).unlink()
    write(b"stays")
    assert (to / "files" / place).exists()
    last = [make_backup(to, keep=2) for _number in range(3)][-1]
    assert len(BackupFolder(to).sets()) == 2
    assert not (to / "files" / place).exists()
    check_files(verified(last.path, keyring()), lambda line: None)


def test_half_written_backup_is_never_taken_for_one_and_cleared_next_time(to: Path) -> None:
    write(b"one")
    made = make_backup(to)
    half = made.path.with_name(".half-20990101T000000.000Z")
    made.path.rename(half)
    with pytest.raises(NoBackup):
        verified(to, keyring())
    with pytest.raises(NoBackup):
        verified(half, keyring())
    again = make_backup(to)
    assert not half.exists()
    assert again.tally.new == 1  # what no complete backup lists is not trusted


def test_file_half_copied_by_a_crash_is_copied_again(to: Path) -> None:
    (blob,) = write(b"one")
    target = to / "files" / blob.place
    target.parent.mkdir(parents=True)
    target.write_bytes(b"\0" * path_of(blob).stat().st_size)
    make_backup(to)
    check_files(verified(to, keyring()), lambda line: None)


def test_file_that_the_node_has_lost_is_named_and_the_rest_is_kept(to: Path) -> None:
    lost, cut, _whole = write(b"lost", b"cut off", b"whole")
    path_of(lost).unlink()
    path_of(cut).write_bytes(b"YW")
    made = make_backup(to)
    assert set(made.manifest.lost) == {lost.place, cut.place}
    assert made.manifest.file_count == 1
    with pytest.raises(CommandError, match="2 file") as told:
        call_command("backup", "--to", str(to))
    assert told.value.returncode == 2


def test_two_at_once_are_refused(to: Path) -> None:
    with BackupFolder(to).locked(), pytest.raises(BackupBusy):
        make_backup(to)
    assert BackupFolder(to).sets() == []


def test_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(NotWritable):
        make_backup(tmp_path / "file" / "backups")


def test_full_disk_leaves_no_backup(to: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(b"one")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(100, 100, 0))
    with pytest.raises(NoRoom):
        make_backup(to)
    assert BackupFolder(to).sets() == []
    assert list(to.glob(".half*")) == []


def test_command_says_what_was_made_and_leaves_a_line_in_the_access_log(
    to: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(b"one")
    call_command("backup", "--to", str(to), "--keep", "3")
    call_command("restore", str(to), "--check")
    said = capsys.readouterr().out
    assert str(BackupFolder(to).sets()[0]) in said
    assert "Every part and every file is as it was written." in said
    assert AccessEntry.objects.get(verb="backup.made").facts["backup"] == BackupFolder(to).sets()[0].name


@pytest.mark.engine("sqlite")
def test_copy_is_of_one_moment_while_others_write(to: Path) -> None:
    """A writer commits between the steps of the copy: it neither waits nor sets the copy back, and is not in it."""
    write(b"one")
    written: list[list[Blob]] = []

    def tell(line: str) -> None:
        if line.startswith("database") and len(written) < 3:
            written.append(write(b"late %d" % len(written)))

    made = make_backup(to, tell=tell)
    assert written
    assert made.manifest.ledger.entries < Entry.objects.count()
    assert made.manifest.rows["files_blob"] == made.manifest.file_count
    with opened_sqlite(made.path / NAMES["sqlite"]) as copy:
        assert next(copy.rows("PRAGMA integrity_check"))[0] == "ok"


@pytest.mark.engine("sqlite")
def test_damaged_database_is_not_backed_up(to: Path, tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "broken.sqlite3").write_bytes(b"SQLite format 3\0" + b"\xff" * 8192)
    kept = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = str(tmp_path / "broken.sqlite3")
    try:
        with pytest.raises(CopyFailed):
            make_backup(to)
    finally:
        connection.settings_dict["NAME"] = kept
    assert BackupFolder(to).sets() == []


# --- ring and migration ----------------------------------------------------------------------------------------------


def test_ring_is_copied_apart_only(to: Path, tmp_path: Path, settings: Settings) -> None:
    ring = Path(settings.KEYRING)
    make_backup(to)
    for place in (to, to / "ring", settings.DATA / "ring", BackupFolder(to).sets()[0]):
        with pytest.raises(BackupRefused, match="opens"):
            copy_ring(ring, place, settings.DATA, settings.BACKUP_FOLDER)
    copied = copy_ring(ring, tmp_path / "safe", settings.DATA, settings.BACKUP_FOLDER)
    assert read_keyring(copied) == read_keyring(ring)
    assert copied.stat().st_mode & 0o077 == 0


def test_pending_migration_is_preceded_by_a_backup(
    to: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "_has_all_tables", lambda: False)
    preparation._back_up(lambda line: None)
    assert len(BackupFolder(to).sets()) == 1
    settings.BACKUP_BEFORE_MIGRATION = False
    preparation._back_up(lambda line: None)
    assert len(BackupFolder(to).sets()) == 1


def test_failing_backup_stops_the_start_before_any_migration(
    to: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    settings.BACKUP_FOLDER = tmp_path / "file" / "backups"
    migrated: list[object] = []
    monkeypatch.setattr(preparation, "_has_all_tables", lambda: False)
    monkeypatch.setattr(preparation, "call_command", lambda *words, **more: migrated.append(words))
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    with pytest.raises(CommandError, match="backup_before_migration = false"):
        call_command("prepare")
    assert migrated == []
