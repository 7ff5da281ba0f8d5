"""The public job on a phone: find, read, apply, hand in, track; each page fits the screen and passes axe."""

from io import BytesIO

import pikepdf
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import CheckAxe, OpenPage
from tests.browser.hall.walk import (
    PHOTO,
    answers,
    begin,
    citizen,
    fill,
    fill_all,
    fits,
    hand_in,
    onward,
    receipt_on,
    sign_in,
    steps,
)
from tests.node.running import RunningNode


def test_from_the_search_box_to_the_guide(phone: Page, is_accessible: CheckAxe) -> None:
    phone.goto("/")
    assert fits(phone)
    is_accessible(phone)
    phone.locator("#q").fill("砍自家的杉木要办什么证")
    phone.locator("#q").press("Enter")
    phone.get_by_role("link", name="林木采伐许可").first.click()
    expect(phone.locator("h1")).to_have_text("林木采伐许可")
    expect(phone.locator(".yw-flow--tall")).to_be_visible()
    expect(phone.locator(".yw-flow--wide")).to_be_hidden()
    for heading in ("先看要不要办", "要交什么材料", "多久能办好", "办理流程", "去哪里办", "常见问题", "依据和救济"):
        expect(phone.get_by_role("heading", name=heading)).to_be_visible()
    assert fits(phone)
    is_accessible(phone)


def test_quota_and_counters_of_ones_county(phone: Page) -> None:
    phone.goto("/items/forestry.felling/")
    phone.locator("#where").get_by_role("link", name="崇义县").click()
    expect(phone.locator("#where")).to_contain_text("横水镇林业工作站")
    expect(phone.locator("#who table")).to_contain_text("立方米")
    assert fits(phone)


def test_the_flow_lies_down_on_a_wide_screen(desk: Page, is_accessible: CheckAxe) -> None:
    desk.goto("/items/forestry.felling/")
    expect(desk.locator(".yw-flow--wide")).to_be_visible()
    expect(desk.locator(".yw-flow--tall")).to_be_hidden()
    is_accessible(desk)


def test_apply_with_a_photo_and_track_by_number_and_code(
    node: RunningNode, phone: Page, open_page: OpenPage, is_accessible: CheckAxe
) -> None:
    login = citizen(node, 1)
    begin(phone, login)
    raw = answers(login, 21)
    for step in steps():
        assert fits(phone), step.key
        is_accessible(phone)
        fill(phone, step, raw)
        if step.key == "materials":
            phone.locator('[name="file-site_photos"]').set_input_files(PHOTO)
            expect(phone.get_by_role("link", name=PHOTO.name)).to_be_visible()
        onward(phone)
    expect(phone.locator("main")).to_contain_text("hillside.png")
    is_accessible(phone)
    receipt = hand_in(phone)
    assert fits(phone)
    is_accessible(phone)
    shown = zxingcpp.read_barcodes(Image.open(BytesIO(phone.locator(".yw-qr svg").screenshot())))
    assert "/track/" in shown[0].text
    assert receipt.code.replace("-", "") not in shown[0].text
    stranger = open_page(phone=True)
    stranger.goto("/track/")
    stranger.get_by_label("办件编号").fill(receipt.number)
    stranger.get_by_label("查询码").fill(receipt.code)
    stranger.get_by_role("button", name="查进度").click()
    expect(stranger.locator("#status")).to_contain_text("等待受理")
    expect(stranger.locator("#status")).to_contain_text("5 个工作日")
    expect(stranger.locator(".yw-days .due")).to_contain_text("到期")
    assert login.name not in stranger.content()
    assert fits(stranger)
    is_accessible(stranger)


def test_a_wrong_code_says_so_and_keeps_the_number(phone: Page, is_accessible: CheckAxe) -> None:
    phone.goto("/track/")
    phone.get_by_label("办件编号").fill("崇林采申〔2026〕99999号")
    phone.get_by_label("查询码").fill("AAAA-BBBB-CCCC")
    phone.get_by_role("button", name="查进度").click()
    expect(phone.locator(".yw-errsum")).to_contain_text("没有查到")
    expect(phone.locator(".yw-errsum")).to_be_focused()
    expect(phone.get_by_label("办件编号")).to_have_value("崇林采申〔2026〕99999号")
    is_accessible(phone)


