"""The system officer at a browser: a person is added and appointed by keyboard, on a phone and without script."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import CheckAxe, OpenPage

PAGES = (
    "/admin/",
    "/admin/?unit=3&person=2",
    "/admin/health/",
    "/admin/calendar/",
    "/admin/imports/",
    "/admin/changes/",
)
FORMS = ("/admin/units/3/", "/admin/people/new/", "/admin/units/3/close/", "/admin/units/3/posts/")


@pytest.mark.parametrize("phone", [False, True])
def test_pages_are_accessible_and_fit(desk_of: OpenPage, is_accessible: CheckAxe, phone: bool) -> None:
    page = desk_of(phone=phone)
    for path in (*PAGES, *FORMS):
        page.goto(path)
        is_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path


@pytest.mark.parametrize("scripts", [True, False])
def test_a_person_is_added_and_appointed_by_keyboard(desk_of: OpenPage, scripts: bool) -> None:
    page = desk_of(scripts=scripts)
    name = "吴晓兰" if scripts else "邹文涛"
    page.goto("/admin/?unit=4")
    page.get_by_role("link", name="加人").focus()
    page.keyboard.press("Enter")
    page.get_by_label("姓名").focus()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(name)
    page.get_by_label("岗位", exact=True).select_option(index=1)
    page.get_by_role("button", name="保存").press("Enter")
    expect(page.locator("#person")).to_contain_text(name)
    expect(page.locator(".tl").first).to_contain_text("任命")


def test_what_was_typed_wrong_is_kept_and_blamed(desk_of: OpenPage) -> None:
    page: Page = desk_of(phone=True)
    page.goto("/admin/people/new/")
    page.get_by_label("工号").fill("QS2026")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("姓名")
    expect(page.get_by_label("工号")).to_have_value("QS2026")
