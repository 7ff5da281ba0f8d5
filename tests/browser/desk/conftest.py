"""Staff who are signed in, and cases that wait at a step, on the node of the session."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Cookie, Page, expect

from tests.browser.conftest import OpenPage
from tests.node.running import ROOT, RunningNode
from yiwang.sites.identity.rules import PERIOD, totp

MAKING = Path(__file__).with_name("making.py")
MARK = "answer: "
CLERK, OTHER_CLERK, CHECKER, REVIEWER, SIGNER = "陈晓梅", "温佳怡", "林雨晴", "邱玉珍", "罗文斌"
FIRST_OFFICER, SECOND_OFFICER, APPROVER, OTHER_CHECKER = "何满仓", "张秀兰", "周启明", "方敏"
Ask = Callable[..., Any]
Staff = Callable[..., Page]


class Maker:
    """`making.py` in a process of its own on the data of the node; one line asks, one line answers."""

    def __init__(self, running: RunningNode) -> None:
        environ = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        command = [str(ROOT / "run"), "manage", "shell", "--no-imports", "-c", MAKING.read_text("utf-8")]
        self.process = subprocess.Popen(
            command,
            env={**environ, "YIWANG_DATA": str(running.data)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"

    def __call__(self, call: str, /, **arguments: object) -> Any:
        """What the named function of `making.py` gives."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([call, arguments]) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(MARK):
                return json.loads(line.removeprefix(MARK))
        raise AssertionError(f"making.py ended with status {self.process.wait()}")

    def end(self) -> None:
        """Close it."""
        self.process.communicate()


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """A node of its own without cases: lists hold what tests put there."""
    running = RunningNode(tmp_path_factory.mktemp("desk") / "data", "--no-demo")
    running.wait_for_page(120)
    yield running
    running.end()


@pytest.fixture(scope="session")
def ask(node: RunningNode) -> Iterator[Ask]:
    """`ask("make_case", node="review")`; the node begins with the people of the demonstration."""
    maker = Maker(node)
    maker("found")
    yield maker
    maker.end()


@pytest.fixture(scope="session")
def sessions() -> dict[str, list[Cookie]]:
    """Cookies of those who have signed in, by name: a code is good once in thirty seconds."""
    return {}


@pytest.fixture
def staff(open_page: OpenPage, ask: Ask, sessions: dict[str, list[Cookie]]) -> Staff:
    """`staff("陈晓梅", phone=True)`: a page of a browser of his own in which this person is signed in."""

    def opened(name: str, *, phone: bool = False, scripts: bool = True) -> Page:
        page = open_page(phone=phone, scripts=scripts)
        if name not in sessions:
            _sign_in(page, ask("person", name=name))
            sessions[name] = page.context.cookies()
        page.context.add_cookies([dict(cookie) for cookie in sessions[name]])  # type: ignore[misc]
        return page

    return opened


def _sign_in(page: Page, who: dict[str, str]) -> None:
    page.goto("/id/staff/?next=/desk/")
    page.locator("[name=login]").fill(who["username"])
    page.locator("[name=password]").fill(who["password"])
    page.locator("main button[type=submit]").first.click()
    page.locator("[name=code]").fill(totp(who["secret"], int(time.time()) // PERIOD))
    page.locator("main button[type=submit]").first.click()
    expect(page.locator("body.desk")).to_be_visible()
