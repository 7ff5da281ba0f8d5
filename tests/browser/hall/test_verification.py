"""Anybody verifies a certificate of the demonstration: by number and code, by QR address, by its file."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import CheckAxe
from tests.browser.hall.walk import fits
from tests.node.running import RunningNode

FIND = """
import json, pathlib
from yiwang.kernel.cases.papers import verification_address
from yiwang.kernel.outputs.models import Document
from yiwang.kernel.files.services import open_stream
from yiwang.kernel.registers.models import Entry
from yiwang.kernel.registers.queries import status_of
found = {{}}
for entry in Entry.objects.filter(register="felling_certificate").order_by("pk"):
    found.setdefault(str(status_of(entry)), [entry.number, entry.code, verification_address(entry), entry.pk])
paper = Document.objects.filter(subject__register_entry__pk=found["valid"][3]).order_by("-version").first()
if paper is not None:
    pathlib.Path({place!r}).write_bytes(open_stream(paper.attachment.blob).read())
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def issued(node: RunningNode, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[str]], Path]:
    """Number, code and QR address of one certificate of each status, and the file of the valid one."""
    place = tmp_path_factory.mktemp("certificate") / "certificate.pdf"
    lines = node.manage("shell", "-c", FIND.format(place=str(place))).strip().splitlines()
    return json.loads(lines[-1]), place


def ask(page: Page, number: str, code: str) -> None:
    """Number and code."""
    page.goto("/verify/")
    page.get_by_label("证书编号").fill(number)
    page.get_by_label("核验码").fill(code)
    page.get_by_role("button", name="核验").click()


@pytest.mark.parametrize(
    ("status", "word"),
    [("valid", "有效"), ("expired", "是真的，但已过期"), ("revoked", "已撤销"), ("replaced", "已换发新证")],
)
def test_every_status_is_said_in_one_word(
    issued: tuple[dict[str, list[str]], Path], phone: Page, is_accessible: CheckAxe, status: str, word: str
) -> None:
    number, code, _address, _pk = issued[0][status]
    ask(phone, number, code)
    expect(phone.locator("#verdict")).to_contain_text(word)
    expect(phone.locator(".yw-verdict")).to_contain_text("**")
    assert code not in phone.url
    assert fits(phone)
    is_accessible(phone)


def test_the_qr_code_opens_the_verdict(issued: tuple[dict[str, list[str]], Path], phone: Page) -> None:
    address = issued[0]["valid"][2]
    phone.goto("/v/" + address.split("/v/", 1)[1])
    expect(phone.locator("#verdict")).to_have_text("有效")
    phone.goto("/v/" + address.split("/v/", 1)[1][:-2] + "AA")
    expect(phone.locator("#verdict")).to_have_text("没有查到这张证")


def test_a_wrong_code_finds_nothing(issued: tuple[dict[str, list[str]], Path], phone: Page) -> None:
    ask(phone, issued[0]["valid"][0], "AAAA-BBBB-CCCC")
    expect(phone.locator("#verdict")).to_have_text("没有查到这张证")


def test_the_file_is_compared_in_the_browser_and_not_sent(
    issued: tuple[dict[str, list[str]], Path], phone: Page, tmp_path: Path
) -> None:
    found, place = issued
    assert place.exists(), "the demonstration has drawn no certificate"
    ask(phone, *found["valid"][:2])
    phone.wait_for_load_state("networkidle")
    sent: list[str] = []
    phone.on("request", lambda request: sent.append(request.method))
    phone.locator("#file").set_input_files(place)
    expect(phone.locator("#comparison")).to_contain_text("一致：这份文件就是签发的原件")
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(place.read_bytes() + b"x")
    phone.locator("#file").set_input_files(changed)
    expect(phone.locator("#comparison")).to_contain_text("不一致")
    assert sent == []
