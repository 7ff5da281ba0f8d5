"""Worklist pages: who sees what, in which order, page by page, and that they join nothing."""

from datetime import timedelta

import pytest
from django.db.models import Q

from tests.queries import CountQueries
from yiwang.kernel.base.moments import now
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.queries import newest_definition, open_items, work_count, work_page
from yiwang.kernel.process.tests.boards import Run, publish
from yiwang.kernel.process.tests.diagrams import Drawing

pytestmark = pytest.mark.django_db


def simple() -> str:
    drawing = Drawing()
    drawing.chain(drawing.plain("start", "start"), drawing.task("a"), drawing.plain("end", "end"))
    return drawing.xml()


@pytest.fixture
def items() -> list[WorkItem]:
    """Pools of posts 1 and 2, person 5's own, somebody else's, a closed one; every third has no due date."""
    run = Run(publish(simple()))
    run.start()
    sample = WorkItem.objects.get(subject=run.subject)
    sample.state = WorkItem.State.DONE
    sample.save()
    rows = []
    for number in range(60):
        holder = [{"post": 1}, {"post": 2}, {"person": 5}, {"post": 1, "person": 9}][number % 4]
        due = None if number % 3 == 0 else now() + timedelta(hours=number % 7)
        rows.append(
            WorkItem(subject_id=run.subject, instance_id=sample.instance_id, node="a", created=now(), due=due, **holder)
        )
    return WorkItem.objects.bulk_create(rows)


def mine(items: list[WorkItem]) -> list[int]:
    seen = [item for item in items if item.person == 5 or (item.post in (1, 2) and item.person is None)]
    return [item.pk for item in sorted(seen, key=lambda item: (item.due is None, item.due, item.pk))]


def test_pages_follow_the_due_date_and_lose_or_repeat_nothing(items: list[WorkItem]) -> None:
    seen: list[int] = []
    after = None
    for _page in range(20):
        page = work_page(person=5, posts=[1, 2], after=after, limit=7)
        seen += [item.pk for item in page.items]
        after = page.after
        if after is None:
            break
    assert seen == mine(items)


def test_an_item_given_to_a_person_has_left_the_pool(items: list[WorkItem]) -> None:
    assert all(item.person is None for item in work_page(person=None, posts=[1], limit=100).items)
    assert work_page(person=9, posts=[], limit=100).items
    assert not work_page(person=None, posts=[], limit=100).items


def test_a_page_costs_two_reads_a_door_and_joins_nothing(items: list[WorkItem], count_queries: CountQueries) -> None:
    with count_queries() as queries:
        for item in work_page(person=5, posts=[1, 2], narrow=Q(urgent=0)).items:
            assert item.label is not None
    assert queries.count <= 6
    assert not any(" JOIN " in statement for statement in queries.sql)


def test_counting_stops_at_the_cap(items: list[WorkItem]) -> None:
    assert work_count(person=5, posts=[1, 2]) == len(mine(items))
    assert work_count(person=5, posts=[1, 2], cap=20) == 20
    assert work_count(person=None, posts=[]) == 0


def test_live_items_and_newest_versions() -> None:
    definition = publish(simple(), "newest")
    run = Run(definition)
    run.start()
    assert [item.node for item in open_items(run.subject)] == ["a"]
    assert newest_definition("newest") == definition
    assert newest_definition("none") is None
