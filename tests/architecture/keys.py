"""Foreign keys written as strings are imports too: they may point down, never up and never sideways."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.tree import Source, Tree

LAYERS: tuple[frozenset[str], ...] = tuple(
    frozenset(layer.split())
    for layer in (
        "kernel.base",
        "kernel.crypto kernel.geo",
        "kernel.jobs",
        "kernel.ledger",
        "kernel.org",
        "kernel.access",
        "kernel.clock kernel.files kernel.search",
        "kernel.forms kernel.registers kernel.notify kernel.outputs",
        "kernel.process kernel.dispatch",
        "kernel.cases",
        "ui",
        "modules adapters",
        "sites",
        "project",
    )
)
RELATIONS = ("ForeignKey", "OneToOneField", "ManyToManyField")
LABEL = re.compile(r"label\s*=\s*[\"'](\w+)[\"']")


def level(package: str) -> int:
    """How high a package stands. Raises LookupError for one that no layer names."""
    for number, layer in enumerate(LAYERS):
        if package in layer or package.partition(".")[0] in layer:
            return number
    raise LookupError(f"{package} stands in no layer")


def upward_keys(tree: Tree) -> Iterator[str]:
    """A relation named by a string keeps to the layers."""
    labels = _labels(tree)
    for source in tree.code:
        for line, target in _relations(source):
            owner = labels.get(target.split(".")[0])
            if owner and owner != source.package and level(owner) >= level(source.package):
                yield source.at(line, f"points from {source.package} to {target}")


def _labels(tree: Tree) -> dict[str, str]:
    found = {}
    for source in tree.named("apps.py"):
        match = LABEL.search(source.text)
        if match:
            found[match.group(1)] = source.package
    return found


def _relations(source: Source) -> Iterator[tuple[int, str]]:
    for node in ast.walk(source.module):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(RELATIONS):
            words = [*node.args[:1], *(word.value for word in node.keywords if word.arg in ("to", "through"))]
            for word in words:
                if isinstance(word, ast.Constant) and isinstance(word.value, str) and "." in word.value:
                    yield node.lineno, word.value
