"""One folder shape repeated by every package, so that reading one is reading all."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import SPLIT, Tree

CODE = ("models", "rules", "queries", "actions", "reactions", "refusals", "forms", "views", "urls", "tasks")
EVERYWHERE = {"__init__.py", "apps.py", *(f"{name}.py" for name in CODE)}
MORE = {"kernel": {"services.py"}, "modules": {"spec.py", "payloads.py"}, "sites": {"bridge.py"}}
FOLDERS = {"templates", "static", "locale", "migrations", "tests", "management", "templatetags", "__pycache__"}
BANNED = re.compile(r"(?:^|_)(utils?|helpers?|managers?|handlers?|common|misc|tools)(?:_|$)")


def unexpected_files(tree: Tree) -> Iterator[str]:
    """A file of another name is a noun that the README of its package lists; a module has none at all."""
    for package in tree.packages():
        tier = package.relative_to(tree.root).parts[0]
        expected, listed = EVERYWHERE | MORE.get(tier, set()), "" if tier == "modules" else _readme(package)
        for path in sorted(package.glob("*.py")):
            if path.name not in expected and f"`{path.name}`" not in listed:
                yield f"{path.relative_to(tree.root.parent)}:1: not a file of every package; list it in its README"


def unexpected_folders(tree: Tree) -> Iterator[str]:
    """A package has no folders but those of Django; another is listed in its README as `name/`."""
    for package in tree.packages():
        tier = package.relative_to(tree.root).parts[0]
        for path in sorted(package.glob("*/")):
            if path.name not in FOLDERS | (
                SPLIT if tier in ("kernel", "sites") else set()
            ) and f"`{path.name}/`" not in _readme(package):
                yield f"{path.relative_to(tree.root.parent)}:1: not a folder of every package"


def vague_names(tree: Tree) -> Iterator[str]:
    """No file and no folder is called utils, helpers, manager, handler or common."""
    for source in tree.sources:
        for part in source.parts:
            if BANNED.search(part.removesuffix(".py")) and part != "management":
                yield source.at(1, f"{part} says nothing of what is in it")


def missing_readmes(tree: Tree) -> Iterator[str]:
    """Every package tells its nouns, its files, who calls it and its limits."""
    for package in tree.packages():
        if not (package / "README.md").exists():
            yield f"{package.relative_to(tree.root.parent)}:1: no README.md"


def _readme(package: Path) -> str:
    path = package / "README.md"
    return path.read_text("utf-8") if path.exists() else ""
