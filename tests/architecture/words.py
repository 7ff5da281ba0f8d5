"""Words that may not stand somewhere: other people's nouns, other clocks, silenced tools."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import ROOT, Tree

CLOCKS = ("datetime.now", "datetime.today", "datetime.utcnow", "date.today", "timezone.now")
HALF_CLOCKS = ("timezone.localdate", "timezone.localtime")  # without a moment they read the clock
SILENCE = re.compile(r"#\s*(noqa|pylint:|fmt:\s*off|nosec)|#\s*type:\s*ignore(?!\[)")


def keys_of_definitions(folder: Path = ROOT / "definitions") -> set[str]:
    """Keys of packs and of the types in them."""
    types = [path.parent for path in folder.glob("*/*/type.yaml")]
    return {path.name for path in types} | {path.parent.name for path in types}


def business_in_kernel(tree: Tree, keys: set[str]) -> Iterator[str]:
    """The kernel knows no bureau: no key of a module, pack or type stands in it, not even in a comment."""
    modules = {path.name for path in (tree.root / "modules").glob("*/") if (path / "__init__.py").exists()}
    words = keys | modules
    if not words:
        return
    pattern = re.compile(rf"(?<![a-z])({'|'.join(sorted(map(re.escape, words)))})(?![a-z])", re.IGNORECASE)
    for source in tree.code:
        if source.parts[0] == "kernel":
            for number, line in enumerate(source.text.splitlines(), 1):
                for match in pattern.finditer(line):
                    yield source.at(number, f"names {match.group(1)!r}")


def other_clocks(tree: Tree) -> Iterator[str]:
    """The wall clock has one door: `kernel/base/moments.py`."""
    for source in tree.code:
        if source.parts[-2:] == ("base", "moments.py"):
            continue
        for node in ast.walk(source.module):
            if isinstance(node, ast.Attribute | ast.Call) and _reads_clock(node):
                yield source.at(node.lineno, f"{ast.unparse(node)} instead of kernel.base.moments")


def _reads_clock(node: ast.Attribute | ast.Call) -> bool:
    if isinstance(node, ast.Attribute):
        return ast.unparse(node).endswith(CLOCKS)
    return not node.args and ast.unparse(node.func).endswith(HALF_CLOCKS)


def silenced_tools(tree: Tree) -> Iterator[str]:
    """No tool is silenced in passing; an exception is written in pyproject.toml with its reason."""
    for source in tree.sources:
        for number, line in enumerate(source.text.splitlines(), 1):
            if SILENCE.search(line):
                yield source.at(number, "silences a tool")


def late_imports(tree: Tree) -> Iterator[str]:
    """Imports stand at the top; a late one hides a cycle. Django asks for one place: `AppConfig.ready`."""
    for source in tree.code:
        for function in source.functions():
            if source.path.name == "apps.py" and function.name == "ready":
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield source.at(node.lineno, f"late import in {function.name}")
