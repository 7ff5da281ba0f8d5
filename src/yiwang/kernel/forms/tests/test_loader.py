"""A wrong definition is refused with file, line, key and remedy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.forms.codes import load_codes
from yiwang.kernel.forms.loader import load_form
from yiwang.kernel.forms.refusals import DefinitionRefused

GOOD = """\
key: form
title: 表
steps:
  - key: one
    title: 第一步
    groups:
      - key: all
        fields:
          - {key: area, type: decimal, label: 面积, places: 2, unit: 公顷}
          - key: kind
            type: choice
            label: 种类
            options:
              - {value: a, label: 甲}
              - {value: b, label: 乙}
          - {key: note, type: text, label: 备注, when: kind == "b"}
"""


def refused(text: str, materials: str = "") -> DefinitionRefused:
    """The refusal a definition meets."""
    with pytest.raises(DefinitionRefused) as caught:
        load_form(text, "pack/item/form.yaml", materials=materials, materials_file="pack/item/materials.yaml")
    return caught.value


def test_a_good_definition_is_read() -> None:
    form = load_form(GOOD, "form.yaml")
    assert list(form.single_fields()) == ["area", "kind", "note"]


def test_comments_and_blank_lines_make_no_new_version() -> None:
    commented = "# 说明\n\n" + GOOD.replace("title: 表\n", "title: 表   \n  # 再说明\n")
    assert load_form(commented, "form.yaml").digest == load_form(GOOD, "form.yaml").digest
    assert load_form(GOOD.replace("备注", "说明"), "form.yaml").digest != load_form(GOOD, "form.yaml").digest


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ("unit: 公顷", "units: 公顷", 9, "units"),
        ("type: choice", "type: choise", 11, "type"),
        ("            label: 种类\n", "", 10, "label"),
        ("key: kind", "key: area", 10, "key"),
        ("{value: b, label: 乙}", "{value: a, label: 乙}", 15, "value"),
        ("places: 2, ", "", 9, "places"),
        ("places: 2", "places: 9", 9, "places"),
        ("places: 2", "places: two", 9, "places"),
        ("places: 2", "places: 2, min: 5, max: 1", 9, "min"),
        ('when: kind == "b"', 'when: kinds == "b"', 16, "when"),
        ('when: kind == "b"', "when: __import__('os')", 16, "when"),
        ('when: kind == "b"', 'when: note == "b"', 16, "when"),
        ("label: 备注", "label: 备注, label: 说明", 16, "label"),
        ("type: text, label: 备注", "type: text, label: 备注, listed: x, sensitive: true", 16, "listed"),
        ("type: text, label: 备注", "type: code, label: 备注", 16, "codes"),
        ("type: text, label: 备注", "type: date, label: 备注, earliest: tomorrow", 16, "earliest"),
        ("type: text, label: 备注", "type: text, label: 备注, max_length: 99999", 16, "max_length"),
        ("type: text, label: 备注", "type: files, label: 备注, max_size: 9 GB", 16, "max_size"),
        ("type: text, label: 备注", "type: files, label: 备注, formats: [exe]", 16, "formats"),
        ("type: text, label: 备注", "type: text, label: 备注, readonly: true", 16, "readonly"),
        ("label: 面积", "label: &a 面积", 9, ""),
        ("label: 面积", "label: !!python/name:os.system 面积", 9, "label"),
        ("title: 第一步", "title: 第一步\n    materials: true", 6, "materials"),
        ("    groups:", "    extra: 1\n    groups:", 6, "extra"),
        ("title: 表", "title: [表]", 2, "title"),
        ("key: one", "key: 一", 4, "key"),
    ],
)
def test_faults_are_named_by_file_line_key_and_remedy(old: str, new: str, line: int, key: str) -> None:
    assert old in GOOD
    refusal = refused(GOOD.replace(old, new, 1))
    assert refusal.facts["file"] == "pack/item/form.yaml"
    assert refusal.facts["line"] == line, str(refusal)
    assert str(refusal.facts["key"]).endswith(key), str(refusal)
    assert refusal.remedy


def test_a_near_miss_is_guessed() -> None:
    assert "choice" in str(refused(GOOD.replace("type: choice", "type: choise")).remedy)


def test_faults_in_the_materials_name_their_own_file() -> None:
    form = GOOD + "  - {key: two, title: 材料, materials: true}\n"
    slots = "materials:\n  - {key: paper, name: 证明, required_when: area > 1}\n"
    assert [one.key for one in load_form(form, "f", materials=slots).step("two").fields()] == ["paper"]
    refusal = refused(form, materials=slots.replace("area", "aera"))
    assert refusal.facts["file"] == "pack/item/materials.yaml"
    assert refusal.facts["line"] == 2


@pytest.mark.parametrize(
    "text", ["", "- 1", "a: b: c", "\t", "a: [", "steps: " + "[" * 3000, "x: \x00", "key: " + "长" * 200_000]
)
def test_what_is_no_definition_is_refused_in_words(text: str) -> None:
    assert refused(text).facts["file"] == "pack/item/form.yaml"


def test_aliases_cannot_blow_up() -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert "锚点" in str(refused(bomb))


@given(st.text(max_size=300))
def test_no_text_makes_the_loader_fall_over(text: str) -> None:
    with pytest.raises(DefinitionRefused):
        load_form(text, "form.yaml")


@given(st.integers(0, len(GOOD) - 1), st.sampled_from(["", "x", ":", "-", "{", '"', "&", "\n", "  ", "#", "'"]))
def test_a_slip_of_the_pen_is_read_or_refused(place: int, slip: str) -> None:
    line = 1
    try:
        load_form(GOOD[:place] + slip + GOOD[place + 1 :], "form.yaml")
    except DefinitionRefused as refusal:
        line = int(str(refusal.facts["line"]))
    assert 1 <= line <= GOOD.count("\n") + 2


def test_codes_stay_as_written() -> None:
    table = load_codes('key: t\ntitle: 表\nsource: 某标准\ncodes:\n  0301: 乔木\n  "012": 十二\n', "codes.yaml")
    assert dict(table.labels) == {"0301": "乔木", "012": "十二"}


def test_a_code_listed_twice_is_refused() -> None:
    with pytest.raises(DefinitionRefused) as caught:
        load_codes('key: t\ntitle: 表\nsource: 某标准\ncodes:\n  "1": 甲\n  "1": 乙\n', "codes.yaml")
    assert caught.value.facts["line"] == 6
