"""Conditions and small computations of definitions 条件表达式: a whitelist over Python's syntax, never `eval`.

An expression is compiled once into a plain tree (`to_json`, which a browser evaluates alike) and evaluated as
`evaluation` says: it never raises, and what is missing compares false.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.evaluation import LARGEST, Step, Tree, Value, step_of, truth
from yiwang.kernel.base.refusals import InvalidInput

MAX_LENGTH = 2000
MAX_ELEMENTS = 200
MAX_DEPTH = 30
MAX_POWER = 6
FUNCTIONS = {
    "min": (1, 20),
    "max": (1, 20),
    "abs": (1, 1),
    "round": (1, 2),
    "len": (1, 1),
    "sum": (1, 1),
    "given": (1, 1),
}
COMPARISONS = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**"}
UNARY = {ast.Not: "not", ast.USub: "neg", ast.UAdd: "pos"}


class ExpressionRefused(InvalidInput):
    """The text is no permitted expression; message and facts (`column`, `element`) say where and why."""


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression: the names it reads, its tree, and its value for given values of the names."""

    text: str
    names: frozenset[str]
    tree: Tree
    step: Step

    def evaluate(self, values: Mapping[str, object]) -> Value:
        """The value; `None` when it cannot be known from these values. Never raises."""
        return self.step(values)

    def holds(self, values: Mapping[str, object]) -> bool:
        """Whether the condition is met; what is missing does not meet it."""
        return truth(self.step(values))

    def to_json(self) -> Tree:
        """The tree as plain lists for a browser: `["<=", ["name", "area"], ["value", 5]]`."""
        return self.tree


@lru_cache(maxsize=4096)
def compile_expression(text: str, names: frozenset[str]) -> Expression:
    """Compile `text`, in which only `names` may stand.

    Raises ExpressionRefused with position and remedy for anything outside the whitelist.
    """
    flat = " ".join(text.strip().splitlines())
    reader = _Reader(flat, names)
    tree = reader.read()
    return Expression(flat, frozenset(reader.used), tree, step_of(tree))


