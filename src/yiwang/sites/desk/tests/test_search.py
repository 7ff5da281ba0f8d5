"""The search page: what it finds, marks, narrows and counts, and what it never shows."""

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from tests.queries import CountQueries
from yiwang.kernel.access.models import Grant
from yiwang.kernel.base.moments import now
from yiwang.kernel.cases.models import Case
from yiwang.kernel.jobs.worker import drain
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.search import queries
from yiwang.kernel.search.services import index
from yiwang.kernel.search.sources import Document
from yiwang.kernel.search.verification import verify_index
from yiwang.sites.desk.tests.world import World

PAGE = "/desk/search/"


@pytest.fixture(params=[0, 1000], ids=["by index", "among few"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to the answer, whoever asks."""
    monkeypatch.setattr(queries, "FEW", request.param)


@pytest.fixture(autouse=True)
def running(settings: Settings) -> None:
    """Memories last as they do in a running node."""
    settings.DIRECTORY_REFRESH = settings.CALENDAR_REFRESH = 60


@pytest.mark.django_db(transaction=True)
def test_a_case_is_found_by_what_was_written_in_its_form(world: World, way: None, count_queries: CountQueries) -> None:
    case = Case.objects.get(pk=world.case().subject_id)
    drain()
    client = world.client("陈晓梅")
    text = Subject.objects.get(pk=case.pk).words.text
    assert case.party is not None
    assert case.party.id_number
    assert case.party.id_number.lower() not in text
    client.get(PAGE, {"q": case.number})
    with count_queries() as sent:
        page = client.get(PAGE, {"q": case.number}).content.decode()
    assert sent.count <= 10, str(sent)
    assert f'href="/desk/cases/{case.pk}/"' in page
    assert "<mark>" in page
    assert "找到 1 条" in page
    word = next(part for part in reversed(text.split(" · ")) if part not in (case.number.lower(), case.title))
    assert f'href="/desk/cases/{case.pk}/"' in client.get(PAGE, {"q": f'"{word[:8]}"'}).content.decode()
    Grant.objects.filter(subject=case.pk).delete()
    gone = client.get(PAGE, {"q": case.number}).content.decode()
    assert f'href="/desk/cases/{case.pk}/"' not in gone
    assert "没有找到" in gone


@pytest.mark.django_db(transaction=True)
def test_the_index_fits_after_every_step(world: World) -> None:
    world.case("review")
    drain()
    assert [str(flaw) for flaw in verify_index()] == []


@pytest.mark.django_db(transaction=True)
def test_results_are_paged_counted_and_narrowed(world: World, way: None) -> None:
    case = Case.objects.get(pk=world.case().subject_id)
    unit = Subject.objects.get(pk=case.pk)
    keys = list(Grant.objects.filter(subject=case.pk).values_list("key", "kind"))
    with transaction.atomic():
        copies = Subject.objects.bulk_create(Subject(kind_id=unit.kind_id, unit=unit.unit) for _ in range(25))
        Grant.objects.bulk_create(
            Grant(key=key, state=1, kind_id=kind, at=now(), subject=one) for one in copies for key, kind in keys
        )
        Case.objects.bulk_create(
            Case(subject=one, version=case.version, number=f"X{one.pk}", title="<b>枫树坪</b>", unit=case.unit,
                 channel=1, filed_by=1, track_tag="0" * 64)
            for one in copies
        )  # fmt: skip
        index({one: Document(title="<b>枫树坪</b>", at=now(), number=f"X{one.pk}") for one in copies})
    client = world.client("陈晓梅")
    first = client.get(PAGE, {"q": "枫树坪"})
    assert first.context["found"].count == "25"
    assert len(first.context["found"].hits) == 20
    assert "&lt;b&gt;<mark>枫树坪</mark>&lt;/b&gt;" in first.content.decode()
    rest = client.get(PAGE, {"q": "枫树坪", "before": first.context["found"].after})
    assert len(rest.context["found"].hits) == 5
    assert rest.context["found"].after == 0
    kind = first.context["found"].kinds[0].value
    for narrowed, count in (
        ({"kind": kind}, "25"),
        ({"year": "1999"}, "0"),
        ({"unit": "999"}, "0"),
        ({"kind": "no"}, "0"),
    ):
        assert client.get(PAGE, {"q": "枫树坪", **narrowed}).context["found"].count == count


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "在您能看的全部办件和台账里找"),
        ({"q": "鼋鼍"}, "没有找到"),
        ({"q": "，。"}, "没有找到"),
        ({"q": "鼋鼍", "year": "2026"}, "可以不限这些再找"),
        ({"q": "林" * 500}, "要找的词太多了"),
        ({"q": "a b c d e f g h i j k"}, "要找的词太多了"),
        ({"q": "鼋鼍", "before": "9" * 30, "unit": "x", "year": "-1", "kind": "\x00"}, "没有找到"),
        ({"q": "陈晓梅"}, "单位和人员"),
    ],
)
def test_every_question_has_an_answer(world: World, asked: dict[str, str], told: str) -> None:
    page = world.client("陈晓梅").get(PAGE, asked)
    assert page.status_code == 200
    assert told in page.content.decode()


@pytest.mark.django_db
def test_the_palette_leads_here(world: World) -> None:
    options = world.client("陈晓梅").get("/desk/seek/", {"q": "枫树"}).content.decode()
    assert 'href="/desk/search/?q=%E6%9E%AB%E6%A0%91"' in options
