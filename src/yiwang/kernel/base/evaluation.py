"""What an expression's tree means: values, comparisons, arithmetic; the browser does the same.

Evaluation is total: it never raises and takes bounded time. What is missing (no value, a number out of range, division
by zero, arithmetic on text) is `None`; every comparison with something missing is false, `!=` and `not in` too.
Numbers are exact decimals and compare equal within 0.000000001. `round` rounds a half away from zero, `//` and `%`
go down as in Python, `len` counts characters.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

Number = int | Decimal
Value = str | bool | Number | tuple["Value", ...] | None
"""What an expression computes with; lists hold plain values only."""
Tree = list["Tree | str | bool | int | float"]
Step = Callable[[Mapping[str, object]], Value]

LARGEST = Decimal(10) ** 18
NEAR = Decimal("0.000000001")


def truth(value: Value) -> bool:
    """What counts as true: everything but nothing, no, 0, empty text and an empty list."""
    return value not in (None, False, 0, "", ())


def step_of(tree: Tree) -> Step:
    """A function for a tree; the tree is the only input, so that browser and server cannot drift apart."""
    word = str(tree[0])
    if word == "name":
        return _named(str(tree[1]))
    if word == "value":
        return _fixed(_plain(tree[1]))
    if word == "call":
        return _applied(_CALLS[str(tree[1])], [step_of(part) for part in _branches(tree[2:])])
    parts = [step_of(part) for part in _branches(tree[1:])]
    return _SHORTCUTS[word](parts) if word in _SHORTCUTS else _applied(_EAGER[word], parts)


def _branches(parts: list["Tree | str | bool | int | float"]) -> Iterator[Tree]:
    return (part for part in parts if isinstance(part, list))


def _named(name: str) -> Step:
    return lambda values: _plain(values.get(name))


def _fixed(value: Value) -> Step:
    return lambda values: value


def _applied(function: Callable[..., Value], parts: list[Step]) -> Step:
    return lambda values: function(*[part(values) for part in parts])


def _all(parts: list[Step]) -> Step:
    return lambda values: all(truth(part(values)) for part in parts)


def _any(parts: list[Step]) -> Step:
    return lambda values: any(truth(part(values)) for part in parts)


def _if(parts: list[Step]) -> Step:
    test, then, other = parts
    return lambda values: then(values) if truth(test(values)) else other(values)


def _plain(value: object) -> Value:
    """A value of the outside as one of ours; `None` for what is not a plain value."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int | Decimal):
        return _bounded(value)
    if isinstance(value, float):
        return _bounded(Decimal(repr(value)))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(None if isinstance(part, list | tuple | set | frozenset) else _plain(part) for part in value)
    return None


def _bounded(number: Number) -> Number | None:
    if isinstance(number, Decimal) and not number.is_finite():
        return None
    return number if -LARGEST <= number <= LARGEST else None


def _number(value: Value) -> Number | None:
    return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _compute(work: Callable[[Number, Number], Number]) -> Callable[[Value, Value], Value]:
    def computed(left: Value, right: Value) -> Value:
        first, second = _number(left), _number(right)
        if first is None or second is None:
            return None
        try:
            return _bounded(work(first, second))
        except ArithmeticError:
            return None

    return computed


def _divide(left: Number, right: Number) -> Number:
    return Decimal(left) / Decimal(right)


def _floor(left: Number, right: Number) -> Number:
    quotient = Decimal(left) / Decimal(right)
    whole = int(quotient)
    return whole - 1 if quotient < whole else whole


def _order(left: Value, right: Value) -> int | None:
    """-1, 0, 1, or `None` for what cannot be put in order."""
    first, second = _number(left), _number(right)
    if first is not None and second is not None:
        gap = Decimal(first) - Decimal(second)
        return 0 if abs(gap) < NEAR else (1 if gap > 0 else -1)
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    return None


def _same(left: Value, right: Value) -> bool:
    order = _order(left, right)
    return order == 0 if order is not None else type(left) is type(right) and left == right


def _equal(left: Value, right: Value) -> Value:
    return left is not None and right is not None and _same(left, right)


def _unequal(left: Value, right: Value) -> Value:
    return left is not None and right is not None and not _same(left, right)


def _ordered(wanted: frozenset[int]) -> Callable[[Value, Value], Value]:
    return lambda left, right: _order(left, right) in wanted


def _contains(part: Value, whole: Value) -> bool | None:
    if part is None:
        return None
    if isinstance(whole, tuple):
        return any(_same(part, one) for one in whole)
    return part in whole if isinstance(whole, str) and isinstance(part, str) else None


def _sized(value: Value) -> Value:
    return len(value) if isinstance(value, str | tuple) else None


def _rounded(value: Value, places: Value = 0) -> Value:
    number = _number(value)
    if number is None or not isinstance(places, int) or not 0 <= places <= 9:
        return None
    return Decimal(number).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _extreme(wanted: int) -> Callable[..., Value]:
    def extreme(*values: Value) -> Value:
        pool = values[0] if len(values) == 1 and isinstance(values[0], tuple) else values
        best: Value = None
        for value in pool:
            if _number(value) is None:
                return None
            if best is None or _order(value, best) == wanted:
                best = value
        return best

    return extreme


def _sum(value: Value) -> Value:
    if not isinstance(value, tuple):
        return None
    total: Value = 0
    for part in value:
        total = _EAGER["+"](total, part)
    return total


_SHORTCUTS: dict[str, Callable[[list[Step]], Step]] = {"and": _all, "or": _any, "if": _if}
_EAGER: dict[str, Callable[..., Value]] = {
    "==": _equal,
    "!=": _unequal,
    "<": _ordered(frozenset({-1})),
    "<=": _ordered(frozenset({-1, 0})),
    ">": _ordered(frozenset({1})),
    ">=": _ordered(frozenset({0, 1})),
    "in": lambda part, whole: _contains(part, whole) is True,
    "not in": lambda part, whole: _contains(part, whole) is False,
    "not": lambda value: not truth(value),
    "neg": lambda value: _EAGER["-"](0, value),
    "pos": _number,
    "list": lambda *values: values,
    "+": _compute(lambda left, right: left + right),
    "-": _compute(lambda left, right: left - right),
    "*": _compute(lambda left, right: left * right),
    "/": _compute(_divide),
    "//": _compute(_floor),
    "%": _compute(lambda left, right: left - right * _floor(left, right)),
    "**": _compute(lambda left, right: left ** int(right)),
}


def _absolute(value: Value) -> Value:
    number = _number(value)
    return number if number is None or number >= 0 else -number


_CALLS: dict[str, Callable[..., Value]] = {
    "min": _extreme(-1),
    "max": _extreme(1),
    "abs": _absolute,
    "round": _rounded,
    "len": _sized,
    "sum": _sum,
    "given": lambda value: value not in (None, "", ()),
}