class _Reader:
    """Turns Python's syntax tree into ours, refusing what is not on the list."""

    def __init__(self, text: str, names: frozenset[str]) -> None:
        self.text = text
        self.names = names
        self.used: set[str] = set()
        self.elements = 0

    def read(self) -> Tree:
        if not self.text:
            self.refuse(0, "", _("表达式是空的"), _("写一个条件，例如 area <= 5"))
        if len(self.text) > MAX_LENGTH:
            self.refuse(MAX_LENGTH, "", _("表达式太长"), _("最多 2000 个字，请拆成几条"))
        try:
            parsed = ast.parse(self.text, mode="eval")
        except SyntaxError as error:
            self.refuse((error.offset or 1) - 1, "", _("表达式写法不对"), _("检查括号、引号和运算符；相等用 =="))
        except (ValueError, RecursionError, MemoryError):
            self.refuse(0, "", _("表达式写法不对"), _("去掉特殊字符，减少括号层数"))
        return self.tree(parsed.body, 0)

    def tree(self, node: ast.expr, depth: int) -> Tree:
        self.elements += 1
        if self.elements > MAX_ELEMENTS or depth > MAX_DEPTH:
            self.refuse_node(node, _("表达式太复杂"), _("最多 200 个元素、30 层，请拆成几条"))
        reader = _READERS.get(type(node))
        if reader is None:
            self.refuse_node(node, _("这里不能用这种写法"), _("只能用比较、and/or/not、四则运算、常量和已声明的名称"))
        return reader(self, node, depth + 1)

    def name(self, node: ast.Name, depth: int) -> Tree:
        if node.id not in self.names:
            known = "、".join(sorted(self.names)[:20])
            self.refuse_node(node, _("名称没有声明"), _("可以用的名称：%(known)s") % {"known": known})
        self.used.add(node.id)
        return ["name", node.id]

    def constant(self, node: ast.Constant, depth: int) -> Tree:
        value = node.value
        if not isinstance(value, str | int | float) or (not isinstance(value, str) and abs(value) > LARGEST):
            remedy = _("常量只能是文字、数和 True、False；判断有没有填用 given(名称)")
            self.refuse_node(node, _("这里不能用这个常量"), remedy)
        return ["value", value]

    def sequence(self, node: ast.List | ast.Tuple | ast.Set, depth: int) -> Tree:
        return ["list", *(self.tree(part, depth) for part in node.elts)]

    def logic(self, node: ast.BoolOp, depth: int) -> Tree:
        word = "and" if isinstance(node.op, ast.And) else "or"
        return [word, *(self.tree(part, depth) for part in node.values)]

    def unary(self, node: ast.UnaryOp, depth: int) -> Tree:
        word = UNARY.get(type(node.op))
        if word is None:
            self.refuse_node(node, _("这里不能用这个运算符"), _("只能用 not 和正负号"))
        return [word, self.tree(node.operand, depth)]

    def arithmetic(self, node: ast.BinOp, depth: int) -> Tree:
        word = OPERATORS.get(type(node.op))
        if word is None:
            self.refuse_node(node, _("这里不能用这个运算符"), _("只能用 + - * / // % 和小的乘方"))
        if word == "**" and not _is_small_power(node.right):
            self.refuse_node(node.right, _("乘方的指数不行"), _("指数只能写 0 到 6 的整数"))
        return [word, self.tree(node.left, depth), self.tree(node.right, depth)]

    def compare(self, node: ast.Compare, depth: int) -> Tree:
        words = [COMPARISONS.get(type(op)) for op in node.ops]
        parts = [self.tree(part, depth) for part in (node.left, *node.comparators)]
        pairs: list[Tree] = []
        for place, word in enumerate(words):
            if word is None:
                self.refuse_node(node, _("这里不能用这个运算符"), _("判断相等用 ==，判断有没有填用 given(名称)"))
            pairs.append([word, parts[place], parts[place + 1]])
        return pairs[0] if len(pairs) == 1 else ["and", *pairs]

    def choice(self, node: ast.IfExp, depth: int) -> Tree:
        return ["if", *(self.tree(part, depth) for part in (node.test, node.body, node.orelse))]

    def call(self, node: ast.Call, depth: int) -> Tree:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS or node.keywords:
            self.refuse_node(node, _("不能调用这个函数"), _("只能用：%(names)s") % {"names": "、".join(FUNCTIONS)})
        least, most = FUNCTIONS[name]
        if not least <= len(node.args) <= most:
            self.refuse_node(
                node,
                _("函数的参数个数不对"),
                _("%(name)s 要 %(least)s 到 %(most)s 个") % {"name": name, "least": least, "most": most},
            )
        return ["call", name, *(self.tree(part, depth) for part in node.args)]

    def refuse_node(self, node: ast.expr, message: str | Promise, remedy: str | Promise) -> NoReturn:
        column = len(self.text.encode()[: node.col_offset].decode(errors="ignore"))
        self.refuse(column, ast.get_source_segment(self.text, node) or "", message, remedy)

    def refuse(self, column: int, element: str, message: str | Promise, remedy: str | Promise) -> NoReturn:
        where = _("%(message)s：第 %(column)s 个字处 %(element)s") % {
            "message": message,
            "column": column + 1,
            "element": element[:60],
        }
        facts: dict[str, object] = {"column": column + 1, "element": element[:200], "text": self.text[:MAX_LENGTH]}
        raise ExpressionRefused(message=where, remedy=remedy, facts=facts)


def _is_small_power(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and 0 <= node.value <= MAX_POWER


_READERS: dict[type[ast.expr], Callable[..., Tree]] = {
    ast.Name: _Reader.name,
    ast.Constant: _Reader.constant,
    ast.List: _Reader.sequence,
    ast.Tuple: _Reader.sequence,
    ast.Set: _Reader.sequence,
    ast.BoolOp: _Reader.logic,
    ast.UnaryOp: _Reader.unary,
    ast.BinOp: _Reader.arithmetic,
    ast.Compare: _Reader.compare,
    ast.IfExp: _Reader.choice,
    ast.Call: _Reader.call,
}
