"""Forms as pages: accessible, strict about scripts and styles, and what is posted back is what was typed."""

import re
from html.parser import HTMLParser

import pytest
from django.template import Context as TemplateContext
from django.template import Template
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from yiwang.kernel.forms import library
from yiwang.kernel.forms.bound import BoundForm
from yiwang.kernel.forms.definition import Json, Raw
from yiwang.kernel.forms.posted import Post, RowButton, press, read_step, row_button
from yiwang.kernel.forms.queries import changes, opened
from yiwang.kernel.forms.rules import judge
from yiwang.kernel.forms.services import freeze
from yiwang.kernel.forms.tests import felling
from yiwang.kernel.ledger.services import create_subject

PAGE = (
    "{% load forms %}{% form_progress form step.key %}{% error_summary step.errors %}"
    "<form>{% form_step step %}{% form_actions step %}</form>"
)
STEPS = [step.key for step in felling.form().steps]


def bound(raw: Raw, *, tried: frozenset[str] = frozenset(), name: str = "form") -> BoundForm:
    """The form with what was typed."""
    form = felling.form() if name == "form" else library.form_in("forestry/felling", name)
    files = (felling.photo("site_photos", 7), felling.photo("field_photos", 8))
    return BoundForm(form, raw, felling.context(*files), tried, urls=lambda key: f"/apply/{key}/", revision=4)


def drawn(form: BoundForm, key: str, template: str = PAGE) -> html.HtmlElement:
    """One page as elements."""
    text = Template(template).render(TemplateContext({"form": form, "step": form.step(key)}))
    return html.fromstring(f"<main>{text}</main>")


def posted(page: html.HtmlElement) -> Post:
    """What a browser without script sends for a page; blank rows kept in templates are not sent."""
    for blank in page.iter("template"):
        blank.clear()
    (form,) = page.iter("form")
    lists: dict[str, list[str]] = {}
    for name, value in form.form_values():
        lists.setdefault(name, []).append(value)
    return lists


@pytest.mark.parametrize("key", STEPS)
def test_every_input_has_a_label_and_its_error_and_hint_are_tied_to_it(key: str) -> None:
    page = drawn(bound({}, tried=frozenset(STEPS)), key)
    ids = [one.get("id") for one in page.iter() if isinstance(one.tag, str) and one.get("id")]
    assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)
    labels = {one.get("for") for one in page.iter("label")}
    for one in page.iter("input", "select", "textarea"):
        if one.get("type") != "hidden":
            assert one.get("id") in labels or one.getparent().tag == "label", html.tostring(one)
        for target in (one.get("aria-describedby") or "").split():
            assert target in ids, target


@pytest.mark.parametrize("key", STEPS)
def test_the_summary_links_to_inputs_that_can_be_reached(key: str) -> None:
    form = bound({}, tried=frozenset(STEPS))
    page = drawn(form, key)
    links = [one.get("href") for one in page.xpath("//*[contains(@class,'yw-errsum')]//a")]
    assert len(links) == len(form.step(key).problems)
    for link in links:
        (target,) = page.xpath(f"//*[@id='{link[1:]}']")
        assert target.tag in ("input", "select", "textarea") or target.get("tabindex") == "-1", link
    assert form.step(key).title_prefix == (f"有 {len(links)} 处需要修改：" if links else "")


def test_label_hint_error_and_input_stand_in_this_order() -> None:
    page = drawn(bound({"age": "很久"}, tried=frozenset({"stand"})), "stand")
    (box,) = page.xpath("//*[@data-field='age']")
    order = [
        one.get("for") or one.get("id")
        for one in box.iter("label", "span", "p", "input")
        if one.get("for") or one.get("id")
    ]
    assert order == ["f-age", "f-age-hint", "f-age-err", "f-age"]
    (typed,) = page.xpath("//input[@id='f-age']")
    assert typed.get("aria-invalid") == "true"
    assert typed.get("aria-describedby") == "f-age-hint f-age-err"
    assert typed.get("value") == "很久", "what was typed stays"


