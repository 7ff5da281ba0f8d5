"""Conditions: what is permitted, what is refused and where, and that evaluation never fails."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.base.evaluation import truth
from yiwang.kernel.base.expressions import ExpressionRefused, compile_expression

NAMES = frozenset({"x", "y", "text", "many", "area", "高度"})


def value(condition: str, **values: object) -> object:
    return compile_expression(condition, NAMES).evaluate(values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 < 2 <= 2 < 3", True),
        ("1 < 3 < 2", False),
        ("0.1 + 0.2 == 0.3", True),
        ("0.1 + 0.2 <= 0.3", True),
        ("1 / 3 * 3 == 1", True),
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("-7 % 3", 2),
        ("2 ** 3", 8),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(12.345, 2)", Decimal("12.35")),
        ("min(3, 1, 2)", 1),
        ("max((3, 1, 2))", 3),
        ("abs(-4.5)", Decimal("4.5")),
        ("sum((1, 2, 3.5))", Decimal("6.5")),
        ("len('采伐')", 2),
        ("'b' in ('a', 'b')", True),
        ("'b' not in ('a', 'b')", False),
        ("'伐' in '采伐'", True),
        ("2.0 in (1, 2)", True),
        ("1 if 'a' < 'b' else 2", 1),
        ("not 0 and not ''", True),
        ("+3", 3),
        ("'a' == 1", False),
        ("'a' != 1", True),
        ("True == 1", False),
    ],
)
def test_values(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">="])
def test_nothing_compares_true_with_what_is_missing(operator: str) -> None:
    assert value(f"x {operator} 5") is False
    assert value(f"5 {operator} x") is False
    assert value(f"x {operator} y") is False


def test_missing_is_missing_through_arithmetic_and_functions() -> None:
    for text in (
        "x + 1",
        "-x",
        "x / 0",
        "1 / 0",
        "text + 1",
        "min(x, 1)",
        "abs(text)",
        "round(x)",
        "sum(many)",
        "len(x)",
    ):
        assert value(text, text="三", many=[1, None]) is None
    assert value("x not in (1, 2)") is False
    assert value("not (x in (1, 2))") is True
    assert not any(value("given(x)", x=empty) for empty in (None, "", ()))
    assert all(value("given(x)", x=filled) for filled in (0, False, "a"))


def test_values_of_the_outside() -> None:
    assert value("x <= 5", x=Decimal("5.0")) is True
    assert value("x == 14.2", x=14.2) is True
    assert value("x < '2026-11-22'", x=date(2026, 11, 21)) is True
    assert value("'fire' in many", many=["fire", "road"]) is True
    assert value("高度 > 2", 高度=3) is True
    nested: list[object] = []
    for _level in range(5000):
        nested = [nested]
    assert value("given(x) and len(x) == 1 and not (x == 1)", x=nested) is True
    assert [value("x > 0", x=odd) for odd in (float("inf"), float("nan"), object(), 10**19)] == [False] * 4


@pytest.mark.parametrize(
    ("text", "column", "element"),
    [
        ("x.__class__", 1, "x.__class__"),
        ("().__class__.__base__", 1, "().__class__.__base__"),
        ("1 + area[0]", 5, "area[0]"),
        ("open('a')", 1, "open('a')"),
        ("__import__('os')", 1, "__import__('os')"),
        ("x.y(1)", 1, "x.y(1)"),
        ("高度 > 2 and zz", 12, "zz"),
        ("x is None", 6, "None"),
        ("None", 1, "None"),
        ("b'1'", 1, "b'1'"),
        ("1j", 1, "1j"),
        ("2 ** x", 6, "x"),
        ("2 ** 9", 6, "9"),
        ("2 ** True", 6, "True"),
        ("x << 3", 1, "x << 3"),
        ("~x", 1, "~x"),
        ("x @ y", 1, "x @ y"),
        ("lambda: 1", 1, "lambda: 1"),
        ("[a for a in many]", 1, "[a for a in many]"),
        ("f'{x}'", 1, "f'{x}'"),
        ("(x := 1)", 2, "x := 1"),
        ("{'a': 1}", 1, "{'a': 1}"),
        ("min(*many)", 5, "*many"),
        ("min(x, key=abs)", 1, "min(x, key=abs)"),
        ("abs()", 1, "abs()"),
        ("round(x, 1, 2)", 1, "round(x, 1, 2)"),
        ("...", 1, "..."),
        ("1e300", 1, "1e300"),
    ],
)
def test_what_is_refused_is_named_with_its_place(text: str, column: int, element: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        compile_expression(text, NAMES)
    assert (refused.value.facts["column"], refused.value.facts["element"]) == (column, element)
    assert str(refused.value.remedy)
    assert element[:60] in str(refused.value.message)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "1 +",
        "x = 1",
        "import os",
        "x; y",
        "1\x00",
        "(" * 500,
        "x" * 2001,
        "not " * 60 + "x",
        "x+" * 150 + "x",
    ],
)
def test_malformed_and_oversized_texts_are_refused(text: str) -> None:
    with pytest.raises(ExpressionRefused):
        compile_expression(text, NAMES)


def test_powers_and_products_stay_small() -> None:
    assert value("9 ** 6 * 9 ** 6 * 9 ** 6 * 9 ** 6") is None
    with pytest.raises(ExpressionRefused):
        compile_expression("9 ** 6 ** 6", NAMES)


def test_lines_count_as_spaces_and_names_are_collected() -> None:
    expression = compile_expression("  x > 1\n  and area < 5 ", NAMES)
    assert expression.names == {"x", "area"}
    assert expression.holds({"x": 2, "area": 4})


def test_the_tree_is_plain_and_names_what_the_browser_needs() -> None:
    tree = compile_expression("x <= 5 and text in ('a', 'b') or not given(y)", NAMES).to_json()
    assert tree == [
        "or",
        [
            "and",
            ["<=", ["name", "x"], ["value", 5]],
            ["in", ["name", "text"], ["list", ["value", "a"], ["value", "b"]]],
        ],
        ["not", ["call", "given", ["name", "y"]]],
    ]


ATOMS = st.sampled_from(["x", "y", "text", "many", "1", "2.5", "0", "'a'", "True", "('a', 1)"])
OPERATORS = ["+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", "in", "and", "or"]
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(OPERATORS), inner),
        st.builds("(not {})".format, inner),
        st.builds("(-{})".format, inner),
        st.builds("{}({})".format, st.sampled_from(["abs", "round", "len", "sum", "given", "min", "max"]), inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
    ),
    max_leaves=12,
)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.decimals(),
    st.lists(st.integers(), max_size=3),
)


@given(EXPRESSIONS, st.fixed_dictionaries({"x": PLAIN, "y": PLAIN, "text": PLAIN, "many": PLAIN}))
def test_evaluation_never_raises(text: str, values: dict[str, object]) -> None:
    expression = compile_expression(text, NAMES)
    found = expression.evaluate(values)
    assert expression.holds(values) is truth(found)
    assert expression.evaluate(values) == found
