import os
import re
import subprocess
import sys

import pytest
from pytest_django import Settings

from yiwang.kernel.outputs import compiler, fonts
from yiwang.kernel.outputs.definition import OutputSpec
from yiwang.kernel.outputs.refusals import CharactersMissing, DocumentFailed, FontsMissing, ValueMissing
from yiwang.kernel.outputs.services import Marks, data_hash, render
from yiwang.kernel.outputs.tests.conftest import ADDRESS, NUMBER, RARE, Facts
from yiwang.kernel.outputs.tests.reading import (
    codes_of,
    colour_at,
    conformance_of,
    fonts_of,
    outside_of,
    picture_of,
    text_of_pdf,
)

Outputs = dict[str, OutputSpec]
LETTERS = ("receipt", "acceptance", "corrections", "not_accepted", "denial")


def test_the_certificate_carries_every_field(outputs: Outputs, facts: Facts, marks: Marks) -> None:
    made = render(outputs["certificate"], facts, marks)
    text = text_of_pdf(made.pdf)
    form = {name: value for name, value in facts["form"].items() if name != "holder_number"}
    missing = [value for value in form.values() if "".join(str(value).split()) not in text]
    assert not missing
    for part in (
        NUMBER,
        "2026年11月25日至2027年2月25日",
        "2026年11月21日",
        "110*************2X",
        marks.licence,
        marks.code,
    ):
        assert part in text
    assert "11010519491231002X" not in text
    assert (made.pages, made.number) == (1, NUMBER)


def test_the_qr_code_reads_back_from_the_drawn_page(outputs: Outputs, facts: Facts, marks: Marks) -> None:
    assert codes_of(render(outputs["certificate"], facts, marks).pdf) == [ADDRESS]


@pytest.mark.parametrize("key", ["certificate", *LETTERS])
def test_every_paper_is_pdf_a_with_all_fonts_inside(key: str, outputs: Outputs, facts: Facts, marks: Marks) -> None:
    pdf = render(outputs[key], facts, marks).pdf
    assert conformance_of(pdf) == ("2", "B")
    assert all(embedded for _name, embedded in fonts_of(pdf))
    assert not outside_of(pdf)


@pytest.mark.parametrize("key", LETTERS)
def test_letters_fit_one_page_and_name_date_and_issuer(key: str, outputs: Outputs, facts: Facts, marks: Marks) -> None:
    made = render(outputs[key], facts, marks)
    text = text_of_pdf(made.pdf)
    assert made.pages == 1
    for part in (
        "王玥珺：",
        outputs[key].title,
        "青山县林业局",
        "2026年11月21日",
        "青林采申〔2026〕00123号",
        "林木采伐许可",
    ):
        assert part in text


def test_a_refusal_states_reasons_and_remedies(outputs: Outputs, facts: Facts, marks: Marks) -> None:
    for key in ("not_accepted", "denial"):
        text = text_of_pdf(render(outputs[key], facts, marks).pdf)
        for part in ("位于自然保护区内（森林法第五十五条）", "六十日内", "六个月内", "行政复议法第二十条"):
            assert part in text


