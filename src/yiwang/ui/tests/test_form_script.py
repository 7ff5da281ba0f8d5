"""Conditions in the browser: `forms.js` must see what the server sees, on expressions and values made up at random.

The script runs in Node where it is on the machine, else in Chromium; the program itself needs neither.
"""

import json
import shutil
import subprocess
import warnings
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import sync_playwright

from yiwang.kernel.base.expressions import Expression, ExpressionRefused, compile_expression
from yiwang.kernel.base.identifiers import is_credit_code, is_id_card
from yiwang.kernel.forms.browser import tagged, tree_for_browser
from yiwang.kernel.forms.definition import Bounds, FieldDef
from yiwang.kernel.forms.figures import clean_decimal, clean_integer
from yiwang.kernel.forms.tests import felling
from yiwang.kernel.forms.words import Wrong

SCRIPT = Path(__file__).parents[1] / "static/ui/forms.js"
NAMES = ("a", "b", "c", "d")
ANSWER = """
const told = (v) => Array.isArray(v) ? v.map(told) : api.isNumber(v) ? { n: api.plain(v) } : v;
const answer = (one) => {
  if ("text" in one) return [api.isIdCard(one.text), api.isCreditCode(one.text)];
  if ("typed" in one) return told(api.typedNumber(one.typed, one.rule));
  return told(api.evaluate(one.tree, one.values));
};
"""


class Engine(Protocol):
    """Something that runs the script."""

    def ask(self, question: object) -> object:
        """What the script makes of a question."""


class Node:
    """One Node process, one question a line."""

    def __init__(self, program: str) -> None:
        loop = (
            f"const api = require({json.dumps(str(SCRIPT))});{ANSWER}"
            'require("readline").createInterface({ input: process.stdin })'
            '.on("line", (line) => process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + "\\n"));'
        )
        self.process = subprocess.Popen(  # the program found on this machine, our own script
            [program, "-e", loop], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, question: object) -> object:
        """What the script makes of a question."""
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("node has no pipes")
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def script() -> Iterator[Engine]:
    """The script, running."""
    program = shutil.which("node")
    if program:
        node = Node(program)
        yield node
        node.process.kill()
        node.process.communicate()
        return
    warnings.warn("node is not installed: the script is compared in Chromium, which is slower", stacklevel=1)
    with sync_playwright() as driver:
        page = driver.chromium.launch().new_page()
        page.evaluate(
            f"const module = {{}}; {SCRIPT.read_text('utf-8')};"
            f"const api = module.exports; {ANSWER} window.answer = answer;"
        )

        class Chromium:
            """A page with the script in it."""

            def ask(self, question: object) -> object:
                """What the script makes of a question."""
                return page.evaluate("(one) => window.answer(one)", question)

        yield Chromium()


