"""Bounds of size. Good code is small at the function and rots at the central noun."""

import ast
from collections import Counter
from collections.abc import Iterator

from tests.architecture.tree import Source, Tree

FILE, FUNCTION, MODULE = 400, 50, 2500
COLUMNS = {"Case": 20, "Subject": 8}


def long_files(tree: Tree) -> Iterator[str]:
    """No file is longer than 400 lines, tests included."""
    for source in tree.sources:
        lines = source.text.count("\n")
        if lines > FILE:
            yield source.at(1, f"{lines} lines; at most {FILE}")


def long_functions(tree: Tree) -> Iterator[str]:
    """No function is longer than 50 lines, docstring included."""
    for source in tree.sources:
        for function in source.functions():
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > FUNCTION:
                yield source.at(function.lineno, f"{function.name} has {lines} lines; at most {FUNCTION}")


def long_modules(tree: Tree) -> Iterator[str]:
    """No module has more than 2,500 lines without its tests; one past that is two."""
    sizes: Counter[str] = Counter()
    for source in tree.code:
        if source.parts[0] == "modules":
            sizes[source.package] += source.text.count("\n")
    for package, lines in sizes.items():
        if lines > MODULE:
            yield f"yiwang.{package}: {lines} lines; at most {MODULE}"


def wide_nouns(tree: Tree) -> Iterator[str]:
    """`Case` keeps to 20 columns and `Subject` to 8; a further one needs an ADR."""
    for source in tree.named("models.py"):
        for model in (node for node in source.module.body if isinstance(node, ast.ClassDef)):
            columns = _columns(source, model)
            if len(columns) > COLUMNS.get(model.name, 999):
                yield source.at(model.lineno, f"{model.name} has {len(columns)} columns: {', '.join(columns)}")


def _columns(source: Source, model: ast.ClassDef) -> list[str]:
    named = [_column(statement) for statement in model.body]
    columns = [name for name in named if name]
    has_key = "primary_key=True" in (ast.get_source_segment(source.text, model) or "")
    return columns if has_key else ["id", *columns]


def _column(statement: ast.stmt) -> str:
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
        return ""
    kind, target = ast.unparse(statement.value.func), statement.targets[0]
    is_field = kind.endswith(("Field", "ForeignKey")) and "ManyToMany" not in kind
    return target.id if is_field and isinstance(target, ast.Name) else ""
