"""Backups of the test node: what is in them, what is refused, and that a refusal changes nothing."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from yiwang.kernel.crypto.keyring import keyring, make_keyring, read_keyring
from yiwang.kernel.files.limits import default_limits
from yiwang.kernel.files.models import Blob
from yiwang.kernel.files.services import path_of, store
from yiwang.kernel.files.staging import stage
from yiwang.kernel.ledger.models import AccessEntry, Entry
from yiwang.kernel.ledger.services import Event, create_subject, record
from yiwang.kernel.org.actors import SYSTEM
from yiwang.project import preparation
from yiwang.project.backup import manifest
from yiwang.project.backup.copying import LIST, read_list
from yiwang.project.backup.engines import NAMES, opened_sqlite
from yiwang.project.backup.folder import BackupFolder
from yiwang.project.backup.making import make_backup
from yiwang.project.backup.refusals import (
    BackupBusy,
    BackupDamaged,
    BackupRefused,
    CopyFailed,
    NewerSchema,
    NoBackup,
    NodeRunning,
    NoRoom,
    NotWritable,
    OtherEngine,
    TargetNotEmpty,
    WrongKeyring,
)
from yiwang.project.backup.restoring import Target, check_files, restore, verified
from yiwang.project.backup.ring import copy_ring

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, settings: Settings) -> None:
    settings.FILES_ROOT = tmp_path / "node" / "files"
    settings.DATA = tmp_path / "node"
    settings.BACKUP_FOLDER = tmp_path / "backups"
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "settings.toml").write_text('face_bureau = "试验林业局"\n', "utf-8")


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def write(*words: bytes) -> list[Blob]:
    """A subject with an entry, and a file for each of the words."""
    with transaction.atomic():
        record(Event(create_subject("thing:test", unit=7), "thing.opened"), actor=SYSTEM)
        return [store(stage([word], default_limits()), unit=7, mime="text/plain") for word in words]


def everything_under(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


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


# --- restoring -------------------------------------------------------------------------------------------------------


@pytest.fixture
def target(tmp_path: Path, settings: Settings) -> Iterator[Target]:
    """A place of its own on the engine under test."""
    data = tmp_path / "restored"
    if connection.vendor == "sqlite":
        yield Target(data, "", Path(settings.KEYRING))
        return
    name = f"test_restored_{os.getpid()}"
    told = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    yield Target(data, f"postgresql://{told['USER']}@{told['HOST']}:{told['PORT']}/{name}", Path(settings.KEYRING))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def quietly(line: str) -> None:
    """Nothing is said."""


def test_restored_node_has_every_file_and_verifies(to: Path, target: Target) -> None:
    (blob,) = write(b"one")
    make_backup(to)
    assert restore(verified(to, keyring()), target, quietly) is None
    assert (target.data / "files" / blob.place).read_bytes() == path_of(blob).read_bytes()
    assert read_keyring(target.data / "keyring.json") == keyring()
    assert (target.data / "settings.toml").exists()
    assert [path for path in target.data.parent.iterdir() if "restoring" in path.name] == []


def test_what_the_operator_laid_there_goes_before_and_nothing_is_deleted(to: Path, target: Target) -> None:
    write(b"one")
    make_backup(to)
    target.data.mkdir()
    (target.data / "settings.toml").write_text("web_threads = 2\n", "utf-8")
    before = restore(verified(to, keyring()), target, quietly)
    assert (target.data / "settings.toml").read_text("utf-8") == "web_threads = 2\n"
    assert before is not None
    assert (before / "settings.toml").exists()


def damage_database(made: Path) -> None:
    (database,) = [made / name for name in NAMES.values() if (made / name).exists()]
    body = bytearray(database.read_bytes())
    body[len(body) // 2] ^= 1
    database.write_bytes(body)


def cut_database(made: Path) -> None:
    (database,) = [made / name for name in NAMES.values() if (made / name).exists()]
    os.truncate(database, database.stat().st_size - 1)


def lose_list(made: Path) -> None:
    (made / LIST).unlink()


def alter_manifest(made: Path) -> None:
    told = json.loads((made / manifest.FILE).read_text("utf-8"))
    told["rows"]["files_blob"] += 1
    (made / manifest.FILE).write_text(json.dumps(told), "utf-8")


def tear_manifest(made: Path) -> None:
    (made / manifest.FILE).write_text('{"format": 1', "utf-8")


def unsign(made: Path) -> None:
    (made / manifest.SIGNATURE).unlink()


def sign_with_nothing(made: Path) -> None:
    (made / manifest.SIGNATURE).write_text("k1 zz\n", "ascii")


@pytest.mark.parametrize(
    "harm", [damage_database, cut_database, lose_list, alter_manifest, tear_manifest, unsign, sign_with_nothing]
)
def test_damaged_backup_is_refused_without_effect(to: Path, target: Target, harm: object) -> None:
    write(b"one")
    made = make_backup(to)
    harm(made.path)  # type: ignore[operator]  # one of the functions above
    with pytest.raises(BackupDamaged):
        restore(verified(to, keyring()), target, quietly)
    assert not target.data.exists()


@pytest.mark.parametrize("body", [b"", b"altered of just the length"])
def test_damaged_file_is_refused_without_effect(to: Path, target: Target, body: bytes) -> None:
    (blob,) = write(b"one")
    make_backup(to, link=False)
    stored = to / "files" / blob.place
    stored.write_bytes((body * 9)[: stored.stat().st_size])
    found = verified(to, keyring())
    with pytest.raises(BackupDamaged, match=blob.sha256):
        check_files(found, quietly)
    with pytest.raises(BackupDamaged, match=blob.sha256):
        restore(found, target, quietly)
    assert not target.data.exists()
    assert [path for path in target.data.parent.iterdir() if "restoring" in path.name] == []


def test_wrong_ring_is_refused_and_told_which_one_is_needed(to: Path, tmp_path: Path) -> None:
    make_backup(to)
    make_keyring(tmp_path / "other.json")
    with pytest.raises(WrongKeyring, match=manifest.fingerprints(keyring())["k1"]):
        verified(to, read_keyring(tmp_path / "other.json"))


def test_backup_of_a_newer_version_is_refused(to: Path) -> None:
    newer = MigrationRecorder(connection).migration_qs.create(app="ledger", name="9999_from_the_future")
    make_backup(to)
    newer.delete()
    with pytest.raises(NewerSchema, match="9999_from_the_future"):
        verified(to, keyring())


def test_full_target_is_refused_unless_told_and_then_moved_aside(to: Path, target: Target) -> None:
    write(b"one")
    make_backup(to)
    target.data.mkdir()
    (target.data / "yiwang.sqlite3").write_bytes(b"somebody's work")
    found, kept = verified(to, keyring()), everything_under(target.data)
    with pytest.raises(TargetNotEmpty):
        restore(found, target, quietly)
    assert everything_under(target.data) == kept
    replacing = Target(target.data, target.database, target.ring_path, replace=True)
    before = restore(found, replacing, quietly)
    assert before is not None
    assert (before / "yiwang.sqlite3").read_bytes() == b"somebody's work"


def test_running_node_is_not_replaced(to: Path, target: Target) -> None:
    make_backup(to)
    target.data.mkdir()
    found = verified(to, keyring())
    import fcntl

    with (target.data / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(NodeRunning):
            restore(found, target, quietly)
    assert [path.name for path in target.data.iterdir()] == ["lock"]


def test_other_engine_is_refused(to: Path, target: Target) -> None:
    make_backup(to)
    other = "postgresql://nobody@127.0.0.1:1/none" if connection.vendor == "sqlite" else ""
    with pytest.raises(OtherEngine):
        restore(verified(to, keyring()), Target(target.data, other, target.ring_path), quietly)
    assert not target.data.exists()


def test_altered_ledger_is_restored_only_when_told(
    to: Path, target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    write(b"one")
    Entry.objects.update(verb="thing.altered")
    make_backup(to)
    words = [str(to), "--into", str(target.data), "--database", target.database]
    with pytest.raises(CommandError, match="does not verify"):
        call_command("restore", *words)
    assert not target.data.exists()
    call_command("restore", *words, "--despite-findings")
    assert "Restored into" in capsys.readouterr().out


@pytest.mark.engine("postgresql")
def test_database_with_tables_is_refused_and_left_alone(to: Path, target: Target) -> None:
    write(b"one")
    make_backup(to)
    found = verified(to, keyring())
    restore(found, target, quietly)
    again = Target(target.data.with_name("again"), target.database, target.ring_path)
    with pytest.raises(TargetNotEmpty, match="tables"):
        restore(found, again, quietly)
    assert not again.data.exists()


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
