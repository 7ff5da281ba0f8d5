"""The source tree as the architecture tests see it: Python files, parsed once, with the place they stand in."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNSEEN = {"__pycache__", "migrations", "vendor"}
SPLIT = {"views", "queries", "actions"}  # a surface has many screens: a folder for what else would be one file


@dataclass(frozen=True)
class Source:
    """One Python file of `src/yiwang`."""

    path: Path
    root: Path

    @cached_property
    def text(self) -> str:
        """What the file says."""
        return self.path.read_text("utf-8")

    @cached_property
    def module(self) -> ast.Module:
        """The file, parsed."""
        return ast.parse(self.text, str(self.path))

    @property
    def parts(self) -> tuple[str, ...]:
        """Its path below `yiwang`, for example `("kernel", "ledger", "services.py")`."""
        return self.path.relative_to(self.root).parts

    @property
    def is_test(self) -> bool:
        """Whether it is a test or belongs to one."""
        return "tests" in self.parts

    @property
    def package(self) -> str:
        """`kernel.ledger`, `sites.desk`, `project`: what owns the file."""
        depth = 1 if self.parts[0] in ("ui", "project") else 2
        return ".".join(self.parts[:-1][:depth])

    @property
    def kind(self) -> str:
        """The file it counts as: `views/tasks.py` holds views, not jobs."""
        folder = self.path.parent.name
        return f"{folder}.py" if folder in SPLIT else self.path.name

    def at(self, line: int, finding: str) -> str:
        """A finding as the tests print it."""
        return f"{self.path.relative_to(self.root.parent)}:{line}: {finding}"

    def imports(self) -> Iterator[tuple[int, str]]:
        """Every imported name, dotted and absolute, with its line."""
        for node in ast.walk(self.module):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, name.name) for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method."""
        for node in ast.walk(self.module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def public(self) -> Iterator[ast.FunctionDef]:
        """Functions of the module that others may call."""
        for node in self.module.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield node


@dataclass(frozen=True)
class Tree:
    """`src/yiwang`, or a copy with planted faults."""

    root: Path = ROOT / "src" / "yiwang"

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Every Python file but migrations."""
        paths = (path for path in self.root.rglob("*.py") if not UNSEEN & set(path.relative_to(self.root).parts))
        return tuple(Source(path, self.root) for path in sorted(paths))

    @cached_property
    def code(self) -> tuple[Source, ...]:
        """Every Python file but migrations and tests."""
        return tuple(source for source in self.sources if not source.is_test)

    def named(self, *names: str) -> Iterator[Source]:
        """Files of these names; `views/desk.py` counts as `views.py`."""
        for source in self.code:
            if source.kind in names:
                yield source

    def packages(self) -> list[Path]:
        """The folders that own code: kernel packages, modules, adapters, sites, and `ui` and `project`."""
        inner = (path for tier in ("kernel", "modules", "adapters", "sites") for path in (self.root / tier).glob("*/"))
        outer = (self.root / "ui", self.root / "project")
        return sorted(path for path in (*inner, *outer) if (path / "__init__.py").exists())
