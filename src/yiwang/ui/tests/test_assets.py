"""What the pages load: vendored files match the lock, pictures exist, no raw colour, no outside address."""

import hashlib
import json
import re
from pathlib import Path

import pytest

CODE = Path(__file__).resolve().parents[2]
STATIC = CODE / "ui" / "static" / "ui"
VENDOR = STATIC / "vendor"
PUBLIC_SHEETS = ("shell.css", "forms.css", "service.css", "article.css")
ICON = re.compile(r"{%\s*icon\s+\"([a-z]+)\"")


def test_vendored_files_are_what_the_lock_says() -> None:
    lock = json.loads((VENDOR / "vendor.lock.json").read_text("utf-8"))["files"]
    present = {path.name for path in VENDOR.iterdir()} - {"vendor.lock.json"}
    assert present == set(lock)
    for name, entry in lock.items():
        data = (VENDOR / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"], name
        assert entry["version"] in data.decode("utf-8", "replace"), name


def test_every_picture_named_in_a_template_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z]+)"', (STATIC / "icons.svg").read_text("utf-8")))
    used = {name: path for path in CODE.rglob("templates/**/*.html") for name in ICON.findall(path.read_text("utf-8"))}
    assert {name: path.name for name, path in used.items() if name not in drawn} == {}


@pytest.mark.parametrize("name", PUBLIC_SHEETS)
def test_sheets_use_tokens_instead_of_raw_colours(name: str) -> None:
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgb\(", (STATIC / name).read_text("utf-8")) == []


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.css")) + sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_nothing_is_asked_of_another_machine(path: Path) -> None:
    addresses = re.findall(r"https?://[^\s\"')]+", path.read_text("utf-8"))
    assert [one for one in addresses if not one.startswith("http://www.w3.org/")] == []


def test_pages_load_only_from_the_node_itself() -> None:
    outside = re.compile(r"(?:src|href|action)=\"(?:https?:)?//")
    found = [str(path) for path in CODE.rglob("templates/**/*.html") if outside.search(path.read_text("utf-8"))]
    assert found == []
