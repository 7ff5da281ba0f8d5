"""How a villager walks through the hall: signs in, fills in pages by what stands in them, reads the receipt."""

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.node.running import RunningNode
from yiwang.kernel.base.moments import today
from yiwang.kernel.forms.definition import Raw, StepDef
from yiwang.kernel.forms.library import form_in
from yiwang.project.demo.answers import Stand, raw_answers
from yiwang.project.demo.people import villager
from yiwang.sites.hall.tests.posting import posted

KEY = "forestry.felling"
PHOTO = Path(__file__).with_name("hillside.png")


@dataclass(frozen=True)
class Login:
    """A citizen of the demonstration."""

    number: int
    username: str
    password: str
    name: str


@dataclass(frozen=True)
class Receipt:
    """What the receipt says."""

    case: int
    number: str
    code: str


def citizen(node: RunningNode, number: int) -> Login:
    """The citizen with this number, as the file of accounts has him."""
    who = villager(number)
    for line in (node.data / "demo-accounts.txt").read_text("utf-8").splitlines():
        if line.startswith(who.identity):
            return Login(number, who.identity, line.split()[1], who.name)
    raise LookupError(who.identity)


def sign_in(page: Page, login: Login) -> None:
    """Fill in the page of sign-in that is open."""
    page.locator("main input[type=text], main input:not([type])").first.fill(login.username)
    page.locator("main input[type=password]").fill(login.password)
    page.locator("main form button[type=submit]").first.click()


def steps() -> tuple[StepDef, ...]:
    """Pages of the application."""
    return form_in("forestry/felling").steps


def answers(login: Login, stand: int) -> Raw:
    """Right answers of a citizen."""
    who = villager(login.number)
    return raw_answers(Stand(stand), who.name, who.identity, who.phone, today())


def begin(page: Page, login: Login) -> None:
    """From the guide to the first page of a new application."""
    page.goto(f"/items/{KEY}/")
    page.get_by_role("link", name="开始申请").first.click()
    if page.url.rpartition("/id/")[1]:
        sign_in(page, login)
    page.locator("main form[method=post] button[type=submit]").last.click()
    expect(page.locator("h1")).to_have_text("申请人")


def fill(page: Page, step: StepDef, raw: Raw) -> None:
    """Put the answers where the page has a place for them, as a person would."""
    for name, value in posted(step, raw).items():
        for one in value if isinstance(value, list) else [value]:
            _put(page, name, one)


def _put(page: Page, name: str, value: str) -> None:
    places = page.locator(f'[name="{name}"]')
    if not places.count() and re.search(r"-\d+-", name):
        page.locator(f'button[name=_add][value="{name.split("-")[0]}"]').click()
    place = places.first
    kind = place.evaluate("one => one.type || one.tagName.toLowerCase()")
    if kind in ("radio", "checkbox"):
        page.locator(f'[name="{name}"][value="{value}"]').check()
    elif kind == "select-one":
        place.select_option(value)
    elif kind != "hidden":
        _type(place, value)


def _type(place: Locator, value: str) -> None:
    if place.is_visible():
        place.fill(value)


def onward(page: Page) -> None:
    """The big button under the page."""
    page.locator(".yw-act button[name=_next]").click()


def fill_all(page: Page, raw: Raw) -> None:
    """Every page, up to the check of all answers."""
    for step in steps():
        expect(page.locator("h1")).to_have_text(step.title)
        fill(page, step, raw)
        onward(page)
    expect(page.locator("h1")).to_have_text("提交前，请核对一遍")


def hand_in(page: Page) -> Receipt:
    """Promise, hand in, read the receipt."""
    page.get_by_label("我已看过，同意上面的承诺").check()
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator("h1")).to_contain_text("已收到您的申请")
    return receipt_on(page)


def receipt_on(page: Page) -> Receipt:
    """The receipt that is open."""
    case = int(page.url.rstrip("/").rpartition("/")[2])
    return Receipt(case, page.locator("#receipt-number").inner_text(), page.locator("#receipt-code").inner_text())


def fits(page: Page) -> bool:
    """Whether the page fits the screen without sideways scrolling."""
    return bool(page.locator("html").evaluate("page => page.scrollWidth <= window.innerWidth"))
