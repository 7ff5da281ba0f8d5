"""A refusal in the form the caller asked for, and one line in the access log."""

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from yiwang.kernel.base.refusals import InvalidInput, NotPermitted, Refusal
from yiwang.kernel.ledger.models import AccessEntry

EVIL = "<script>alert(1)</script>"


def refuse(request: HttpRequest) -> HttpResponse:
    """Refuses by name."""
    kinds = {"wrong": InvalidInput, "forbidden": NotPermitted}
    kind = kinds.get(request.GET.get("kind", ""), Refusal)
    raise kind("限额用完了" + EVIL, "森林法第五十九条", "请打窗口电话", "volume", {"subject": 7})


urlpatterns = [
    path("refuse/", refuse),
    path("ui/", include("yiwang.ui.urls")),
    path("id/", include("yiwang.sites.identity.urls")),
    path("", include("yiwang.sites.hall.urls")),
]


@pytest.fixture
def browser(db: None) -> Iterator[Client]:
    """A stranger on a site that refuses."""
    with override_settings(ROOT_URLCONF=__name__):
        yield Client()


def test_a_page_says_message_rule_and_remedy_as_text(browser: Client) -> None:
    answer = browser.get("/refuse/")
    text = answer.content.decode()
    assert answer.status_code == 409
    for words in ("限额用完了", "森林法第五十九条", "请打窗口电话"):
        assert words in text
    assert EVIL not in text


def test_script_gets_json(browser: Client) -> None:
    answer = browser.get("/refuse/", headers={"Accept": "application/json"})
    said = answer.json()
    assert (said["code"], said["field"], said["rule"]) == ("Refusal", "volume", "森林法第五十九条")


def test_htmx_gets_a_fragment_for_its_place(browser: Client) -> None:
    answer = browser.get("/refuse/", headers={"HX-Request": "true"})
    assert answer["HX-Retarget"] == "#refusal"
    assert "<html" not in answer.content.decode()


@pytest.mark.parametrize(("kind", "status"), [("", 409), ("wrong", 400), ("forbidden", 403)])
def test_the_status_is_the_refusals_own(browser: Client, kind: str, status: int) -> None:
    assert browser.get("/refuse/", {"kind": kind}).status_code == status


def test_one_line_in_the_access_log_without_what_was_typed(browser: Client) -> None:
    browser.get("/refuse/", {"kind": "forbidden", "secret": "360725"})
    line = AccessEntry.objects.get()
    assert (line.verb, line.success, line.subject, line.address) == ("refused", False, 7, "127.0.0.1")
    assert line.facts["code"] == "NotPermitted"
    assert "360725" not in str(line.facts)


def test_a_slip_in_a_form_is_not_logged(browser: Client) -> None:
    browser.get("/refuse/", {"kind": "wrong"})
    assert not AccessEntry.objects.exists()


@pytest.mark.parametrize(("proxies", "address"), [([], "127.0.0.1"), (["127.0.0.1"], "10.1.2.3")])
def test_a_proxys_word_counts_only_when_it_is_trusted(browser: Client, proxies: list[str], address: str) -> None:
    with override_settings(TRUSTED_PROXIES=proxies):
        browser.get("/refuse/", headers={"X-Forwarded-For": "6.6.6.6, 10.1.2.3"})
    assert AccessEntry.objects.get().address == address
