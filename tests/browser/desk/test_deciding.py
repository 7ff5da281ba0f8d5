"""Deciding a step: judgements, review, return, transfer, sign, and everything that goes wrong on the way."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import CheckAxe
from tests.browser.desk.conftest import (
    APPROVER,
    CHECKER,
    CLERK,
    OTHER_CHECKER,
    OTHER_CLERK,
    REVIEWER,
    SIGNER,
    Ask,
    Staff,
)
from tests.browser.desk.test_intake import choose


def test_a_finding_waits_for_a_person(staff: Staff, ask: Ask, is_accessible: CheckAxe) -> None:
    made = ask("make_case", node="rule_check", slope=28)
    page = staff(CHECKER)
    page.goto(f"/desk/items/{made['item']}/")
    is_accessible(page)
    button = page.locator("#decide .mv-1 .btn-main")
    expect(button).to_be_disabled()
    expect(page.locator("#decide")).to_contain_text("判断后才能提交")
    page.locator(".finding.ask .reason").fill("设计里有等高堆带")
    page.get_by_role("button", name="有措施，可行").click()
    expect(page.locator(".finding.ask")).to_contain_text(f"{CHECKER}：有措施，可行，设计里有等高堆带")
    expect(button).to_be_enabled()
    page.locator(".phrases .chip").first.click()
    expect(page.locator("#opinion")).not_to_have_value("")
    button.click()
    expect(page.get_by_role("status")).to_contain_text("已提交")
    assert "rule_check" in ask("state", case=made["case"])["done"]


def test_materials_by_number_keys_and_the_chain(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="review")
    page = staff(REVIEWER)
    page.goto(f"/desk/items/{made['item']}/")
    page.keyboard.press("1")
    expect(page.locator("#material .sheet").first).to_contain_text("林木采伐许可申请")
    page.keyboard.press("2")
    expect(page.locator("#material img").first).to_be_visible()
    assert page.locator("#material img").first.evaluate("image => image.naturalWidth > 0 || !image.complete")
    page.get_by_role("link", name=re.compile("操作记录")).click()
    expect(page.locator("main")).to_contain_text("逐条核对，没有改动")
    page.get_by_role("link", name="限额台账").click()
    expect(page.locator("main")).to_contain_text("本件在签发时才占用限额")


def test_returning_to_any_earlier_step_needs_a_reason(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="approve")
    page = staff(APPROVER)
    page.goto(f"/desk/items/{made['item']}/")
    choose(page, "退回")
    expect(page.locator(".mv [name=target]")).to_have_count(5)
    page.get_by_label(re.compile("^条件审查")).check()
    page.get_by_role("button", name="退回", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("请写明意见或理由")
    assert ask("state", case=made["case"])["open"] == ["approve"]
    choose(page, "退回")
    page.get_by_label(re.compile("^条件审查")).check()
    page.locator("#opinion").fill("坡度没有核实，请补充。")
    page.get_by_role("button", name="退回", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已退回")
    after = ask("state", case=made["case"])
    assert after["open"] == ["rule_check"]
    assert "field_confirm" in after["done"]
    checker = staff(CHECKER)
    checker.goto(f"/desk/?q={made['number']}")
    if not checker.locator(".wl-row").count():
        checker = staff(OTHER_CHECKER)
        checker.goto(f"/desk/?q={made['number']}")
    expect(checker.locator(".wl-row")).to_contain_text(f"{APPROVER}退回")


def test_handing_over_to_a_colleague(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="intake")
    page = staff(CLERK)
    page.goto(f"/desk/items/{made['item']}/")
    choose(page, "转办")
    colleague = page.locator("#to option", has_text=OTHER_CLERK).get_attribute("value")
    page.locator("#to").select_option(colleague)
    page.locator("#opinion").fill("明天出差")
    page.get_by_role("button", name="转办", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已转办")
    other = staff(OTHER_CLERK)
    other.goto(f"/desk/items/{made['item']}/")
    expect(other.locator("#decide")).to_be_visible()
    page.goto(f"/desk/items/{made['item']}/")
    expect(page.locator("main")).to_contain_text("现在不由您办理")


def test_the_director_signs_on_his_phone(staff: Staff, ask: Ask, is_accessible: CheckAxe) -> None:
    made = ask("make_case", node="sign")
    page = staff(SIGNER, phone=True)
    page.goto(f"/desk/items/{made['item']}/")
    is_accessible(page)
    foot = page.locator(".ph-foot .btn-main")
    expect(foot).to_have_text("准予许可")
    expect(page.locator("#decide")).to_contain_text("占用限额 36.5 立方米")
    foot.click()
    expect(page.get_by_role("status")).to_contain_text("已提交")
    expect(page.locator("main")).to_contain_text(re.compile(r"崇林采字〔\d{4}〕第\d{6}号"))
    assert "sign" in ask("state", case=made["case"])["done"]


def test_the_quota_ran_out_in_between(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="sign")
    page = staff(SIGNER, phone=True)
    page.goto(f"/desk/items/{made['item']}/")
    page.locator("#opinion").fill("同意，请按设计采伐。")
    before = ask("leave_quota", left="10")
    try:
        page.locator(".ph-foot .btn-main").click()
        expect(page.get_by_role("alert")).to_contain_text("10 立方米")
        expect(page.locator("#opinion")).to_have_value("同意，请按设计采伐。")
        expect(page.locator(".finding.bad")).to_contain_text("不够")
        expect(page.locator(".ph-foot .btn-main")).to_be_disabled()
        after = ask("state", case=made["case"])
        assert after["open"] == ["sign"]
        assert "sign" not in after["done"]
    finally:
        ask("leave_quota", left=before)
    page.reload()
    expect(page.locator(".ph-foot .btn-main")).to_be_enabled()


def test_two_clerks_on_one_step(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="intake")
    first, second = staff(CLERK), staff(OTHER_CLERK)
    for page in (first, second):
        page.goto(f"/desk/items/{made['item']}/")
    second.locator("#opinion").fill("我写了很长的意见")
    first.locator("#decide .mv-1 .btn-main").click()
    expect(first.get_by_role("status")).to_contain_text("已提交")
    second.locator("#decide .mv-1 .btn-main").click()
    expect(second.get_by_role("alert")).to_contain_text("这一步已经办过")
    expect(second.locator("main")).to_contain_text("您刚才写的意见没有提交")
    expect(second.locator("main")).to_contain_text("我写了很长的意见")
    assert ask("state", case=made["case"])["done"] == ["intake"]


def test_a_double_click_decides_once(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="intake")
    page = staff(CLERK)
    page.goto(f"/desk/items/{made['item']}/")
    page.locator("#decide .mv-1 .btn-main").dblclick()
    expect(page.get_by_role("status")).to_contain_text("已提交")
    assert ask("state", case=made["case"])["done"] == ["intake"]


def test_the_back_button_decides_nothing_twice(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="intake")
    page = staff(CLERK, scripts=False)
    page.goto(f"/desk/items/{made['item']}/")
    page.locator("#decide .mv-1 .btn-main").click()
    expect(page.get_by_role("status")).to_contain_text("已提交")
    page.go_back()
    if page.locator("#decide .mv-1 .btn-main").count():
        page.locator("#decide .mv-1 .btn-main").click()
        expect(page.get_by_role("status")).to_contain_text("已经提交过了")
    assert ask("state", case=made["case"])["done"] == ["intake"]


def test_a_stranger_to_the_case_learns_nothing(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="intake")
    outsider = staff("康岩松")
    outsider.goto(f"/desk/items/{made['item']}/")
    expect(outsider.locator("[role=alert]")).to_be_visible()
    assert made["number"] not in outsider.content()
    for path in (f"items/{made['item']}/preview/", f"cases/{made['case']}/?tab=log", "items/99999999/"):
        answer = outsider.request.get(f"/desk/{path}")
        assert answer.status == 404
        assert made["number"] not in answer.text()


def test_suspending_stops_the_clock_and_resuming_lets_it_go_on(staff: Staff, ask: Ask) -> None:
    made = ask("make_case", node="review")
    page = staff(REVIEWER)
    page.goto(f"/desk/items/{made['item']}/")
    choose(page, "其他")
    page.get_by_text("中止（停表）").first.click()
    page.locator("#o-suspend").select_option("expert_review")
    page.locator("#n-suspend").fill("崇林告〔2026〕1号")
    page.locator("#opinion").fill("请省林科院专家评审采伐设计")
    page.get_by_role("button", name="中止（停表）").click()
    expect(page.get_by_role("status")).to_contain_text("期限停止计算")
    expect(page.locator(".case-head")).to_contain_text("已中止")
    expect(page.locator("#decide .mv-1 .btn-main")).to_be_disabled()
    choose(page, "其他")
    page.get_by_text("恢复办理").first.click()
    page.get_by_role("button", name="恢复办理").click()
    expect(page.get_by_role("status")).to_contain_text("期限接着计算")
    expect(page.locator("#decide .mv-1 .btn-main")).to_be_enabled()
