"""The real definitions of the felling permit, against what the law and the issue ask for."""

import pytest

from yiwang.kernel.forms import library
from yiwang.kernel.forms.definition import Json
from yiwang.kernel.forms.rules import judge, listed_facts
from yiwang.kernel.forms.summary import shown_texts
from yiwang.kernel.forms.tests import felling

ASKED = {
    "holder", "holder_number", "holder_code", "agent_name", "agent_number", "right_certificate", "unit_number",
    "parcel_number", "place", "forest_block", "compartment", "place_name", "east", "south", "west", "north", "gps",
    "land_right", "tree_right", "origin", "forest_kind", "age", "canopy", "slope", "aspect", "position",
    "cutting_kind", "method", "intensity", "area", "volume", "stems", "yield_standard", "yield_small", "yield_fuel",
    "period_from", "period_to", "regeneration_species", "regeneration_area", "regeneration_method",
    "regeneration_until", "quota_kind", "ground",
}  # fmt: skip


def problems(**changed: Json) -> dict[str, str]:
    """What is wrong with the whole application after a change."""
    outcome = judge(felling.form(), felling.typed(**changed), felling.context())
    return {one.path: one.message for one in outcome.problems}


def test_the_form_asks_for_every_field_of_the_issue() -> None:
    fields = felling.form().single_fields()
    assert set(fields) >= ASKED
    assert {group.key for _step, group in felling.form().groups() if group.rows} == {"species"}


def test_every_form_of_the_folder_is_read() -> None:
    for name in ("form", "field_check", "field_confirm"):
        form = library.form_in("forestry/felling", name)
        assert form.key == name, "evidence of a task form is found by the name of its file"


def test_every_code_table_says_where_it_comes_from() -> None:
    tables = library.tables_of(felling.form())
    assert len(tables) == 12
    for table in tables.values():
        assert len(table.source) > 10, table.key
        assert table.valid_from, table.key
        assert table.options(felling.TODAY), table.key


def test_a_whole_application_is_right() -> None:
    outcome = judge(felling.form(), felling.typed(), felling.context())
    assert outcome.problems == ()
    assert outcome.values["unit_number"] == "360421002004GE00022L00000001"
    assert outcome.values["stems"] == 1120
    assert outcome.values["yield_total"] == "70.5"
    assert outcome.seen["county"] == "360421"
    assert outcome.seen["township"] == "360421100"


def test_an_empty_form_asks_and_does_not_fall_over() -> None:
    outcome = judge(felling.form(), {}, felling.context())
    wanted = {one.path for one in outcome.problems}
    assert {"on_behalf", "place", "gps", "species", "area", "method"} <= wanted
    assert outcome.values == {}


def test_the_agent_is_asked_for_only_when_somebody_else_applies() -> None:
    assert "agent_name" not in problems()
    assert {"agent_name", "agent_number", "agent_phone", "proxy"} <= set(problems(on_behalf="other"))


def test_intensity_belongs_to_partial_cutting_only() -> None:
    assert "intensity" not in problems(method="clear")
    assert {"intensity", "canopy_after"} <= set(problems(method="selective"))


def test_bamboo_counts_stems_and_needs_no_volume() -> None:
    found = problems(object_kind="bamboo", volume=None, stems=None)
    assert "volume" not in found
    assert {"stems", "bamboo_left"} <= set(found)


def test_species_must_add_up_to_ten() -> None:
    wrong: Json = [{"tree": "杉木", "tenths": "8"}, {"tree": "马尾松", "tenths": "1"}]
    assert "正好十成" in problems(species=wrong)["species"]


def test_the_same_species_twice_is_named() -> None:
    twice: Json = [{"tree": "杉木", "tenths": "8"}, {"tree": "110801", "tenths": "2"}]
    assert "写了两次" in problems(species=twice)["species-1-tree"]


def test_the_area_may_not_exceed_the_parcel() -> None:
    message = problems(area="1.83", regeneration_area="1.83")["area"]
    assert "采伐面积 1.83 公顷（27.5 亩），大于这一宗的面积 0.92 公顷" in message


def test_regeneration_may_not_be_smaller_than_clear_cutting() -> None:
    outcome = judge(felling.form(), felling.typed(regeneration_area="0.5"), felling.context())
    (problem,) = outcome.problems
    assert (problem.path, problem.law) == ("regeneration_area", "森林法第六十一条")


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({}, set()),
        ({"ground": "contract", "unit_number": None}, {"right_paper"}),
        ({"volume": "101"}, {"survey_design"}),
        ({"in_reserve": "true"}, {"special_reason"}),
        ({"cut_last_year": "true"}, set()),
    ],
)
def test_materials_are_asked_for_only_where_they_are_due(changed: dict[str, Json], missing: set[str]) -> None:
    assert set(problems(**changed)) == missing


def test_the_province_may_set_the_threshold_of_the_survey() -> None:
    context = felling.context()
    raised = context.__class__(**{**context.__dict__, "given": {"design_volume_over": 500, "design_area_over": 9}})
    assert judge(felling.form(), felling.typed(volume="101"), raised).problems == ()


def test_titles_and_documents_get_their_words() -> None:
    texts = shown_texts(judge(felling.form(), felling.typed(), felling.context()))
    assert (texts["county"], texts["township"]) == ("青山县", "云台镇")
    assert texts["village"] == "松坑村，012 林班"
    assert texts["boundaries"] == "东至松坑溪，南至村道，西至山脊，北至0308 小班"
    assert texts["species"] == "杉木 8 成，马尾松 2 成"
    assert texts["species_text"] == "杉木、马尾松"
    assert texts["gps"] == "东经 117.43452，北纬 27.86304（精度 5 米）"
    assert texts["area"] == "0.83 公顷（12.5 亩）"
    assert texts["period"] == "2026年12月1日至2027年3月31日"
    assert texts["yield"] == "70.5 立方米（规格材 60 立方米，非规格材 8 立方米，薪材 2.5 立方米）"
    assert texts["holder_id"] == f"居民身份证 {felling.ID_NUMBER}"


def test_listed_answers_hold_no_personal_data() -> None:
    outcome = judge(felling.form(), felling.typed(), felling.context())
    facts = {fact.field: fact.value for fact in listed_facts(felling.form(), outcome.values)}
    assert str(facts["felling.area"]) == "0.83"
    assert facts["felling.township"] == "360421100"
    assert not any("林秋生" in str(value) or felling.ID_NUMBER in str(value) for value in facts.values())


def test_the_field_check_wants_three_photos_and_the_differences() -> None:
    form = library.form_in("forestry/felling", "field_check")
    outcome = judge(form, {"place_agrees": "false"}, felling.context(felling.photo("field_photos")))
    found = {one.path: one.message for one in outcome.problems}
    assert "至少要 3 份" in found["field_photos"]
    assert "differences" in found