def test_errors_are_summed_up_and_lead_to_their_fields(node: RunningNode, phone: Page, is_accessible: CheckAxe) -> None:
    begin(phone, citizen(node, 2))
    onward(phone)
    summary = phone.locator(".yw-errsum")
    expect(summary).to_be_focused()
    assert phone.title().startswith("有 ")
    is_accessible(phone)
    link = summary.get_by_role("link").first
    anchor = (link.get_attribute("href") or "").removeprefix("#")
    link.click()
    expect(phone.locator(f"[id='{anchor}']")).to_be_in_viewport()


def test_two_clicks_make_one_case_and_the_back_button_leads_to_the_receipt(node: RunningNode, phone: Page) -> None:
    login = citizen(node, 3)
    begin(phone, login)
    fill_all(phone, answers(login, 22))
    phone.get_by_label("我已看过，同意上面的承诺").check()
    phone.get_by_role("button", name="提交申请").dblclick(no_wait_after=True)
    expect(phone.locator("h1")).to_contain_text("已收到您的申请")
    receipt = receipt_on(phone)
    phone.go_back()
    phone.reload()
    expect(phone.locator("#receipt-number")).to_have_text(receipt.number)
    phone.goto("/mine/")
    assert phone.locator(".yw-case", has_text=receipt.number).count() == 1


def test_the_receipt_prints_on_one_page(node: RunningNode, phone: Page) -> None:
    login = citizen(node, 4)
    begin(phone, login)
    fill_all(phone, answers(login, 23))
    hand_in(phone)
    with pikepdf.open(BytesIO(phone.pdf(format="A4"))) as paper:
        assert len(paper.pages) == 1


def test_what_was_typed_survives_the_end_of_the_session(node: RunningNode, phone: Page) -> None:
    login = citizen(node, 5)
    begin(phone, login)
    raw = answers(login, 24)
    applicant, rights = steps()[:2]
    fill(phone, applicant, raw)
    onward(phone)
    expect(phone.locator("h1")).to_have_text(rights.title)
    fill(phone, rights, raw)
    phone.context.clear_cookies(name="yw_session")
    onward(phone)
    expect(phone.locator("main")).to_contain_text("已经替您留着")
    sign_in(phone, login)
    expect(phone.locator("h1")).to_have_text(steps()[2].title)
    phone.locator(".yw-back").click()
    expect(phone.locator("h1")).to_have_text(rights.title)
    expect(phone.locator('[name="right_certificate"]')).to_have_value(str(raw["right_certificate"]))


def test_elder_mode_keeps_what_is_being_typed(node: RunningNode, phone: Page) -> None:
    begin(phone, citizen(node, 6))
    phone.locator('[name="address"]').fill("石塘村三组")
    phone.get_by_text("长者版").click()
    assert phone.locator("html").get_attribute("data-elder") is not None
    expect(phone.locator('[name="address"]')).to_have_value("石塘村三组")
    assert fits(phone)
    phone.goto("/")
    assert phone.locator("html").get_attribute("data-elder") is not None
    phone.get_by_text("标准版").click()
    phone.goto("/")
    assert phone.locator("html").get_attribute("data-elder") is None


def test_the_keyboard_alone_fills_in_and_sends_a_page(node: RunningNode, desk: Page) -> None:
    begin(desk, citizen(node, 0))
    desk.keyboard.press("Tab")
    expect(desk.locator(".yw-skip")).to_be_focused()
    desk.keyboard.press("Enter")
    desk.locator('[name="on_behalf"]').first.focus()
    desk.keyboard.press("Space")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Space")
    expect(desk.locator('[name="on_behalf"][value="own"]')).to_be_checked()
    expect(desk.locator('[name="holder_kind"][value="person"]')).to_be_checked()
    desk.locator('[name="address"]').focus()
    desk.keyboard.type("石塘村三组")
    desk.keyboard.press("Tab")
    while not desk.evaluate("document.activeElement.matches('.yw-act [name=_next]')"):
        desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.locator("h1")).to_have_text(steps()[1].title)
