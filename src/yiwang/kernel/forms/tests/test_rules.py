"""Judging what was typed: nothing hidden gets in, nothing forged passes, rows and read-only values hold."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiwang.kernel.forms.context import Context
from yiwang.kernel.forms.definition import FormDef, Json, Raw
from yiwang.kernel.forms.loader import load_form
from yiwang.kernel.forms.rules import initial, judge
from yiwang.kernel.forms.tests import felling

RULES = """\
key: rules
title: 核验
steps:
  - key: judge
    title: 逐条判断
    groups:
      - key: judgements
        title: 查出来的情况
        prefill: findings
        rows: {min: 0, max: 3, noun: 第, fixed: true}
        fields:
          - {key: finding, type: text, label: 情况, readonly: true, prefill: text}
          - key: judgement
            type: choice
            label: 怎么看
            options: [{value: fine, label: 符合}, {value: against, label: 不符合}]
          - {key: reason, type: text, label: 理由, required_when: judgement != "fine"}
      - key: whole
        fields:
          - {key: passed, type: boolean, label: 通过吗}
          - {key: whom, type: text, label: 给谁, prefill: party.name}
          - {key: shown, type: text, label: 编号, readonly: true, prefill: case.number, listed: rules.number}
checks:
  - {key: sense, fails_when: passed and "against" in judgement, field: passed, message: 有不符合的条目}
