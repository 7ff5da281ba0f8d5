"""What the browser needs to judge conditions as the server does: expression trees and values from other pages."""

import json
from collections.abc import Mapping
from decimal import Decimal

from yiwang.kernel.base.evaluation import Tree
from yiwang.kernel.base.expressions import Expression
from yiwang.kernel.forms.definition import FieldDef, GroupDef, StepDef, names_of


def condition_json(expression: Expression | None, here: frozenset[str]) -> str:
    """The tree, where it reads a name of this page; nothing where the server has already decided."""
    if expression is None or not expression.names & here:
        return ""
    return json.dumps(tree_for_browser(expression.to_json()), ensure_ascii=False, separators=(",", ":"))


def tree_for_browser(tree: Tree) -> object:
    """The tree with its numbers tagged."""
    if tree[0] == "value":
        return ["value", tagged(tree[1])]
    return [tree_for_browser(part) if isinstance(part, list) else part for part in tree]


def names_on(step: StepDef) -> frozenset[str]:
    """Names whose values are typed on this page."""
    return frozenset(name for group in step.groups for name in names_in(group))


def names_in(group: GroupDef) -> frozenset[str]:
    """Names of one group, the group itself counting its rows."""
    names = {name for one in group.fields for name in names_of(one)}
    return frozenset(names | {group.key} if group.rows else names)


def names_read(step: StepDef) -> frozenset[str]:
    """Names that conditions on this page read."""
    found = [expression.names for expression in _expressions(step)]
    return frozenset().union(*found)


def _expressions(step: StepDef) -> list[Expression]:
    of_fields = [expression for one in step.fields() for expression in _of_field(one)]
    return [*of_fields, *(group.when for group in step.groups if group.when)]


def _of_field(one: FieldDef) -> list[Expression]:
    exempt = one.slot.exempt_when if one.slot else None
    return [expression for expression in (one.when, one.required_when, one.value, exempt) if expression]


def seen_json(step: StepDef, seen: Mapping[str, object]) -> str:
    """Values of names that conditions here read and that are typed elsewhere."""
    wanted = names_read(step) - names_on(step)
    return json.dumps({name: tagged(seen.get(name)) for name in sorted(wanted)}, ensure_ascii=False)


def tagged(value: object) -> object:
    """Numbers as `{"n": "0.5"}` (decimal) and `{"i": "3"}` (whole), so that none passes through a binary float."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value, float | Decimal):
        return {"n": str(value)}
    if isinstance(value, list | tuple):
        return [tagged(one) for one in value]
    return None
