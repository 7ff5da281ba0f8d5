"""One's own pages on a phone: the notice of corrections answered, an application withdrawn."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import CheckAxe
from tests.browser.hall.walk import Receipt, answers, begin, citizen, fill, fill_all, fits, hand_in, onward, steps
from tests.node.running import RunningNode

ASK = """
from yiwang.kernel.cases.actions.decisions import Decision, decide_step
from yiwang.kernel.org.models import Account
from yiwang.kernel.org.queries import actor_of
from yiwang.kernel.process.models import WorkItem
clerk = actor_of(Account.objects.get(person__name="陈晓梅"))
item = WorkItem.objects.get(subject={case}, state=0)
asked = Decision("correct", "请一次补齐", corrections=("核对林龄",))
decide_step(actor=clerk, case={case}, item=item.pk, decision=asked)
"""


def applied(node: RunningNode, page: Page, number: int, stand: int) -> Receipt:
    """A case of a citizen, made in the browser."""
    login = citizen(node, number)
    begin(page, login)
    fill_all(page, answers(login, stand))
    return hand_in(page)


def test_corrections_are_asked_once_and_answered_on_the_phone(
    node: RunningNode, phone: Page, is_accessible: CheckAxe
) -> None:
    receipt = applied(node, phone, 1, 41)
    node.manage("shell", "-c", ASK.format(case=receipt.case))
    phone.goto("/mine/")
    is_accessible(phone)
    phone.locator(".yw-case", has_text=receipt.number).get_by_role("link").click()
    expect(phone.locator("#status")).to_contain_text("等您补正材料")
    assert fits(phone)
    is_accessible(phone)
    phone.get_by_role("link", name="现在补正").click()
    expect(phone.locator("main")).to_contain_text("核对林龄")
    is_accessible(phone)
    phone.get_by_role("button", name="开始补正").click()
    stand = next(step for step in steps() if step.key == "stand")
    phone.get_by_role("link", name=re.compile(rf"修改\s*{stand.title}")).click()
    fill(phone, stand, answers(citizen(node, 1), 41) | {"age": "33"})
    onward(phone)
    phone.goto(phone.url.split("/apply/")[0] + "/apply/" + "/".join(phone.url.split("/apply/")[1].split("/")[:2]) + "/")
    phone.get_by_label("我已看过，同意上面的承诺").check()
    phone.get_by_role("button", name="交上补正").click()
    expect(phone.locator("main")).to_contain_text("补正的内容已经交上去了")
    expect(phone.locator("#status")).to_contain_text("等待受理")


def test_withdrawing_asks_once_more(node: RunningNode, phone: Page, is_accessible: CheckAxe) -> None:
    receipt = applied(node, phone, 2, 42)
    phone.goto(f"/mine/{receipt.case}/")
    phone.get_by_role("link", name="撤回申请").click()
    is_accessible(phone)
    phone.get_by_role("button", name="确定撤回").click()
    expect(phone.locator("#status")).to_contain_text("已办结：申请人撤回")


def test_a_draft_waits_in_the_list(node: RunningNode, phone: Page) -> None:
    login = citizen(node, 3)
    begin(phone, login)
    phone.locator('[name="address"]').fill("水口村五组")
    phone.locator("button[name=_later]").click()
    expect(phone.locator("main")).to_contain_text("已经保存")
    phone.get_by_role("link", name="接着填").first.click()
    expect(phone.locator('[name="address"]')).to_have_value("水口村五组")