"""
FOUND: dict[str, Json] = {
    "findings": [{"text": "限额还剩 30 立方米"}, {"text": "面积 4 公顷"}],
    "party": {"name": "林秋生"},
    "case": {"number": "青采申〔2026〕7号"},
}
RULES_FORM = load_form(RULES, "rules.yaml")


def rules_context() -> Context:
    """What the records know."""
    return Context(felling.TODAY, prefill=FOUND)


def test_fixed_rows_come_from_the_records_and_cannot_be_rewritten() -> None:
    rows: Json = [
        {"judgement": "fine", "finding": "改过的话"},
        {"judgement": "against", "reason": "太大"},
        {"judgement": "fine", "finding": "多出来的一行"},
    ]
    outcome = judge(RULES_FORM, {"judgements": rows, "passed": "true", "whom": "谁", "shown": "伪造"}, rules_context())
    kept = outcome.values["judgements"]
    assert isinstance(kept, list)
    assert [row["finding"] for row in kept if isinstance(row, dict)] == ["限额还剩 30 立方米", "面积 4 公顷"]
    assert outcome.values["shown"] == "青采申〔2026〕7号"
    assert [one.message for one in outcome.problems] == ["有不符合的条目"]


def test_a_fixed_row_left_open_is_asked_for() -> None:
    outcome = judge(RULES_FORM, {"passed": "false", "whom": "谁"}, rules_context())
    assert {one.path for one in outcome.problems} == {
        "judgements-0-judgement",
        "judgements-1-judgement",
    }


def test_a_new_draft_begins_with_what_the_records_know() -> None:
    assert initial(RULES_FORM, rules_context()) == {"whom": "林秋生"}


def test_hidden_answers_are_dropped_whatever_was_sent() -> None:
    raw = felling.typed(
        intensity="90", canopy_after="0.1", agent_name="王二", agent_number={"kind": "id_card", "number": "x"}
    )
    outcome = judge(felling.form(), raw, felling.context())
    assert outcome.problems == ()
    assert not {"intensity", "canopy_after", "agent_name", "agent_number"} & set(outcome.values)
    assert outcome.seen["intensity"] is None
    assert {"intensity", "agent", "agent_name"} <= outcome.hidden


def test_unknown_answers_are_dropped() -> None:
    outcome = judge(felling.form(), felling.typed(approved="true", yield_total="999"), felling.context())
    assert "approved" not in outcome.values
    assert outcome.values["yield_total"] == "70.5"


@pytest.mark.parametrize(
    ("key", "forged"),
    [
        ("forest_kind", "999"),
        ("forest_kind", "230"),  # a heading of a group, not a code
        ("origin", "21 or 1=1"),
        ("method", "burning"),
        ("quota_kind", "free"),
        ("on_behalf", ""),
        ("has_dispute", "maybe"),
        ("place", {"township": "110101001", "village": "村"}),
        ("place", {"county": "360423", "township": "360421100", "village": "村"}),
        ("place", "360421100"),
        ("gps", {"lon": "27.86", "lat": "117.43"}),
        ("gps", {"lon": "117.4", "lat": "91"}),
        ("gps", ["117", "27"]),
        ("holder_number", {"kind": "badge", "number": felling.ID_NUMBER}),
        ("holder_number", {"kind": "id_card", "number": "110105194912310021"}),
        ("unit_number", "360421002004AE00022L00000001"),
        ("period_from", "2026-02-30"),
        ("period_from", "2020-01-01"),
        ("age", "28.5"),
        ("age", "0"),
        ("canopy", "1.01"),
        ("area", "九十六方"),
        ("area", "1e3"),
        ("area", "0.12345"),
        ("area", "NaN"),
        ("area", {"$gt": ""}),
        ("volume", "-1"),
        ("holder", "林\x00秋生"),
        ("holder", "林\u202e秋生"),
        ("holder", "长" * 101),
        ("phone", "12345"),
    ],
)
def test_forged_answers_do_not_pass(key: str, forged: Json) -> None:
    outcome = judge(felling.form(), felling.typed(**{key: forged}), felling.context())
    assert key in {one.path for one in outcome.problems}
    assert key not in outcome.values


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("area", "０．８３", "0.83"),
        ("area", "0.83公顷", "0.83"),
        ("area", "0.8300", "0.83"),
        ("volume", "00096.40", "96.4"),
        ("period_from", "2026年12月1日", "2026-12-01"),
        ("period_from", "20261201", "2026-12-01"),
        ("phone", "+86 130-0000-0026", "13000000026"),
        (
            "holder_number",
            {"kind": "", "number": "11010519491231002x "},
            {"kind": "id_card", "number": felling.ID_NUMBER},
        ),
        (
            "gps",
            {"lon": "117°26′04.3″", "lat": "27.86304"},
            {"lon": "117.434528", "lat": "27.86304", "crs": "CGCS2000"},
        ),
        ("unit_number", "360421-002004-GE00022-L00000001", "360421002004GE00022L00000001"),
        ("species", [{"tree": "110801", "tenths": "10"}], [{"tree": {"code": "110801", "text": "杉木"}, "tenths": 10}]),
        (
            "species",
            [{"tree": "野鸦椿", "tenths": "１０"}, {}],
            [{"tree": {"code": "", "text": "野鸦椿"}, "tenths": 10}],
        ),
    ],
)
def test_what_people_type_is_understood(key: str, typed: Json, kept: Json) -> None:
    outcome = judge(felling.form(), felling.typed(**{key: typed}), felling.context())
    assert outcome.problems == ()
    assert outcome.values[key] == kept


def test_mu_in_a_field_of_hectares_is_worked_out() -> None:
    outcome = judge(felling.form(), felling.typed(area="12.5亩"), felling.context())
    (message,) = [one.message for one in outcome.problems if one.path == "area"]
    assert "12.5 亩合 0.8333 公顷" in message


def test_a_day_out_of_bounds_says_which_day_is_meant() -> None:
    outcome = judge(felling.form(), felling.typed(period_from="2026-11-20"), felling.context())
    assert outcome.problems[0].message == "从哪天开始不能早于 2026年11月21日"


def test_files_count_only_where_they_lie() -> None:
    strange = felling.photo("site_photos", name="virus.exe")
    empty = felling.photo("site_photos", size=0)
    large = felling.photo("site_photos", size=21 * 1024 * 1024)
    for file, words in ((strange, "只收 JPG、PNG"), (empty, "空文件"), (large, "超过 20 MB")):
        outcome = judge(felling.form(), felling.typed(), felling.context(file))
        assert words in outcome.problems[0].message
    elsewhere = judge(felling.form(), felling.typed(site_photos=["1"]), felling.context(felling.photo("other")))
    assert "site_photos" not in elsewhere.values


SCRIPTS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE case; --",
    "{{ 7*7 }}",
    "../../etc",
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_markup_is_kept_as_the_text_it_is(script: str) -> None:
    keys = [one.key for one in felling.form().single_fields().values() if one.kind in ("text", "longtext")]
    outcome = judge(felling.form(), felling.typed(**dict.fromkeys(keys, script)), felling.context())
    kept = [outcome.values[key] for key in keys if key in outcome.values]
    assert len(kept) >= 10
    assert set(map(str, kept)) == {script}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([*felling.TYPED, "species", "proxy", "nonsense"]), JSON, max_size=12))
def test_no_input_of_any_shape_makes_judging_fall_over(changed: dict[str, Json]) -> None:
    outcome = judge(felling.form(), felling.typed(**changed), felling.context())
    assert set(outcome.values) <= _keys(felling.form())


def _keys(form: FormDef) -> set[str]:
    return {key for _step, group in form.groups() for key in (group.key, *(one.key for one in group.fields))}


def _retyped(raw: Raw, values: dict[str, Json]) -> Raw:
    return raw | {key: _as_typed(value) for key, value in values.items()}


def _as_typed(value: Json) -> Json:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        return value["code"] or value["text"] if "code" in value else value
    return (
        [{k: _as_typed(v) for k, v in row.items()} for row in value if isinstance(row, dict)]
        if isinstance(value, list)
        else value
    )


@settings(max_examples=100, deadline=None)
@given(
    st.decimals(Decimal("0.0001"), Decimal("0.92"), places=4),
    st.integers(1, 1000),
    st.sampled_from(["clear", "selective", "shelterwood", "thinning"]),
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=40),
)
def test_cleaned_answers_are_settled(area: Decimal, age: int, method: str, name: str) -> None:
    raw = felling.typed(
        area=str(area),
        regeneration_area="1",
        age=str(age),
        method=method,
        place_name=name,
        intensity="30",
        canopy_after="0.6",
    )
    first = judge(felling.form(), raw, felling.context())
    again = judge(felling.form(), _retyped(raw, first.values), felling.context())
    assert again.values == first.values
    assert again.problems == first.problems
