"""A node without cases on which the system officer is signed in with his second factor."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Cookie, Page, expect

from tests.browser.conftest import OpenPage
from tests.node.running import ROOT, RunningNode
from yiwang.sites.identity.rules import PERIOD, totp

MAKING = Path(__file__).with_name("making.py")
MARK = "answer: "


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """A node of its own without demonstration data."""
    running = RunningNode(tmp_path_factory.mktemp("administration") / "data", "--no-demo")
    running.wait_for_page(120)
    yield running
    running.end()


@pytest.fixture(scope="session")
def officer(node: RunningNode) -> dict[str, str]:
    """User name, password and key of the system officer; the units and people of the demonstration are there."""
    environ = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [str(ROOT / "run"), "manage", "shell", "--no-imports", "-c", MAKING.read_text("utf-8")]
    told = subprocess.run(
        command, env={**environ, "YIWANG_DATA": str(node.data)}, capture_output=True, text=True, check=True
    ).stdout
    answer: dict[str, str] = json.loads(told.partition(MARK)[2].splitlines()[0])
    return answer


@pytest.fixture(scope="session")
def cookies() -> list[Cookie]:
    """Of the officer once he has signed in: a code is good once in thirty seconds."""
    return []


@pytest.fixture
def desk_of(open_page: OpenPage, officer: dict[str, str], cookies: list[Cookie]) -> OpenPage:
    """`desk_of(phone=True)`: a browser of its own in which the officer is signed in."""

    def opened(*, phone: bool = False, scripts: bool = True) -> Page:
        page = open_page(phone=phone, scripts=scripts)
        if not cookies:
            _sign_in(page, officer)
            cookies.extend(page.context.cookies())
        page.context.add_cookies([dict(cookie) for cookie in cookies])  # type: ignore[misc]
        return page

    return opened


def _sign_in(page: Page, who: dict[str, str]) -> None:
    page.goto("/id/staff/")
    page.locator("[name=login]").fill(who["username"])
    page.locator("[name=password]").fill(who["password"])
    page.locator("main button[type=submit]").first.click()
    page.locator("[name=code]").fill(totp(who["secret"], int(time.time()) // PERIOD))
    page.locator("main button[type=submit]").first.click()
    expect(page).to_have_url(page.url.partition("/id/")[0].partition("/admin/")[0] + "/admin/")
