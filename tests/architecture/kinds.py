"""What each kind of function may and may not do, told by the file it stands in."""

import ast
from collections.abc import Iterator

from tests.architecture.tree import Source, Tree

JOB = 5  # lines
WRITES = {"save", "create", "bulk_create", "bulk_update", "update_or_create", "get_or_create", "delete", "update"}
IMPURE = (
    "django.db",
    "django.conf",
    "django.apps",
    "django.http",
    "django.core.cache",
    "time.",
    "os.",
    "random.",
    "secrets.",
    "yiwang.kernel.base.moments",
)
# Transactions of their own that are no actions, each with its reason.
TRANSACTIONS = {
    "kernel/ledger/access_log.py": "what was looked at is kept even when the business transaction is rolled back",
}
SIGNALS = ("django.dispatch", "django.db.models.signals", "django.contrib.auth.signals", "django.core.signals")


def loose_actions(tree: Tree) -> Iterator[str]:
    """An action takes keywords only, and `actor` first."""
    for source in tree.named("actions.py"):
        for action in source.public():
            words = [word.arg for word in action.args.kwonlyargs]
            if action.args.args or action.args.posonlyargs or words[:1] != ["actor"]:
                yield source.at(action.lineno, f"{action.name} must be keyword-only with actor first")


def open_actions(tree: Tree) -> Iterator[str]:
    """An action is one `transaction.atomic(durable=True)`."""
    for source in tree.named("actions.py"):
        for action in source.public():
            if "atomic(durable=True)" not in (source_of(source, action)):
                yield source.at(action.lineno, f"{action.name} is not one atomic(durable=True)")


def hidden_actions(tree: Tree) -> Iterator[str]:
    """A transaction of its own is the mark of an action, and actions stand in `actions.py` or `actions/`."""
    for source in tree.code:
        if source.kind == "actions.py" or "/".join(source.parts) in TRANSACTIONS:
            continue
        for number, line in enumerate(source.text.splitlines(), 1):
            if "atomic(durable=True)" in line:
                yield source.at(number, "an action outside actions.py")


def chained_actions(tree: Tree) -> Iterator[str]:
    """An action calls no other action: neither of its own file nor of another package."""
    for source in tree.named("actions.py"):
        own = {action.name for action in source.public()}
        for action in source.public():
            for name in sorted(own & set(_called(action))):
                yield source.at(action.lineno, f"{action.name} calls the action {name}")
        for line, name in source.imports():
            if name.startswith("yiwang.") and ".actions." in name and _is_function(name):
                yield source.at(line, f"imports the action {name}")


def writing_views(tree: Tree) -> Iterator[str]:
    """A view, form or template tag writes nothing itself; it calls one action."""
    for source in tree.code:
        if source.kind in ("views.py", "forms.py", "urls.py") or "templatetags" in source.parts:
            yield from _writes(source, {"save", "create", "bulk_create", "update_or_create", "get_or_create", "delete"})


def writing_queries(tree: Tree) -> Iterator[str]:
    """A query never writes."""
    for source in tree.named("queries.py"):
        yield from _writes(source, WRITES)


def stepping_views(tree: Tree) -> Iterator[str]:
    """A step is part of an action and is never called from a view."""
    for source in tree.named("views.py"):
        for line, name in source.imports():
            if name.startswith("yiwang.") and ".services" in name and _is_function(name):
                yield source.at(line, f"a view may not call the step {name}")


def impure_rules(tree: Tree) -> Iterator[str]:
    """A rule sees plain values: no ORM, no settings, no clock, no chance."""
    for source in tree.named("rules.py"):
        for line, name in source.imports():
            if f"{name}.".startswith(IMPURE) or ".models." in f"{name}.":
                yield source.at(line, f"a rule may not import {name}")


def long_jobs(tree: Tree) -> Iterator[str]:
    """A job loads ids and calls one action: at most five lines."""
    for source in tree.named("tasks.py"):
        for job in source.public():
            if job.decorator_list and _body(job) > JOB:
                yield source.at(job.lineno, f"{job.name} has {_body(job)} lines; at most {JOB}")


def signals(tree: Tree) -> Iterator[str]:
    """Side effects are reactions; signals of foreign apps are bridged in one file per site."""
    for source in tree.code:
        if source.parts[0] == "sites" and source.path.name == "bridge.py":
            continue
        for line, name in source.imports():
            if name.startswith(SIGNALS) or name == "django.db.models.signals":
                yield source.at(line, f"no signals here: {name}")


def source_of(source: Source, node: ast.FunctionDef) -> str:
    """The function as written, decorators included."""
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return "\n".join(source.text.splitlines()[first - 1 : node.end_lineno])


def _is_function(name: str) -> bool:
    """A dataclass that an action or step takes may be named anywhere; the call may not."""
    return name.rpartition(".")[2][:1].islower()


def _called(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def _writes(source: Source, verbs: set[str]) -> Iterator[str]:
    for node in ast.walk(source.module):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = ast.unparse(node.func.value)
        if node.func.attr in verbs and (node.func.attr == "save" or "objects" in owner):
            yield source.at(node.lineno, f"writes: {owner}.{node.func.attr}()")


def _body(function: ast.FunctionDef) -> int:
    statements = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - statements[0].lineno + 1 if statements else 0
