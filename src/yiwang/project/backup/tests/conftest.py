"""A node, a folder of backups and a place to restore into, for each test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from yiwang.project.backup.restoring import Target


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
