"""Intake at the counter: accept, one notice with everything in it, refuse by ground, file for a villager."""

import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import CheckAxe
from tests.browser.desk.conftest import CLERK, Ask, Staff
from yiwang.project.demo.people import villager


def choose(page: Page, label: str) -> None:
    """Open a way of deciding."""
    page.locator(".moves label", has_text=re.compile(f"^{label}$")).click()


def test_accepting_gives_a_dated_receipt_and_starts_the_limits(staff: Staff, ask: Ask, is_accessible: CheckAxe) -> None:
    made = ask("make_case", node="intake")
    page = staff(CLERK)
    page.goto(f"/desk/items/{made['item']}/")
    is_accessible(page)
    expect(page.locator(".decide .mv-1")).to_contain_text("现场核查")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status")).to_contain_text("已提交")
    expect(page.locator("main")).to_contain_text("受理通知书")
    expect(page.locator("#clocks")).to_contain_text("法定时限")
    page.locator("#clocks summary").first.click()
    expect(page.locator("#clocks .why-days").first).to_contain_text("起算，当天不计")
    assert ask("state", case=made["case"])["open"] == ["field_check", "rule_check"]


def test_one_notice_names_everything_and_only_once(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="intake")
    page = staff(CLERK)
    page.goto(f"/desk/items/{made['item']}/")
    choose(page, "一次告知补正")
    page.get_by_role("button", name="发出一次性告知书").click()
    expect(page.get_by_role("alert")).to_contain_text("行政许可法")
    assert ask("state", case=made["case"])["open"] == ["intake"]
    choose(page, "一次告知补正")
    page.get_by_label("林权证、不动产权证或者合同", exact=True).check()
    page.locator("#say-right_paper").fill("证号那一页看不清，请重拍")
    page.get_by_text(re.compile("申请表里的项目")).click()
    page.get_by_label("小地名", exact=True).check()
    page.locator("#opinion").fill("补好以后到窗口或者在网上交都行。")
    page.get_by_role("button", name="发出一次性告知书").click()
    expect(page.get_by_role("status")).to_contain_text("已提交")
    paper = page.locator(".opn", has_text="补正材料一次性告知书")
    expect(paper).to_contain_text("证号那一页看不清，请重拍")
    expect(paper).to_contain_text("小地名：请更正")
    expect(paper).to_contain_text("补好以后到窗口")
    assert ask("state", case=made["case"])["open"] == ["supplement"]


def test_refusing_names_the_ground_and_the_right_authority(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="intake")
    page = staff(CLERK)
    page.goto(f"/desk/items/{made['item']}/")
    choose(page, "不予受理")
    page.locator("#opinion").fill("这片林子在上犹县，不归本县管。")
    page.locator("[name=ground][value=not_ours]").check()
    page.get_by_role("button", name="作出不予受理决定").click()
    expect(page.get_by_role("alert")).to_contain_text("向哪个机关申请")
    expect(page.locator("#opinion")).to_have_value("这片林子在上犹县，不归本县管。")
    expect(page.locator("[name=ground][value=not_ours]")).to_be_checked()
    assert ask("state", case=made["case"])["open"] == ["intake"]
    page.locator("#authority").fill("上犹县林业局")
    page.get_by_role("button", name="作出不予受理决定").click()
    expect(page.locator("main")).to_contain_text("不予受理决定书")
    assert ask("state", case=made["case"])["open"] == []


def test_a_session_that_ended_keeps_the_opinion(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="intake")
    page = staff(CLERK)
    page.goto(f"/desk/items/{made['item']}/")
    page.locator("#opinion").fill("写了一半的意见")
    page.reload()
    expect(page.locator("#opinion")).to_have_value("写了一半的意见")
    page.locator("#decide .mv-1 .btn-main").click()
    expect(page.get_by_role("status")).to_contain_text("已提交")
    assert page.evaluate(f"sessionStorage.getItem('yw:{made['item']}')") is None


def photo(folder: Path) -> Path:
    """A picture to upload."""
    path = folder / "签字.jpg"
    Image.new("RGB", (640, 480), (240, 238, 230)).save(path)
    return path


def test_the_counter_knows_a_villager_and_registers_a_new_one(
    staff: Staff, is_accessible: CheckAxe, tmp_path: Path
) -> None:
    page = staff(CLERK)
    page.goto("/desk/new/")
    is_accessible(page)
    page.get_by_role("link", name="林木采伐许可").click()
    is_accessible(page)
    stranger = villager(77)
    page.locator("#id_number").fill(stranger.identity)
    page.locator("#name").fill(stranger.name)
    page.get_by_role("button", name="下一步，填申请表").click()
    expect(page.get_by_role("alert")).to_contain_text("本人签字的同意书")
    expect(page.locator("#name")).to_have_value(stranger.name)
    page.locator("#consent").set_input_files(photo(tmp_path))
    page.get_by_role("button", name="下一步，填申请表").click()
    expect(page.locator(".case-head")).to_contain_text(f"帮{stranger.name}申请")
    expect(page.locator("[name=holder]")).to_have_value(stranger.name)
    is_accessible(page)
    page.get_by_role("button", name="保存并继续").last.click()
    expect(page.get_by_role("alert")).to_contain_text("需要修改")
