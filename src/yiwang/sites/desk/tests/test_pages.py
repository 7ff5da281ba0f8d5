"""Pages of the desk for an ordinary user: how many queries, what is shown, and that refusals change nothing."""

import re

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tests.browsing import signed_in
from tests.queries import CountQueries
from yiwang.kernel.cases.models import Case, Opinion
from yiwang.kernel.ledger.models import AccessEntry, Entry
from yiwang.kernel.org.models import Account
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.desk.tests.world import World

LISTS = (
    "/desk/",
    "/desk/?list=done",
    "/desk/?list=started",
    "/desk/cases/",
    "/desk/registers/",
    "/desk/registers/list/felling_certificate/",
)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_takes_at_most_ten_queries(
    world: World, count_queries: CountQueries, settings: Settings, path: str
) -> None:
    settings.DIRECTORY_REFRESH = settings.CALENDAR_REFRESH = 60  # as in a running node
    for _case in range(3):
        world.case()
    client = world.client("陈晓梅")
    client.get(path)
    with count_queries() as queries:
        answer = client.get(path)
    assert answer.status_code == 200
    assert queries.count <= 10, str(queries)


def test_more_lines_take_no_more_queries(world: World, count_queries: CountQueries) -> None:
    client = world.client("何满仓")
    world.case("field_check")
    client.get("/desk/")
    counts = []
    for _round in range(2):
        with count_queries() as queries:
            client.get("/desk/")
        counts.append(queries.count)
        for _case in range(3):
            world.case("field_check")
    assert counts[0] == counts[1]


def test_only_staff_come_in(world: World) -> None:
    assert Client().get("/desk/").headers["Location"].startswith("/id/staff/?next=/desk/")
    citizen = Account.objects.create(username="villager", party=world.party)
    assert signed_in(citizen).get("/desk/").status_code == 403


def test_pages_are_never_kept_by_caches(world: World) -> None:
    item = world.case()
    for path in ("/desk/", f"/desk/items/{item.pk}/"):
        assert "no-store" in world.client("陈晓梅").get(path).headers["Cache-Control"]


def test_opening_a_case_is_noted_in_the_access_log(world: World) -> None:
    item = world.case()
    world.client("陈晓梅").get(f"/desk/items/{item.pk}/")
    line = AccessEntry.objects.filter(verb="case.viewed").latest("pk")
    assert line.subject == item.subject_id


def state_of(case: int) -> tuple[object, ...]:
    """Everything that a refused decision must leave alone."""
    row = Case.objects.get(pk=case)
    items = WorkItem.objects.filter(subject=case).order_by("pk").values_list("pk", "state", "person", "move")
    return row.status, row.result, list(items), Entry.objects.filter(subject=case).count(), Opinion.objects.count()


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("decide", {"do": "refuse", "opinion": ""}, 400),
        ("decide", {"do": "correct", "opinion": ""}, 400),
        ("decide", {"do": "nonsense"}, 400),
        ("return", {"target": "999999", "opinion": "x"}, 409),
        ("transfer", {"person": "999999", "opinion": "x"}, 400),
        ("suspend", {"kind": "field_check", "opinion": "x"}, 409),
        ("extend", {"opinion": ""}, 400),
    ],
)
def test_a_refused_move_changes_nothing(world: World, path: str, data: dict[str, str], status: int) -> None:
    item = world.case()
    before = state_of(item.subject_id)
    answer = world.client("陈晓梅").post(f"/desk/items/{item.pk}/{path}/", data)
    assert 400 <= answer.status_code < 500
    assert answer.status_code == status or answer.status_code in (403, 404, 409)
    assert 'role="alert"' in answer.content.decode()
    assert state_of(item.subject_id) == before


@pytest.mark.parametrize("move", ["decide", "return", "transfer", "suspend", "resume", "extend", "claim"])
def test_a_stranger_changes_nothing(world: World, move: str) -> None:
    item = world.case()
    before = state_of(item.subject_id)
    answer = world.client("康岩松").post(
        f"/desk/items/{item.pk}/{move}/", {"do": "accept", "opinion": "x"}, follow=True
    )
    assert item.number not in answer.content.decode()
    assert state_of(item.subject_id) == before


def test_script_in_every_field_is_text(world: World) -> None:
    item = world.case()
    evil = "<script>alert(1)</script>{{ 7|add:7 }}"
    client = world.client("陈晓梅")
    page = client.post(f"/desk/items/{item.pk}/decide/", {"do": "refuse", "opinion": evil, "authority": evil})
    text = page.content.decode()
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text
    listed = client.get("/desk/", {"q": evil, "step": evil, "after": evil, "kind": evil}).content.decode()
    assert "<script>alert" not in listed


def test_the_second_of_two_sees_what_he_wrote(world: World) -> None:
    item = world.case()
    world.client("陈晓梅").post(f"/desk/items/{item.pk}/decide/", {"do": "accept"})
    before = state_of(item.subject_id)
    answer = world.client("温佳怡").post(f"/desk/items/{item.pk}/decide/", {"do": "accept", "opinion": "我的长意见"})
    assert answer.status_code == 409
    assert "我的长意见" in answer.content.decode()
    assert state_of(item.subject_id) == before


def test_the_same_person_twice_is_shown_his_result(world: World) -> None:
    item = world.case()
    client = world.client("陈晓梅")
    client.post(f"/desk/items/{item.pk}/decide/", {"do": "accept"})
    before = state_of(item.subject_id)
    answer = client.post(f"/desk/items/{item.pk}/decide/", {"do": "accept"}, follow=True)
    assert "已经提交过了" in answer.content.decode()
    assert state_of(item.subject_id) == before


def test_no_style_or_script_stands_in_a_page(world: World) -> None:
    item = world.case("sign")
    client = world.client("罗文斌")
    for path in ("/desk/", f"/desk/items/{item.pk}/", f"/desk/items/{item.pk}/?tab=log", "/desk/registers/"):
        text = client.get(path).content.decode()
        assert not re.search(r"\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:|https?://(?!www\.w3\.org)", text)
