"""Two officers check the block on their phones: photographs, position, each signed in himself; also without script."""

import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import CheckAxe
from tests.browser.desk.conftest import FIRST_OFFICER, SECOND_OFFICER, Ask, Staff

ANSWERS = {
    "place": {"applicant_present": "true", "place_agrees": "true", "boundaries_agree": "true", "species_agree": "true"}
    | {"origin_agrees": "true", "right_agrees": "true", "closed_forest": "false", "regeneration_done": "none"}
    | {"rare_trees": "false"},
    "measure": {"measured_area": "1.2", "measured_volume": "36", "canopy_before": "0.7", "canopy_after": "0.5"}
    | {"measured_slope": "22"},
    "result": {"field_result": "agree", "field_opinion": "与申请一致，建议准予。", "second_officer": SECOND_OFFICER},
}


def fill_page(page: Page, answers: dict[str, str]) -> None:
    """Answer by name, whether it is chosen or typed."""
    for name, value in answers.items():
        radio = page.locator(f"[name='{name}'][type=radio][value='{value}']")
        if radio.count():
            radio.check()
        else:
            page.locator(f"[name='{name}']").fill(value)


def onward(page: Page) -> None:
    """The button at the end of a page."""
    page.get_by_role("button", name="保存并继续").last.click()


def photos(folder: Path) -> list[Path]:
    """Three pictures."""
    paths = [folder / f"现场{number}.jpg" for number in range(3)]
    for number, path in enumerate(paths):
        Image.new("RGB", (800, 600), (90 + number * 20, 140, 90)).save(path)
    return paths


def upload(page: Page, folder: Path) -> None:
    """Put the photographs into their slot; with script they may be sent at once."""
    page.locator("[name=file-field_photos]").set_input_files(photos(folder))
    button = page.locator("[name=_upload][value=field_photos]")
    if button.is_visible():
        button.click()
    expect(page.locator("main")).to_contain_text("现场2.jpg")


def test_two_officers_check_the_block_on_their_phones(
    staff: Staff, ask: Ask, is_accessible: CheckAxe, tmp_path: Path
) -> None:
    made = ask("make_case", node="field_check")
    page = staff(FIRST_OFFICER, phone=True)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 114.3075, "latitude": 25.6812, "accuracy": 7})
    page.goto(f"/desk/items/{made['item']}/")
    page.locator(".ph-foot .btn-main").click()
    expect(page).to_have_url(re.compile("/place/$"))
    is_accessible(page)
    page.locator("[name=checked_on]").fill("2026-11-20")
    page.get_by_role("button", name="用手机定位").click()
    expect(page.locator("[name=measured_point-lon]")).to_have_value("114.307500")
    expect(page.locator("main")).to_contain_text("7 米")
    fill_page(page, ANSWERS["place"])
    onward(page)
    expect(page).to_have_url(re.compile("/measure/$"))
    fill_page(page, ANSWERS["measure"])
    onward(page)
    expect(page).to_have_url(re.compile("/result/$"))
    fill_page(page, ANSWERS["result"])
    upload(page, tmp_path)
    assert page.locator("html").evaluate("page => page.scrollWidth") <= 390
    onward(page)
    expect(page).to_have_url(re.compile("/review/$"))
    is_accessible(page)
    page.get_by_role("button", name="提交核查记录").click()
    expect(page.get_by_role("status")).to_contain_text("已提交")
    assert "field_confirm" in ask("state", case=made["case"])["open"]
    page.goto(f"/desk/?q={made['number']}")
    page.locator(".wl-row .wl-t a", has_text=re.compile(".")).first.click()
    _confirm(page, is_same=True)
    expect(page.get_by_role("alert")).to_be_visible()
    assert "field_confirm" in ask("state", case=made["case"])["open"]
    second = staff(SECOND_OFFICER, phone=True)
    second.goto(f"/desk/?q={made['number']}")
    second.locator(".wl-row .wl-t a").first.click()
    expect(second.locator("main")).to_contain_text("与申请一致，建议准予。")
    _confirm(second, is_same=True)
    expect(second.get_by_role("status")).to_contain_text("已提交")
    assert "field_confirm" in ask("state", case=made["case"])["done"]


def _confirm(page: Page, *, is_same: bool) -> None:
    """Second officer's page, if the step has one, then the decision."""
    page.locator(".ph-foot .btn-main").click()
    if page.locator("[name=was_there]").count():
        page.locator("[name=was_there]").check()
        fill_page(page, {"confirm_result": "same" if is_same else "differs"})
        onward(page)
        page.get_by_role("button", name="确认", exact=True).click()


def test_a_page_left_half_filled_is_kept(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="field_check")
    page = staff(FIRST_OFFICER, phone=True, scripts=False)
    page.goto(f"/desk/items/{made['item']}/")
    page.locator(".ph-foot .btn-main").click()
    page.locator("[name=absent_note]").fill("在外打工")
    page.get_by_role("button", name="先保存，以后再填").click()
    expect(page).to_have_url(re.compile(rf"/desk/items/{made['item']}/$"))
    page.locator(".ph-foot .btn-main").click()
    expect(page.locator("[name=absent_note]")).to_have_value("在外打工")
    onward(page)
    expect(page.get_by_role("alert")).to_contain_text("需要修改")
    expect(page.locator("[name=absent_note]")).to_have_value("在外打工")