def test_the_seal_is_red_over_the_date(outputs: Outputs, facts: Facts, marks: Marks) -> None:
    image = picture_of(render(outputs["certificate"], facts, marks).pdf)
    red = [
        (x, y)
        for x in range(image.width // 2, image.width, 3)
        for y in range(image.height // 2, image.height, 3)
        if (colour := colour_at(image, x, y))[0] > 180 and max(colour[1:]) < 60
    ]
    across = max(x for x, _y in red) - min(x for x, _y in red)
    down = max(y for _x, y in red) - min(y for _x, y in red)
    millimetre = image.width / 297
    assert abs(across / millimetre - 42) < 1.5
    assert abs(down / millimetre - 42) < 1.5


def test_rare_characters_of_names_are_printed(outputs: Outputs, facts: Facts, marks: Marks) -> None:
    facts["form"] = {**facts["form"], "holder": RARE}
    assert RARE in text_of_pdf(render(outputs["certificate"], facts, marks).pdf)


def test_a_character_no_font_has_stops_the_paper(outputs: Outputs, facts: Facts, marks: Marks) -> None:
    facts["form"] = {**facts["form"], "holder": "王\ue123"}
    with pytest.raises(CharactersMissing) as refusal:
        render(outputs["certificate"], facts, marks)
    assert "\ue123" in str(refusal.value.remedy)


HOSTILE = [
    '#read("/etc/passwd")',
    '#import "@preview/x:1.0.0"',
    '"); #eval("1")',
    "\\ \" ' $x^2$ *bold* _it_ @ref <label> // [#]",
    "<script>alert(1)</script>",
    "'; DROP TABLE case; --",
    "{form.holder_number}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_write_is_printed_as_it_stands(text: str, outputs: Outputs, facts: Facts, marks: Marks) -> None:
    facts["form"] = {**facts["form"], "place_name": text}
    facts["lists"] = {"materials": [text], "corrections": [text], "reasons": [{"text": text, "note": text}]}
    for key in ("certificate", "receipt", "denial"):
        assert "".join(text.split()) in text_of_pdf(render(outputs[key], facts, marks).pdf)


@pytest.mark.parametrize("length", [40, 200, 1000])
@pytest.mark.parametrize("sign", ["长", "W", "a ", "，"])
def test_long_values_go_on_to_another_sheet(
    length: int, sign: str, outputs: Outputs, facts: Facts, marks: Marks
) -> None:
    value = (sign * length).strip()
    names = set(facts["form"]) - {"holder_number"}
    facts["form"] = {**dict.fromkeys(names, value), "holder_number": "110105"}
    made = render(outputs["certificate"], facts, marks)
    plain = "".join(value.split())
    assert text_of_pdf(made.pdf).count(plain) >= len(names) - 1
    assert made.pages > 1 or length == 40
    assert codes_of(made.pdf) == [ADDRESS]


def test_nothing_is_printed_over_the_frame(outputs: Outputs, facts: Facts, marks: Marks) -> None:
    facts["form"] = dict.fromkeys(facts["form"], "W" * 2000)
    image = picture_of(render(outputs["certificate"], facts, marks).pdf)
    millimetre = image.width / 297
    for y in range(int(45 * millimetre), int(190 * millimetre), 2):
        for x in (int(20.5 * millimetre), int(276.5 * millimetre)):
            assert min(colour_at(image, x, y)) > 150


def test_equal_facts_give_equal_bytes(outputs: Outputs, facts: Facts, marks: Marks) -> None:
    one, other = (render(outputs["certificate"], facts, marks) for _turn in range(2))
    assert one == other
    facts["form"] = {**facts["form"], "area": "2.36 公顷"}
    changed = render(outputs["certificate"], facts, marks)
    assert changed.data_hash != one.data_hash
    assert changed.template_hash == one.template_hash
    assert changed.sha256 != one.sha256


def test_the_digest_printed_is_the_digest_kept(outputs: Outputs, facts: Facts, marks: Marks) -> None:
    made = render(outputs["certificate"], facts, marks)
    printed = re.search(r"SM3摘要：([0-9a-f]{32})", text_of_pdf(made.pdf))
    assert printed
    assert re.fullmatch("[0-9a-f]{64}", made.data_hash)
    assert data_hash({"a": 1, "b": 2}) == data_hash({"b": 2, "a": 1})


def test_an_empty_field_that_must_stand_stops_the_paper(outputs: Outputs, facts: Facts, marks: Marks) -> None:
    facts["form"] = {**facts["form"], "area": "", "species": None}
    with pytest.raises(ValueMissing) as refusal:
        render(outputs["certificate"], facts, marks)
    assert refusal.value.facts["fields"] == ["area", "species"]


def test_without_chinese_fonts_the_package_is_named(
    outputs: Outputs, facts: Facts, marks: Marks, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler.engine.cache_clear()
    monkeypatch.setattr(compiler, "choose", lambda families: fonts.choose(["DejaVu Sans"]))
    with pytest.raises(FontsMissing) as refusal:
        render(outputs["certificate"], facts, marks)
    assert "noto" in str(refusal.value.remedy)
    monkeypatch.undo()
    assert render(outputs["certificate"], facts, marks).pages == 1


def test_a_broken_template_is_a_refusal(outputs: Outputs, facts: Facts, marks: Marks, settings: Settings) -> None:
    spec = outputs["certificate"]
    for source in ("#unknown()", '#image("/etc/passwd")', '#import "../../x.typ": *', "#{ while true {} }"):
        broken = OutputSpec(key="x", title="x", template="x.typ", source=source, slot="x")
        with pytest.raises(DocumentFailed):
            render(broken, facts, marks)
    assert render(spec, facts, marks).pages == 1


def test_typst_is_not_loaded_before_the_first_document() -> None:
    program = "import django; django.setup(); import yiwang.kernel.outputs.services, sys; print('typst' in sys.modules)"
    environ = {**os.environ, "PYTHONPATH": "src", "DJANGO_SETTINGS_MODULE": "yiwang.project.settings.test"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environ)
    assert done.stdout.strip() == "False"
