"""Addresses of databases, the node's own file, the steps of preparation, catalogues."""

from pathlib import Path

import polib
import pytest
from django.utils import translation
from django.utils.translation import gettext
from pytest_django import Settings

from yiwang.project import preparation
from yiwang.project.catalogues import compile_catalogues
from yiwang.project.database import database_of
from yiwang.project.node_file import NodeFile, WrongSetting
from yiwang.project.settings import base

HERE = Path("/data/yiwang.sqlite3")


@pytest.mark.parametrize("url", ["", "sqlite:"])
def test_no_address_is_the_embedded_file(url: str) -> None:
    assert database_of(url, HERE)["NAME"] == str(HERE)


def test_addresses_of_databases() -> None:
    assert database_of("sqlite:////srv/a%20b.db", HERE)["NAME"] == "/srv/a b.db"
    found = database_of("postgresql://me:p%40ss@db.test:5433/yw?sslmode=require", HERE)
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("me", "p@ss", "db.test", "5433")
    assert found["OPTIONS"] == {"sslmode": "require"}
    assert database_of("postgresql:///yw", HERE)["HOST"] == ""


def test_unknown_database_is_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        database_of("mysql://x/y", HERE)


def test_node_file_keeps_types_and_tells_unknown_names(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('web_threads = "4"\nweb_workers = 2\nweb_thread = 1\n', "utf-8")
    node = NodeFile(path)
    assert node.value("web_workers", 1) == 2
    assert node.value("absent", "x") == "x"
    with pytest.raises(WrongSetting, match="web_threads must be int"):
        node.value("web_threads", 4)
    assert node.unknown() == ["web_thread"]


def test_shipped_settings_ask_for_every_name_they_use() -> None:
    assert {"allowed_hosts", "time_zone"} <= base.NODE_FILE.asked


@pytest.mark.django_db
def test_preparing_twice_does_nothing_the_second_time(tmp_path: Path, settings: Settings) -> None:
    settings.DATA = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    told: list[str] = []
    preparation.prepare(told.append)
    assert {"collectstatic", "load_divisions"} <= set(told)
    told.clear()
    preparation.prepare(told.append)
    assert told == []


def test_changed_sources_are_prepared_again(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1", "utf-8")
    step = preparation.Step("x", lambda: None, lambda: tmp_path.iterdir())
    before = preparation._stamp(step)
    assert preparation._stamp(step) == before
    (tmp_path / "a.csv").write_text("22", "utf-8")
    assert preparation._stamp(step) != before


def test_catalogue_is_compiled_once_and_spoken(tmp_path: Path, settings: Settings) -> None:
    source = tmp_path / "source" / "en" / "LC_MESSAGES"
    source.mkdir(parents=True)
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalogue.append(polib.POEntry(msgid="只在测试里", msgstr="Only in tests"))
    catalogue.save(str(source / "django.po"))
    assert len(compile_catalogues(tmp_path / "locale", tmp_path / "source")) == 1
    assert compile_catalogues(tmp_path / "locale", tmp_path / "source") == []
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    with translation.override("en"):
        assert gettext("只在测试里") == "Only in tests"
    with translation.override("zh-hans"):
        assert gettext("只在测试里") == "只在测试里"