def test_what_the_records_knew_is_said_until_it_is_changed() -> None:
    known: dict[str, Json] = {"party": {"phone": "13000000026", "identity": felling.TYPED["holder_number"]}}
    form = felling.form()
    context = felling.context(prefill=known)
    for typed, said in ((felling.typed(), 2), (felling.typed(phone="13000000027"), 1)):
        page = drawn(BoundForm(form, typed, context), "applicant")
        assert page.text_content().count("按登记的资料填好了") == said


def test_the_unit_stands_outside_the_value() -> None:
    page = drawn(bound({"area": "0.83"}), "cutting")
    (unit,) = page.xpath("//*[@data-field='area']//*[@class='yw-unit']/span")
    assert unit.text == "公顷"
    assert page.xpath("//*[@id='f-area-mu']")[0].text == "合 12.5 亩"


class Strict(HTMLParser):
    """Notes whatever a strict Content-Security-Policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.forbidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Inline scripts, styles and handlers are forbidden."""
        bad = [
            name for name, value in attrs if name == "style" or name.startswith("on") or "javascript:" in (value or "")
        ]
        if bad or tag in ("script", "style", "img"):
            self.forbidden.append(f"{tag} {bad}")


SCRIPTS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)",
    "</textarea><script>x</script>",
    "{{ 7*7 }}{% now %}",
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_in_every_field_stay_text(script: str) -> None:
    raw: Raw = {key: script if isinstance(value, str) else value for key, value in felling.typed().items()}
    raw |= {"place": {"township": script, "village": script}, "species": [{"tree": script, "tenths": script}]}
    raw |= {
        "gps": {"lon": script, "lat": script, "accuracy": script},
        "holder_number": {"kind": script, "number": script},
    }
    form = bound(raw, tried=frozenset(STEPS))
    template = PAGE + "{% check_answers form %}"
    for key in STEPS:
        strict = Strict()
        strict.feed(Template(template).render(TemplateContext({"form": form, "step": form.step(key)})))
        assert strict.forbidden == []


def test_check_answers_shows_everything_once_and_masks_what_is_personal() -> None:
    form = bound(felling.typed())
    page = drawn(form, "stand", "{% load forms %}{% check_answers form %}")
    text = page.text_content()
    assert [one.text for one in page.iter("h2")] == [step.title for step in felling.form().steps]
    assert [one.get("href") for one in page.xpath("//a[starts-with(@href,'/apply/')]")] == [
        f"/apply/{key}/" for key in STEPS
    ]
    for word in ("林秋生", "0.83 公顷（12.5 亩）", "云台镇松坑村", "皆伐", "免提交，用电子证照核对", "照片.jpg"):
        assert word in text, word
    for word in (felling.ID_NUMBER, "13000000026"):
        assert word not in text


def test_check_answers_says_where_something_is_missing() -> None:
    text = drawn(bound(felling.typed(age=None)), "stand", "{% load forms %}{% check_answers form %}").text_content()
    assert text.count("这一页还有 1 处没有填好") == 1


def test_a_condition_decided_on_another_page_is_decided_by_the_server() -> None:
    assert not drawn(bound({"on_behalf": "own"}), "materials").xpath("//*[@data-field='proxy']")
    assert drawn(bound({"on_behalf": "other"}), "materials").xpath("//*[@data-field='proxy']")


def test_a_condition_decided_here_leaves_the_question_for_readers_without_script() -> None:
    (box,) = drawn(bound({"method": "clear"}), "cutting").xpath("//*[@data-field='intensity']")
    assert box.get("data-when") == '["!=",["name","method"],["value","clear"]]'
    assert not box.get("hidden")
    assert box.xpath(".//noscript")


def test_enter_in_a_field_presses_continue_and_not_remove() -> None:
    page = drawn(bound(felling.typed()), "stand")
    first = next(one for one in page.iter("button") if one.get("type") == "submit")
    assert first.get("name") == "_next"


