"""Joint sign, opinions asked for and steps taken back, on the pages of the desk."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tests.queries import CountQueries
from yiwang.kernel.cases.models import Opinion
from yiwang.kernel.cases.tests.panels import CHECKER, OTHER_CHECKER, load_panels, person
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.desk.tests.test_pages import state_of
from yiwang.sites.desk.tests.world import World

REVIEWER, CLERK, APPROVER, SIGNER = "邱玉珍", "陈晓梅", "周启明", "罗文斌"


@pytest.fixture
def panel(world: World) -> int:
    """A case that a panel of two reviews."""
    load_panels()
    world.case("rule_check")
    item = WorkItem.objects.filter(node="rule_check").latest("pk")
    _to_review(world, item.subject_id)
    return item.subject_id


def _to_review(world: World, case: int) -> None:
    while (waiting := [item.node for item in world.player.open_items(case)]) and "review" not in waiting:
        world.player.decide(case, waiting[0])


def item_of(case: int, name: str, *, asking: bool = False) -> int:
    rows = WorkItem.objects.filter(subject=case, person=person(name), state=WorkItem.State.OPEN)
    return rows.filter(asking__gt=0 if asking else -1).latest("pk").pk


def page(client: Client, item: int) -> str:
    return client.get(f"/desk/items/{item}/").content.decode()


def test_a_panel_shows_every_signer_with_state_and_opinion(world: World, panel: int) -> None:
    first, second = world.client(CHECKER), world.client(OTHER_CHECKER)
    mine = item_of(panel, CHECKER)
    assert "一人不同意即不同意，同时签" in page(first, mine)
    first.post(f"/desk/items/{mine}/decide/", {"do": "agree", "opinion": "图表一致"})
    shown = page(second, item_of(panel, OTHER_CHECKER))
    assert "已签 1 / 2" in shown
    assert shown.count("图表一致") == 2  # in the panel, and among the opinions
    assert "撤回我办的" in first.get(f"/desk/cases/{panel}/").content.decode()


def test_a_question_is_asked_marked_answered_and_taken_back(world: World, panel: int) -> None:
    client, mine = world.client(CHECKER), item_of(panel, CHECKER)
    asked = {"persons": [person(REVIEWER), person(CLERK)], "manner": "before", "opinion": "面积对吗？"}
    client.post(f"/desk/items/{mine}/ask/", asked)
    listed = world.client(REVIEWER).get("/desk/").content.decode()
    assert f"{CHECKER}征求意见" in listed
    assert "提意见" in listed
    shown = page(world.client(REVIEWER), item_of(panel, REVIEWER, asking=True))
    assert "面积对吗？" in shown
    assert "提交意见" in shown
    assert 'name="move"' not in shown
    blocked = page(client, mine)
    assert "加签的意见还没有到齐" in blocked
    world.client(REVIEWER).post(f"/desk/items/{item_of(panel, REVIEWER, asking=True)}/opinion/", {"opinion": "对"})
    client.post(f"/desk/items/{item_of(panel, CLERK, asking=True)}/take-back/")
    assert "加签意见" in page(client, mine)
    assert "加签的意见还没有到齐" not in page(client, mine)
    assert set(Opinion.objects.filter(subject=panel, move="opinion").values_list("text", flat=True)) == {"对"}


def test_a_step_is_taken_back_and_whoever_is_late_is_told_by_whom(world: World, panel: int) -> None:
    for name in (CHECKER, OTHER_CHECKER):
        world.client(name).post(f"/desk/items/{item_of(panel, name)}/decide/", {"do": "agree"})
    done = WorkItem.objects.filter(subject=panel, person=person(OTHER_CHECKER), node="review").latest("pk").pk
    client = world.client(OTHER_CHECKER)
    answer = client.post(f"/desk/items/{done}/withdraw/", {"do": "withdraw", "opinion": "看漏了"}, follow=True)
    assert "又由您办理" in answer.content.decode()
    client.post(f"/desk/items/{done}/decide/", {"do": "agree"})
    approve = WorkItem.objects.get(subject=panel, node="approve", state=WorkItem.State.OPEN).pk
    world.client(APPROVER).post(f"/desk/items/{approve}/read/")
    before = state_of(panel)
    answer = client.post(f"/desk/items/{done}/withdraw/", {"do": "withdraw", "opinion": "看漏了"})
    assert answer.status_code == 409
    assert f"{APPROVER}已经打开过" in answer.content.decode()
    assert state_of(panel) == before


def test_signers_are_named_on_the_page(world: World, panel: int) -> None:
    for name in (CHECKER, OTHER_CHECKER):
        world.client(name).post(f"/desk/items/{item_of(panel, name)}/decide/", {"do": "agree"})
    client = world.client(APPROVER)
    approve = WorkItem.objects.get(subject=panel, node="approve", state=WorkItem.State.OPEN).pk
    assert "请谁会签" in page(client, approve)
    refused = client.post(f"/desk/items/{approve}/decide/", {"do": "agree"})
    assert refused.status_code == 409
    assert "没有人会签" in refused.content.decode()
    named = {"do": "agree", "signers": [person(REVIEWER), person(SIGNER)]}
    client.post(f"/desk/items/{approve}/decide/", named)
    shown = page(world.client(REVIEWER), item_of(panel, REVIEWER))
    assert "依次签" in shown
    assert "还没有轮到" in shown


@pytest.mark.parametrize("path", ["ask", "opinion", "take-back", "withdraw"])
def test_a_stranger_and_an_empty_form_change_nothing(world: World, panel: int, path: str) -> None:
    item, before = item_of(panel, CHECKER), state_of(panel)
    for name in (CHECKER, "康岩松"):
        answer = world.client(name).post(f"/desk/items/{item}/{path}/", {"persons": "x", "manner": "y"})
        assert 400 <= answer.status_code < 500
        assert 'role="alert"' in answer.content.decode()
    assert state_of(panel) == before


def test_more_questions_cost_a_page_no_more_queries(
    world: World, panel: int, count_queries: CountQueries, settings: Settings
) -> None:
    settings.DIRECTORY_REFRESH = settings.CALENDAR_REFRESH = 60  # as in a running node
    client, mine = world.client(CHECKER), item_of(panel, CHECKER)
    counts = []
    for persons in ([REVIEWER], [CLERK, SIGNER]):
        asked = {"persons": [person(name) for name in persons], "manner": "beside", "opinion": "面积对吗？"}
        client.post(f"/desk/items/{mine}/ask/", asked)
        page(client, mine)
        with count_queries() as queries:
            page(client, mine)
        counts.append(queries.sql)
    assert len(counts[0]) == len(counts[1]), sorted(set(counts[1]) - set(counts[0]))
