"""Sign-in with a second factor on the desk, registration on a phone, both as people do it."""

import re
import time
from pathlib import Path

import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import CheckAxe, OpenPage
from tests.node.running import RunningNode
from yiwang.sites.identity.rules import PERIOD, totp

PASSWORD = "Baishi-2027!"
CARD = "110105194912310046"


def code_now(secret: str) -> str:
    return totp(secret, int(time.time()) // PERIOD)


def scanned(page: Page, picture: Path) -> str:
    """The secret, read from the picture as an authenticator app reads it."""
    page.locator(".yw-door__qr img").screenshot(path=picture)
    (found,) = zxingcpp.read_barcodes(Image.open(picture))
    assert found.text.startswith("otpauth://totp/")
    secret = re.search(r"secret=([A-Z2-7]+)", found.text)
    assert secret is not None
    return secret[1]


def enter(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("main button[type=submit]").first.click()


def test_an_officer_enrols_changes_his_password_and_comes_back(
    node: RunningNode, open_page: OpenPage, is_accessible: CheckAxe, tmp_path: Path
) -> None:
    given = node.manage("make_account", "anquan", "--officer", "security").split("\t")[1].strip()
    page = open_page()
    page.goto("/id/staff/")
    is_accessible(page)
    enter(page, login="anquan", password="wrong")
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不对")
    is_accessible(page)
    enter(page, login="anquan", password=given)
    expect(page).to_have_url(re.compile("/id/enrol/$"))
    is_accessible(page)
    secret = scanned(page, tmp_path / "qr.png")
    spent = code_now(secret)
    enter(page, code=spent)
    expect(page.locator(".yw-codes li")).to_have_count(10)
    is_accessible(page)
    page.get_by_role("link", name="已收好，继续").click()
    expect(page).to_have_url(re.compile("/id/password/"))
    is_accessible(page)
    enter(page, old=given, password=PASSWORD, again=PASSWORD)
    expect(page).to_have_url(re.compile("/id/officer/$"))
    page.goto("/id/sessions/")
    is_accessible(page)
    page.get_by_role("button", name="退出").click()
    expect(page).to_have_url(re.compile("/id/staff/$"))
    while code_now(secret) == spent:  # a code is good once
        time.sleep(1)
    enter(page, login="anquan", password=PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_contain_text("再验证一次")
    is_accessible(page)
    enter(page, code=code_now(secret))
    expect(page).to_have_url(re.compile("/id/officer/$"))


def test_a_villager_registers_on_his_phone(phone: Page, is_accessible: CheckAxe) -> None:
    phone.goto("/id/")
    is_accessible(phone)
    phone.get_by_role("link", name="注册").click()
    is_accessible(phone)
    wrong = {"name": "林志远", "id_number": "110105194912310021", "phone": "13800002607"}
    phone.locator("[name=agree]").check()
    enter(phone, **wrong, password=PASSWORD, again=PASSWORD)
    expect(phone.get_by_role("alert")).to_contain_text("证件号码不对")
    is_accessible(phone)
    enter(phone, id_number="11010519491231002x", password=PASSWORD, again=PASSWORD)
    expect(phone.locator("main")).to_contain_text("138****2607")
    is_accessible(phone)
    enter(phone, code=phone.locator("[data-code]").inner_text())
    expect(phone).to_have_url(re.compile(r":\d+/$"))
    phone.goto("/id/sessions/")
    expect(phone.locator("main")).to_contain_text("这里")
    is_accessible(phone)
    assert phone.locator("html").evaluate("page => page.scrollWidth") <= 390


def test_registering_and_signing_in_work_without_script(open_page: OpenPage) -> None:
    page = open_page(phone=True, scripts=False)
    page.goto("/id/register/")
    page.locator("[name=agree]").check()
    enter(page, name="林志明", id_number=CARD, phone="13800002608", password=PASSWORD, again=PASSWORD)
    enter(page, code=page.locator("[data-code]").inner_text())
    again = open_page(phone=True, scripts=False)
    again.goto("/id/?next=/id/sessions/")
    enter(again, login=CARD, password=PASSWORD)
    expect(again).to_have_url(re.compile("/id/sessions/$"))
