"""The whole public job without a single script: the pages alone must carry it."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.hall.walk import PHOTO, answers, begin, citizen, fill, hand_in, onward, steps
from tests.node.running import RunningNode


def test_apply_upload_hand_in_and_track(node: RunningNode, open_page: OpenPage) -> None:
    page = open_page(phone=True, scripts=False)
    login = citizen(node, 7)
    begin(page, login)
    raw = answers(login, 31)
    for step in steps():
        expect(page.locator("h1")).to_have_text(step.title)
        fill(page, step, raw)
        if step.key == "materials":
            upload(page)
        onward(page)
    expect(page.locator("main")).to_contain_text(PHOTO.name)
    receipt = hand_in(page)
    page.goto("/track/")
    page.get_by_label("办件编号").fill(receipt.number)
    page.get_by_label("查询码").fill(receipt.code)
    page.get_by_role("button", name="查进度").click()
    expect(page.locator("#status")).to_contain_text("等待受理")


def upload(page: Page) -> None:
    """Choose a photo and press the button beside it."""
    page.locator('[name="file-site_photos"]').set_input_files(PHOTO)
    page.locator('button[name=_upload][value="site_photos"]').click()
    expect(page.get_by_role("link", name=PHOTO.name)).to_be_visible()


def test_menu_tabs_and_elder_mode(open_page: OpenPage) -> None:
    page = open_page(phone=True, scripts=False)
    page.goto("/")
    expect(page.get_by_role("navigation", name="主导航").get_by_role("link", name="核验证书")).to_be_visible()
    page.get_by_text("长者版").click()
    assert page.locator("html").get_attribute("data-elder") is not None
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
