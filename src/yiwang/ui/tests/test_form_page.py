"""Pages of a form in Chromium, drawn by the templates, under the strict policy, without a node behind them."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.template import Context as TemplateContext
from django.template import Template
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Route, sync_playwright

from yiwang.kernel.forms.bound import BoundForm
from yiwang.kernel.forms.definition import Json, Raw
from yiwang.kernel.forms.tests import felling

pytestmark = pytest.mark.browser
STATIC = Path(__file__).parents[1] / "static"
SHEETS = ("ui/vendor/bootstrap.min.css", "ui/tokens.css", "ui/shell.css", "ui/forms.css", "ui/service.css")
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
HEAD = """<meta charset="utf-8"><title>{{ step.title_prefix }}{{ step.title }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
{% for one in sheets %}<link rel="stylesheet" href="/static/{{ one }}">{% endfor %}
<script src="/static/ui/early.js"></script><script src="/static/ui/forms.js" defer></script>"""
BODY = """<main class="yw-wrap">{% form_progress form step.key %}
{% error_summary step.errors %}<h1>{{ step.title }}</h1>
<form method="post" action="/sent" enctype="multipart/form-data" novalidate>
{% form_step step "/autosave" %}{% form_actions step %}</form></main>"""
PAGE = f'{{% load forms %}}<!doctype html><html lang="zh-CN"><head>{HEAD}</head><body>{BODY}</body></html>'
POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; object-src 'none'"


class Desk:
    """A browser page, and what it sent."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.sent: list[str] = []
        self.saved: list[str] = []
        self.complaints: list[str] = []
        self.answer: tuple[int, Json] = (200, {"revision": 5, "time": "10:26"})
        self.html = ""
        self.page.on(
            "console", lambda message: self.complaints.append(message.text) if message.type == "error" else None
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.route("**/*", self.serve)

    def show(self, key: str, raw: Raw, *, tried: bool = False) -> Page:
        """Draw one page of the form and open it."""
        form = BoundForm(felling.form(), raw, felling.context(), frozenset({key} if tried else ()), revision=4)
        context = {"form": form, "step": form.step(key), "sheets": SHEETS}
        self.html = Template(PAGE).render(TemplateContext(context))
        self.page.goto("http://localhost/")
        return self.page

    def serve(self, route: Route) -> None:
        """Answer a request of the page."""
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix(settings.STATIC_URL)
            route.fulfill(body=file.read_bytes(), content_type=TYPES[path.rpartition(".")[2]])
        elif path == "/autosave":
            self.saved.append(route.request.post_data or "")
            status, body = self.answer
            route.fulfill(status=status, body=json.dumps(body), content_type="application/json")
        elif path == "/sent":
            self.sent.append(route.request.post_data or "")
            route.fulfill(body="<title>sent</title>", content_type="text/html")
        else:
            headers = {"Content-Security-Policy": POLICY}
            route.fulfill(body=self.html, content_type="text/html; charset=utf-8", headers=headers)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    path = os.environ.get("YIWANG_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        pytest.fail("no Chromium: apt-get install -y chromium, or set YIWANG_CHROMIUM")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Desk]:
    """A visitor on a phone."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", permissions=["geolocation"])
    context.set_default_timeout(5_000)
    context.set_geolocation({"latitude": 27.863041, "longitude": 117.434522, "accuracy": 6.4})
    yield (one := Desk(context))
    folder = os.environ.get("YIWANG_TEST_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        one.page.screenshot(path=f"{folder}/{one.page.title()[:20]}.png", full_page=True)
    context.close()
    assert one.complaints == []


def test_conditions_follow_the_answers(desk: Desk) -> None:
    page = desk.show("applicant", {})
    assert page.locator("[data-group=agent]").is_hidden()
    page.get_by_text("受别人委托代办").click()
    assert page.locator("[data-group=agent]").is_visible()
    page.get_by_text("企业", exact=True).click()
    assert page.locator("[data-field=holder_code]").is_visible()
    assert page.locator("[data-field=holder_number]").is_hidden()


def test_the_cutting_page_follows_method_and_kind(desk: Desk) -> None:
    page = desk.show("cutting", felling.typed())
    assert page.locator("[data-field=intensity]").is_hidden()
    page.get_by_label("择伐").check()
    assert page.locator("[data-field=intensity]").is_visible()
    assert page.locator("[data-field=canopy_after]").is_visible()
    page.get_by_label("竹子").check()
    assert page.locator("[data-field=canopy_after]").is_hidden()
    assert page.locator("[data-group=yield_kinds]").is_hidden()
    assert page.locator("[data-field=stems] [data-opt]").is_hidden(), "stems are due for bamboo"


def test_sums_and_mu_are_worked_out_while_typing(desk: Desk) -> None:
    page = desk.show("cutting", felling.typed())
    page.get_by_label("规格材", exact=True).fill("61.5")
    assert page.locator("output").inner_text() == "72"
    page.locator("#f-area").fill("1.83")
    assert page.locator("#f-area-mu").inner_text() == "合 27.5 亩"


def test_rows_are_added_removed_and_sent_in_order(desk: Desk) -> None:
    page = desk.show("stand", felling.typed())
    page.get_by_role("button", name="再加一个树种").click()
    page.locator("#f-species-2-tree").fill("木荷")
    page.locator("#f-species-2-tenths").fill("1")
    page.get_by_role("button", name="删去 树种 1").click()
    assert page.locator("[data-row-title]").all_inner_texts() == ["树种 1", "树种 2"]
    assert page.locator("#f-species-1-tree").input_value() == "木荷"
    page.get_by_role("button", name="保存并继续").last.click()
    page.wait_for_url("**/sent")
    body = desk.sent[0]
    assert 'name="species-0-tree"\r\n\r\n马尾松' in body
    assert 'name="species-1-tree"\r\n\r\n木荷' in body
    assert 'name="species-2-tree"' not in body


def test_a_table_is_pasted_from_a_spreadsheet(desk: Desk) -> None:
    page = desk.show("stand", {})
    page.locator("#f-species-0-tree").evaluate(
        """(one, cells) => { const data = new DataTransfer(); data.setData("text/plain", cells);
        one.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); }""",
        "杉木\t7\n马尾松\t2\r\n木荷\t1\n",
    )
    trees = [page.locator(f"#f-species-{row}-tree").input_value() for row in range(3)]
    tenths = [page.locator(f"#f-species-{row}-tenths").input_value() for row in range(3)]
    assert (trees, tenths) == (["杉木", "马尾松", "木荷"], ["7", "2", "1"])
    assert page.locator("#f-species-3-tree").count() == 0


def test_an_identity_number_is_checked_while_typing(desk: Desk) -> None:
    page = desk.show("applicant", {"holder_kind": "person"})
    box = page.locator("[data-field=holder_number]")
    box.locator("#f-holder_number-number").fill("110105194912310021")
    assert "校验码对不上" in box.inner_text()
    box.locator("#f-holder_number-number").fill("１１０１０５１９４９１２３１００２x")
    assert "校验码对上了" in box.inner_text()


def test_the_phone_fills_in_where_it_is(desk: Desk) -> None:
    page = desk.show("stand", {})
    page.get_by_role("button", name="用手机定位").click()
    page.get_by_text("定位好了，精度约 6 米").wait_for()
    assert page.locator("#f-gps-lon").input_value() == "117.434522"
    assert page.locator("[name=gps-accuracy]").input_value() == "6"


def test_typing_is_saved_by_itself_and_says_so(desk: Desk) -> None:
    page = desk.show("stand", felling.typed())
    page.locator("#f-place_name").fill("水口背")
    page.get_by_text("10:26 已自动保存，填过的不会丢").wait_for(timeout=8_000)
    (body,) = desk.saved
    assert 'name="place_name"\r\n\r\n水口背' in body
    assert 'name="_autosave"\r\n\r\n1' in body
    assert 'name="_revision"\r\n\r\n4' in body
    assert page.locator("[data-revision]").input_value() == "5"


def test_a_conflict_is_told_and_nothing_typed_is_lost(desk: Desk) -> None:
    desk.answer = (409, {})
    page = desk.show("stand", felling.typed())
    page.locator("#f-place_name").fill("水口背")
    page.get_by_text("这一页在另一个窗口改过").wait_for(timeout=8_000)
    assert page.locator("#f-place_name").input_value() == "水口背"
    desk.complaints.clear()  # the console notes the 409


def test_two_clicks_send_once(desk: Desk) -> None:
    page = desk.show("rights", felling.typed())
    button = page.get_by_role("button", name="保存并继续").last
    button.evaluate("(one) => { one.click(); one.click(); }")
    page.wait_for_url("**/sent")
    assert len(desk.sent) == 1


def test_leaving_with_unsaved_words_is_asked_about(desk: Desk) -> None:
    page = desk.show("rights", felling.typed())
    page.locator("#f-right_certificate").press_sequentially("新")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.once("dialog", leave)
    page.close(run_before_unload=True)
    page.wait_for_event("close")
    assert asked == ["beforeunload"]
    desk.page = page.context.new_page()


@pytest.mark.parametrize("key", [step.key for step in felling.form().steps])
def test_pages_are_accessible_with_and_without_errors(desk: Desk, key: str) -> None:
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
    for raw in (felling.typed(), {}):
        page = desk.show(key, raw, tried=not raw)
        found = Axe().run(page, options=rules)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= 390"), "no sideways scrolling on a phone"


def test_the_error_summary_takes_the_focus_and_leads_to_the_input(desk: Desk) -> None:
    page = desk.show("stand", felling.typed(age="", canopy="七成"), tried=True)
    assert page.title() == "有 2 处需要修改：采伐地点与林分"
    assert page.evaluate("document.activeElement.className") == "yw-errsum"
    page.get_by_role("link", name="请填写林龄").click()
    assert page.evaluate("document.activeElement.id") == "f-age"


def test_without_script_everything_can_be_filled_in(chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    desk = Desk(context)
    page = desk.show("cutting", {})
    assert page.locator("#f-intensity").is_visible()
    assert page.locator("#f-volume").is_visible()
    page.locator("#f-area").fill("0.83")
    page.locator("#f-area").press("Enter")
    page.wait_for_url("**/sent")
    assert 'name="_next"' in desk.sent[0]
    context.close()
