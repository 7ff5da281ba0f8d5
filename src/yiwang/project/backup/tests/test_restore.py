"""Restoring: what comes back, what is refused, and that a refusal changes nothing."""

import fcntl
import json
import os
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from yiwang.adapters.syslog.models import SentDay
from yiwang.kernel.crypto.keyring import keyring, make_keyring, read_keyring
from yiwang.kernel.files.services import path_of
from yiwang.kernel.ledger.models import Entry
from yiwang.project.backup import manifest
from yiwang.project.backup.copying import LIST
from yiwang.project.backup.engines import NAMES
from yiwang.project.backup.making import make_backup
from yiwang.project.backup.refusals import (
    BackupDamaged,
    NewerSchema,
    NodeRunning,
    OtherEngine,
    TargetNotEmpty,
    WrongKeyring,
)
from yiwang.project.backup.restoring import Target, check_files, restore, verified
from yiwang.project.backup.statements import migrations, tables
from yiwang.project.backup.tests.world import database_of, everything_under, quietly, write

pytestmark = pytest.mark.django_db(transaction=True)


def test_restored_node_has_every_file_and_verifies(to: Path, target: Target) -> None:
    (blob,) = write(b"one")
    make_backup(to)
    assert restore(verified(to, keyring()), target, quietly) is None
    assert (target.data / "files" / blob.place).read_bytes() == path_of(blob).read_bytes()
    assert read_keyring(target.data / "keyring.json") == keyring()
    assert (target.data / "settings.toml").exists()
    assert [path for path in target.data.parent.iterdir() if "restoring" in path.name] == []


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


def test_older_backup_is_brought_to_the_tables_of_this_version(to: Path, target: Target) -> None:
    """As one made before this version had a table of its own."""
    write(b"one")
    applied = MigrationRecorder(connection).migration_qs.filter(app="syslog")
    with connection.schema_editor() as editor:
        editor.delete_model(SentDay)
    applied.delete()
    try:
        make_backup(to)
    finally:
        with connection.schema_editor() as editor:
            editor.create_model(SentDay)
        MigrationRecorder(connection).record_applied("syslog", "0001_initial")
    restore(verified(to, keyring()), target, quietly)
    with database_of(target) as still:
        assert "syslog_sentday" in tables(still)
        assert "syslog.0001_initial" in migrations(still)


def test_full_target_is_refused_unless_told_and_then_moved_aside(to: Path, target: Target) -> None:
    write(b"one")
    make_backup(to)
    target.data.mkdir()
    (target.data / "yiwang.sqlite3").write_bytes(b"somebody's work")
    (target.data / "settings.toml").write_text("web_threads = 2\n", "utf-8")
    found, kept = verified(to, keyring()), everything_under(target.data)
    with pytest.raises(TargetNotEmpty):
        restore(found, target, quietly)
    assert everything_under(target.data) == kept
    replacing = Target(target.data, target.database, target.ring_path, replace=True)
    before = restore(found, replacing, quietly)
    assert before is not None
    assert (before / "yiwang.sqlite3").read_bytes() == b"somebody's work"
    assert (target.data / "settings.toml").read_text("utf-8") == "web_threads = 2\n"  # the operator's own goes before


def test_running_node_is_not_replaced(to: Path, target: Target) -> None:
    make_backup(to)
    target.data.mkdir()
    found = verified(to, keyring())
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
    make_backup(to)
    found = verified(to, keyring())
    with psycopg.connect(target.database) as base:
        base.execute("CREATE TABLE somebodys (work int)")
    with pytest.raises(TargetNotEmpty, match="1 tables"):
        restore(found, target, quietly)
    assert not target.data.exists()
    with psycopg.connect(target.database) as base:
        assert base.execute("SELECT count(*) FROM somebodys").fetchone() == (0,)
