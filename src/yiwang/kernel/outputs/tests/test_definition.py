import re

import pytest

from yiwang.kernel.outputs.compiler import root
from yiwang.kernel.outputs.definition import item_outputs, parse_outputs
from yiwang.kernel.outputs.refusals import DefinitionError

GOOD = """
paper:
  title: 证
  template: a.typ
  number: "{entry.number}"
  seal: ""
  qr: verify
  required: [holder]
  lists: [materials]
  fields:
    holder: "{form.holder}"
"""
INCLUDED = re.compile(r'#include "/(shared/typst/\w+\.typ)"')
TEMPLATE = '#import "/shared/typst/base.typ": *\n#d.title\n'


def parse(text: str, template: str = TEMPLATE) -> object:
    return parse_outputs({"outputs.yaml": text, "a.typ": template}, "x/")


def test_a_definition_is_read() -> None:
    spec = parse_outputs({"outputs.yaml": GOOD, "a.typ": TEMPLATE})["paper"]
    assert (spec.title, spec.slot, spec.seal, spec.qr) == ("证", "paper", "", "verify")
    assert (spec.required, spec.lists, dict(spec.fields)) == (
        frozenset({"holder"}),
        ("materials",),
        {"holder": "{form.holder}"},
    )
    assert spec.source == TEMPLATE
    assert parse_outputs({"type.yaml": "x"}) == {}


def test_the_shipped_definition_is_sound() -> None:
    found = item_outputs("forestry/felling")
    assert set(found) == {"certificate", "receipt", "acceptance", "corrections", "not_accepted", "denial"}
    for spec in found.values():
        source = spec.source + "".join((root() / path).read_text("utf-8") for path in INCLUDED.findall(spec.source))
        assert not [name for name in spec.fields if f"f.{name}" not in source and f'"{name}"' not in source]


@pytest.mark.parametrize(
    ("was", "becomes", "line", "key"),
    [
        ("template: a.typ", "template: b.typ", 3, "paper.template"),
        ("template: a.typ", "template: ../../../etc/passwd", 3, "paper.template"),
        ("  title: 证", "  titel: 证", 3, "paper.titel"),
        ("qr: verify", "qr: sms", 3, "paper.qr"),
        ('"{form.holder}"', '"{secret.holder}"', 11, "paper.fields.holder"),
        ('"{form.holder}"', '"{form.holder|sql}"', 11, "paper.fields.holder"),
        ('"{form.holder}"', '"{form.holder"', 11, "paper.fields.holder"),
        ('"{form.holder}"', "[1, 2]", 11, "paper.fields.holder"),
        ("[holder]", "[owner]", 8, "paper.required"),
        ("[holder]", "holder", 8, "paper.required"),
        ("[materials]", "materials", 9, "paper.lists"),
        ("  seal", "  title: 再\n  seal", 6, "title"),
        ("paper:", "- paper", 3, "-"),
        ("paper:", "paper: [", 4, "-"),
    ],
)
def test_errors_name_file_line_and_key(was: str, becomes: str, line: int, key: str) -> None:
    with pytest.raises(DefinitionError) as refusal:
        parse(GOOD.replace(was, becomes))
    assert str(refusal.value.message).startswith("x/outputs.yaml 第 ")
    assert refusal.value.facts["key"] in (key, "", key.rpartition(".")[2])
    assert refusal.value.facts["line"] == line


def test_an_empty_file_is_an_error() -> None:
    with pytest.raises(DefinitionError):
        parse("")


@pytest.mark.parametrize(
    "line", ['#eval("1")', '#read("x")', '#import "@preview/a:1.0.0"', '#plugin("x.wasm")', "#eval (d.x)"]
)
def test_templates_may_not_run_data_read_files_or_fetch_code(line: str) -> None:
    with pytest.raises(DefinitionError) as refusal:
        parse(GOOD, TEMPLATE + line)
    assert (refusal.value.facts["file"], refusal.value.facts["line"]) == ("x/a.typ", 3)