def told(value: object) -> object:
    """A value of the server as the script tells it."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | Decimal):
        text = format(Decimal(value).normalize(), "f") if value else "0"
        return {"n": text}
    return [told(one) for one in value] if isinstance(value, tuple) else value


def asked(expression: Expression, values: Mapping[str, object]) -> object:
    """An expression and its values as a page carries them."""
    return {"tree": tree_for_browser(expression.to_json()), "values": {key: tagged(one) for key, one in values.items()}}


SMALL = st.integers(-20, 20).map(str) | st.decimals(-20, 20, places=2).map(str)
WORDS = st.sampled_from(["", "a", "clear", "择伐", "10", "2026-12-01", "𠮷野", "\uffee"])
EDGES = ["True", "False", "0.1", "1000000000000", "0.000000001", "2.0", "999999999999999999"]
ATOM = SMALL | WORDS.map(repr) | st.sampled_from(EDGES) | st.sampled_from(NAMES)
SHAPES = (
    *(f"({{0}} {one} {{1}})" for one in ("+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=")),
    *("({0} in {1})", "({0} not in {1})", "({0} and {1})", "({0} or {1})", "(not {0})", "(-{0})", "(+{0})"),
    *("min({0}, {1})", "max({0}, {1}, {2})", "max([{0}, {1}])", "abs({0})", "len({0})", "sum([{0}, {1}])", "sum({0})"),
    *("given({0})", "round({0})", "round({0}, 2)", "round({0}, {1})", "({0} ** 0)", "({0} ** 3)", "({0} ** 6)"),
    *("({0} if {1} else {2})", "[]", "[{0}]", "[{0}, {1}, {2}]", "({0} in [{1}, {2}])", "({0} < {1} < {2})"),
)


@st.composite
def _combined(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    shape = draw(st.sampled_from(SHAPES))
    return shape.format(*(draw(inner) if f"{{{n}}}" in shape else "" for n in range(3)))


EXPRESSION = st.recursive(ATOM, _combined, max_leaves=8)
PLAIN = st.none() | st.booleans() | st.integers(-(10**19), 10**19) | st.decimals(-1000, 1000, places=4) | WORDS
VALUE = PLAIN | st.decimals(-(10**18), 10**18, places=9) | st.lists(PLAIN, max_size=3).map(tuple)
KEEP_GOING = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=1500, deadline=None, suppress_health_check=KEEP_GOING)
@given(EXPRESSION, st.fixed_dictionaries(dict.fromkeys(NAMES, VALUE)))
def test_browser_and_server_agree_on_any_expression(script: Engine, text: str, values: dict[str, object]) -> None:
    try:
        expression = compile_expression(text, frozenset(NAMES))
    except ExpressionRefused:
        return
    assert script.ask(asked(expression, values)) == told(expression.evaluate(values)), text


def _conditions() -> list[Expression]:
    form = felling.form()
    fields = [one for step in form.steps for one in step.fields()]
    slots = [one.slot.exempt_when for one in fields if one.slot]
    groups = [group.when for _step, group in form.groups()]
    found = [*(one.when for one in fields), *(one.required_when for one in fields), *(one.value for one in fields)]
    return [one for one in (*found, *slots, *groups) if one]


REAL = (
    st.none()
    | st.booleans()
    | st.sampled_from(["own", "other", "clear", "selective", "tree", "bamboo", "11"])
    | st.integers(0, 200)
    | st.decimals(0, 200, places=4)
)


@settings(max_examples=100, deadline=None, suppress_health_check=KEEP_GOING)
@given(st.data())
def test_browser_and_server_agree_on_the_felling_form(script: Engine, data: st.DataObject) -> None:
    for expression in _conditions():
        values = {name: data.draw(REAL) for name in sorted(expression.names)}
        assert script.ask(asked(expression, values)) == told(expression.evaluate(values)), expression.text


IDS = st.from_regex(r"[1-9][0-9]{5}(18|19|20)[0-9]{2}(0[0-9]|1[0-3])([0-3][0-9])[0-9]{3}[0-9X]", fullmatch=True)
CREDIT = st.text("0123456789ABCDEFGHJKLMNPQRTUWXYZ", min_size=17, max_size=19)


@settings(max_examples=400, deadline=None, suppress_health_check=KEEP_GOING)
@given(IDS | CREDIT | st.sampled_from(["11010519491231002X", "11370800MB28559184", "", "11010519491331002X"]))
def test_check_digits_agree(script: Engine, text: str) -> None:
    assert script.ask({"text": text}) == [is_id_card(text), is_credit_code(text)]


TYPED = (
    st.from_regex(r"[ +-]?[0-9０-９]{1,7}([.．][0-9]{1,5})?(公顷|亩| )?", fullmatch=True)
    | st.from_regex(r"[0-9]{1,3}([,，][0-9]{3}){1,2}", fullmatch=True)
    | st.text(max_size=8)
)


@settings(max_examples=500, deadline=None, suppress_health_check=KEEP_GOING)
@given(TYPED, st.sampled_from(["integer", "decimal"]), st.integers(0, 4))
def test_typed_numbers_are_read_alike(script: Engine, typed: str, kind: str, places: int) -> None:
    bounds = Bounds(minimum=Decimal("-5"), maximum=Decimal("5000.5"), places=places)
    one = FieldDef("area", kind, "面积", 1, unit="公顷", bounds=bounds)
    try:
        clean = clean_integer if kind == "integer" else clean_decimal
        kept = told(Decimal(str(clean(one, typed, felling.context()))))
    except Wrong:
        kept = None
    rule = {"kind": kind, "unit": "公顷", "min": "-5", "max": "5000.5", "places": str(places)}
    assert script.ask({"typed": typed, "rule": rule}) == kept
