"""Code tables: in force from a day to a day, and readable for ever."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.test import override_settings

from yiwang.kernel.forms import library
from yiwang.kernel.forms.codes import CodeTable, load_codes
from yiwang.kernel.forms.context import Context
from yiwang.kernel.forms.loader import load_form
from yiwang.kernel.forms.refusals import DefinitionRefused
from yiwang.kernel.forms.rules import judge

TABLE = """\
key: pack/wood
title: 木材
source: 某标准 第一条
valid_from: 2020-01-01
headings: ["10"]
ended: {"12": 2024-12-31}
codes:
  "10": 硬木
  "11": 栎
  "12": 榉
  "90": 其他
"""
FORM = """\
key: form
title: 表
steps:
  - key: one
    title: 一
    groups:
      - fields:
          - {key: wood, type: code, label: 木材, codes: pack/wood, listed: wood}
"""


def table() -> CodeTable:
    """A table with a heading and a code that has ended."""
    return load_codes(TABLE, "codes/pack/wood.yaml")


def test_a_code_may_be_chosen_only_while_it_lasts() -> None:
    before, after = date(2024, 12, 31), date(2025, 1, 1)
    assert table().may_choose("12", before)
    assert not table().may_choose("12", after)
    assert [one.value for one in table().options(after)] == ["11", "90"]
    assert not table().may_choose("10", before), "a heading is no code"
    assert table().options(date(2019, 12, 31)) == ()


def test_a_code_that_has_ended_stays_readable() -> None:
    form = load_form(FORM, "form.yaml")
    context = Context(date(2024, 1, 1), codes={"pack/wood": table()})
    kept = judge(form, {"wood": "12"}, context)
    assert kept.problems == ()
    later = judge(form, {"wood": "12"}, replace(context, today=date(2026, 1, 1)))
    assert [one.path for one in later.problems] == ["wood"]
    assert table().labels["12"] == "榉"


def test_typed_words_find_their_code() -> None:
    form = load_form(FORM, "form.yaml")
    context = Context(date(2026, 1, 1), codes={"pack/wood": table()})
    assert judge(form, {"wood": "栎"}, context).values == {"wood": "11"}


@pytest.fixture
def definitions(tmp_path: Path) -> Iterator[Path]:
    """A folder of definitions of one's own."""
    (tmp_path / "codes/pack").mkdir(parents=True)
    (tmp_path / "pack/item").mkdir(parents=True)
    (tmp_path / "codes/pack/wood.yaml").write_text(TABLE, "utf-8")
    (tmp_path / "pack/item/form.yaml").write_text(FORM, "utf-8")
    with override_settings(DEFINITIONS=tmp_path):
        library.forget()
        yield tmp_path
    library.forget()


def test_the_library_finds_forms_and_tables(definitions: Path) -> None:
    assert library.form_in("pack/item").codes == ("pack/wood",)
    assert list(library.code_tables()) == ["pack/wood"]


def test_a_form_that_names_no_table_is_refused_by_line(definitions: Path) -> None:
    (definitions / "pack/item/form.yaml").write_text(FORM.replace("pack/wood", "pack/stone"), "utf-8")
    with pytest.raises(DefinitionRefused) as caught:
        library.form_in("pack/item")
    assert caught.value.facts == {"file": "pack/item/form.yaml", "line": 8, "key": "wood.codes"}
    assert "pack/wood" in str(caught.value.remedy)


def test_a_table_lies_where_its_key_says(definitions: Path) -> None:
    (definitions / "codes/pack/stone.yaml").write_text(TABLE, "utf-8")
    library.forget()
    with pytest.raises(DefinitionRefused, match="文件名"):
        library.code_tables()