def test_rows_are_added_and_removed_without_script() -> None:
    step = felling.form().step("stand")
    raw = felling.typed()
    assert row_button(step, {"_add": ["species"]}) == RowButton("species")
    assert row_button(step, {"_remove": ["species-1"]}) == RowButton("species", 1)
    for forged in ({"_add": ["stand"]}, {"_remove": ["species-x"]}, {"_remove": ["place-1"]}, {}):
        assert row_button(step, forged) is None
    more = press(raw, RowButton("species"))
    assert len(drawn(bound(more), "stand").xpath("//fieldset[@data-row='2']")) == 1
    less = press(raw, RowButton("species", 0))
    assert less["species"] == [{"tree": "马尾松", "tenths": "2"}]


def _same(step: str, raw: Raw) -> Raw:
    """What a page holds, in the shape in which it comes back."""
    return read_step(felling.form().step(step), posted(drawn(bound(raw), step)))


@pytest.mark.parametrize("key", STEPS)
def test_a_page_posted_back_untouched_means_the_same(key: str) -> None:
    raw = felling.typed()
    again = raw | _same(key, raw)
    first, second = (judge(felling.form(), one, felling.context()) for one in (raw, again))
    assert second.values == first.values
    assert second.problems == first.problems


TYPEABLE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Zl", "Zp")), max_size=40)


def _visible(text: str) -> str:
    return re.sub("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\U0001f000-\U0001ffff]", "", text)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(["place_name", "east", "forest_block", "age", "canopy", "slope"]), TYPEABLE))
def test_whatever_is_typed_into_lines_comes_back(typed: dict[str, str]) -> None:
    again = _same("stand", felling.typed(**typed))
    assert {key: again[key] for key in typed} == {key: _visible(value) for key, value in typed.items()}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(TYPEABLE, TYPEABLE), min_size=1, max_size=8))
def test_rows_come_back_in_their_order(rows: list[tuple[str, str]]) -> None:
    typed: Json = [{"tree": tree, "tenths": tenths} for tree, tenths in rows]
    again = _same("stand", felling.typed(species=typed))
    labels = felling.context().codes["forestry/species"].labels
    assert again["species"] == [{"tree": labels.get(_visible(a), _visible(a)), "tenths": _visible(b)} for a, b in rows]


def test_names_a_page_does_not_have_are_ignored() -> None:
    step = felling.form().step("stand")
    sent = {
        "volume": ["999"],
        "species-0-approved": ["1"],
        "species-99999-tree": ["x"],
        "site_photos": ["1"],
        "age": ["28"],
    }
    found = read_step(step, sent)
    assert found["age"] == "28"
    assert not {"volume", "site_photos"} & set(found)
    assert found["species"] == [{"tree": "", "tenths": ""}]


@pytest.mark.parametrize("name", ["field_check", "field_confirm"])
def test_the_forms_of_tasks_are_drawn(name: str) -> None:
    form = bound({}, name=name, tried=frozenset({"place", "measure", "result", "confirm"}))
    for step in form.steps:
        page = drawn(form, step.key)
        assert page.xpath("//*[contains(@class,'yw-errsum')]")


@pytest.mark.django_db
def test_a_form_read_back_is_masked_unless_asked_for() -> None:
    subject = create_subject("case:forestry.felling", unit=1)
    first = freeze(subject, felling.form(), judge(felling.form(), felling.typed(), felling.context()), by=1)
    again = judge(felling.form(), felling.typed(age="30", phone="13000000027"), felling.context())
    second = freeze(subject, felling.form(), again, by=1)
    template = Template("{% load forms %}{% form_summary contents full %}{% form_changes changes %}")
    found = changes(opened(first), opened(second))
    masked = template.render(TemplateContext({"contents": opened(second), "full": False, "changes": found}))
    whole = template.render(TemplateContext({"contents": opened(second), "full": True, "changes": found}))
    assert felling.ID_NUMBER not in masked
    assert felling.ID_NUMBER in whole
    assert "13000000027" not in masked
    assert "28 年" in masked
    assert "30 年" in masked
