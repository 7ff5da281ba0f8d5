"""Chromium on the desk and on a phone, against a real node; a breach of the policy of a page fails the test."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, sync_playwright

from tests.node.running import RunningNode

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = [
    "--no-sandbox",  # the suite may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1440, height=900)
OpenPage = Callable[..., Page]
CheckAxe = Callable[[Page], None]


@pytest.hookimpl(tryfirst=True)  # before the workers of xdist read the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test; one worker runs all that share a node."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group(item.path.relative_to(here).parts[0]))


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """The node of this session, with its demonstration data; tests make cases of their own in it."""
    running = RunningNode(tmp_path_factory.mktemp("node") / "data")
    running.wait_for_page(120)
    running.wait_for_demo(300)
    yield running
    running.end()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium. Fails when there is none; `./run test` leaves these tests out, and says so aloud.

    It ends with its module: what drives it holds an event loop, which no other test of the worker may meet.
    """
    path = os.environ.get("YIWANG_CHROMIUM") or next((found for name in CHROMIUM if (found := shutil.which(name))), "")
    if not path:
        pytest.fail("no Chromium: apt-get install -y chromium, or set YIWANG_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(node: RunningNode, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """`open_page()` is a fresh visitor on the desk, `open_page(phone=True)` one on a phone; each has own cookies."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opener(*, phone: bool = False, locale: str = "zh-CN", scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=node.url,
            viewport=PHONE if phone else DESK,
            has_touch=phone,
            is_mobile=phone,
            locale=locale,
            java_script_enabled=scripts,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.extend(_complaint(message)))
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
        return page

    yield opener
    _keep_pictures(contexts, request)
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    """A visitor on a phone."""
    return open_page(phone=True)


@pytest.fixture
def desk(open_page: OpenPage) -> Page:
    """A visitor on a desktop screen."""
    return open_page()


@pytest.fixture
def is_accessible() -> CheckAxe:
    """`is_accessible(page)` fails with every breach of WCAG 2 A and AA that axe finds."""
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}

    def check(page: Page) -> None:
        result = Axe().run(page, options=rules)
        assert result.violations_count == 0, result.generate_report()

    return check


def _complaint(message: ConsoleMessage) -> list[str]:
    """What the browser refused; other noise of the console is no fault."""
    refused = ("Content Security Policy", "Content-Security-Policy", "Refused to")
    return [message.text] if message.type == "error" and any(word in message.text for word in refused) else []


def _keep_pictures(contexts: list[BrowserContext], request: pytest.FixtureRequest) -> None:
    folder = os.environ.get("YIWANG_TEST_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for number, page in enumerate(page for context in contexts for page in context.pages):
            page.screenshot(path=f"{folder}/{request.node.name}-{number}.png", full_page=True)
