"""The worklist: keys, filters in the address, preview, bulk, export, phone, no script."""

import csv
import io
import re
import zipfile

from playwright.sync_api import expect

from tests.browser.conftest import CheckAxe
from tests.browser.desk.conftest import CHECKER, CLERK, FIRST_OFFICER, OTHER_CLERK, Ask, Staff


def test_the_list_is_worked_by_keys_alone(staff: Staff, ask: Ask, is_accessible: CheckAxe) -> None:
    ask("make_case", node="intake")
    ask("make_case", node="intake")
    page = staff(CLERK)
    page.goto("/desk/")
    rows = page.locator(".wl-row")
    expect(rows.first).to_have_attribute("aria-current", "true")
    expect(page.locator("#preview h2")).to_be_visible()
    is_accessible(page)
    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    title = rows.nth(1).locator(".wl-t a").inner_text()
    expect(page.locator("#preview h2")).to_contain_text(title.split("（")[0].strip())
    page.keyboard.press("x")
    expect(page.locator(".bulk")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".bulk")).to_be_hidden()
    page.keyboard.press("k")
    expect(rows.first).to_have_attribute("aria-current", "true")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    expect(page.locator(".wl[data-view=table]")).to_be_visible()
    is_accessible(page)
    page.keyboard.press("v")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/desk/items/\d+/$"))
    page.keyboard.press("u")
    expect(page).to_have_url(re.compile(r"/desk/$"))


def test_the_palette_asks_the_server(staff: Staff, ask: Ask, is_accessible: CheckAxe) -> None:
    made = ask("make_case", node="intake")
    page = staff(CLERK)
    page.goto("/desk/")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    is_accessible(page)
    page.keyboard.type(made["number"])
    expect(page.locator("#palette [role=option]").first).to_contain_text(made["number"])
    expect(page.locator("#palette [role=option]")).to_have_count(2)
    expect(page.locator("#palette [role=option]").last).to_contain_text("搜索全部内容")
    page.keyboard.press("Enter")
    expect(page.locator(".case-head")).to_contain_text(made["number"])


def test_filters_stand_in_the_address(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="intake")
    page = staff(CLERK)
    page.goto(f"/desk/?q={made['number']}")
    expect(page.locator(".wl-row")).to_have_count(1)
    page.get_by_role("link", name="清除筛选").first.click()
    expect(page).to_have_url(re.compile(r"/desk/$"))
    page.goto("/desk/?q=没有这样的件")
    expect(page.locator(".empty")).to_contain_text("没有符合筛选的件")


def test_opening_marks_as_read_and_bulk_claims(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="intake")
    page = staff(CLERK)
    page.goto(f"/desk/?q={made['number']}")
    expect(page.locator(".wl-row.new")).to_have_count(1)
    with page.expect_response(re.compile("/read/")):
        page.goto(f"/desk/items/{made['item']}/")
    page.goto(f"/desk/?q={made['number']}")
    expect(page.locator(".wl-row.new")).to_have_count(0)
    page.locator(".wl-row .form-check-input").check()
    page.get_by_role("button", name="领办").first.click()
    expect(page.get_by_role("status")).to_contain_text("已领办 1 件")
    other = staff(OTHER_CLERK)
    other.goto(f"/desk/?q={made['number']}")
    expect(other.locator(".wl-row")).to_have_count(0)


def test_what_is_shown_can_be_taken_along(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="intake")
    page = staff(CLERK)
    page.goto("/desk/")
    text = page.request.get(f"/desk/export/?format=csv&q={made['number']}").body().decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert [line[1] for line in lines[1:]] == [made["number"]]
    book = page.request.get(f"/desk/export/?format=xlsx&q={made['number']}").body()
    sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert made["number"] in sheet
    assert made["title"] in sheet


def test_the_list_on_a_phone(staff: Staff, ask: Ask, is_accessible: CheckAxe) -> None:
    ask("make_case", node="field_check")
    page = staff(FIRST_OFFICER, phone=True)
    page.goto("/desk/")
    expect(page.locator(".wl-row").first).to_be_visible()
    is_accessible(page)
    assert page.locator("html").evaluate("page => page.scrollWidth") <= 390
    page.locator(".wl-row .wl-t a").first.click()
    expect(page.locator(".ph-foot .btn-main")).to_be_visible()
    is_accessible(page)
    assert page.locator("html").evaluate("page => page.scrollWidth") <= 390


def test_everything_but_keys_and_preview_works_without_script(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="intake")
    page = staff(CLERK, scripts=False)
    page.goto(f"/desk/?q={made['number']}")
    page.get_by_role("link", name=re.compile(made["title"][:6])).first.click()
    expect(page.locator(".case-head")).to_contain_text(made["number"])
    page.get_by_role("link", name=re.compile("操作记录")).click()
    expect(page.locator("main")).to_contain_text("没有改动")
    page.get_by_role("link", name="办理", exact=True).click()
    page.locator("#decide .mv-1 .btn-main").click()
    expect(page.get_by_role("status")).to_contain_text("已提交")
    assert ask("state", case=made["case"])["open"] == ["field_check", "rule_check"]


def test_light_and_dark(staff: Staff, is_accessible: CheckAxe) -> None:
    page = staff(CHECKER)
    page.goto("/desk/")
    page.keyboard.press("t")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    is_accessible(page)
    page.keyboard.press("t")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
