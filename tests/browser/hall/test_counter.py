"""A station clerk files for a villager who has no telephone; the villager's papers lie before him."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import CheckAxe
from tests.browser.hall.walk import KEY, Login, answers, fill_all, fits, hand_in
from tests.node.running import RunningNode
from yiwang.project.demo.people import villager

CLERK = "何满仓"
WITHOUT_PHONE = 9


def sign_in_clerk(node: RunningNode, page: Page) -> None:
    """Password, then the code of the moment."""
    lines = (node.data / "demo-accounts.txt").read_text("utf-8").splitlines()
    username, password = next(line for line in lines if CLERK in line).split()[:2]
    page.goto("/id/staff/?next=/help/")
    page.locator("main input[type=text], main input:not([type])").first.fill(username)
    page.locator("main input[type=password]").fill(password)
    page.locator("main form button[type=submit]").first.click()
    page.locator("main input[name=code]").fill(node.manage("demo_code", username).strip())
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", name="使用帮助", level=1)).to_be_visible()


def test_the_station_files_for_a_villager_on_the_phone(node: RunningNode, phone: Page, is_accessible: CheckAxe) -> None:
    who = villager(WITHOUT_PHONE)
    sign_in_clerk(node, phone)
    phone.goto(f"/apply/{KEY}/")
    is_accessible(phone)
    phone.get_by_label("申请人的证件号码").fill("11010519491231002X")
    phone.get_by_role("button", name="下一步").click()
    expect(phone.locator(".yw-errsum")).to_contain_text("还没有当面核验过")
    phone.get_by_label("申请人的证件号码").fill(who.identity)
    phone.get_by_role("button", name="下一步").click()
    expect(phone.locator("main")).to_contain_text(f"替 {who.name} 代为申请")
    assert fits(phone)
    phone.locator("main form[method=post] button[type=submit]").last.click()
    fill_all(phone, answers(Login(WITHOUT_PHONE, "", "", who.name), 51))
    receipt = hand_in(phone)
    phone.goto("/mine/")
    expect(phone.locator(".yw-case", has_text=receipt.number)).to_be_visible()
