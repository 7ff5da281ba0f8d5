"""Remaining time in words, groups, sheets, what is posted: plain values only."""

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.clock.law import HolidayLaw
from yiwang.kernel.clock.workdays import Workdays
from yiwang.kernel.org.actors import Actor
from yiwang.sites.desk.forms import typed_of
from yiwang.sites.desk.queries.dues import Frame, bucket_of, due_words, last_day, midnight_after
from yiwang.sites.desk.queries.filters import capped, mine
from yiwang.sites.desk.sheets import workbook
from yiwang.sites.desk.views.worklist import place_of

DAYS = Workdays({}, range(2000, 2100), HolidayLaw((), (), (), ""))
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)  # Friday, 12:00 in Shanghai
FRAME = Frame(NOON, DAYS.count, DAYS.add(date(2026, 11, 20), 3))


@pytest.mark.parametrize(
    ("days", "words", "tone", "bucket"),
    [
        (0, "今天内", "soon", "today"),
        (3, "剩1工作日", "soon", "near"),
        (4, "剩2工作日", "", "near"),
        (5, "剩3工作日", "", "near"),
        (6, "剩4工作日", "", "later"),
        (-1, "超1工作日", "late", "late"),
        (-3, "超3工作日", "late", "late"),
    ],
)
def test_a_limit_in_words(days: int, words: str, tone: str, bucket: str) -> None:
    due = midnight_after(date(2026, 11, 20) + timedelta(days=days))
    told = due_words(due, FRAME)
    assert (str(told).replace(" ", ""), told.tone, bucket_of(due, FRAME)) == (words, tone, bucket)


def test_a_limit_to_the_minute_and_none() -> None:
    told = due_words(NOON + timedelta(hours=5, minutes=30), FRAME)
    assert (told.lead, told.figure, told.tone) == ("今天", "17:30", "soon")
    assert str(due_words(None, FRAME)) == "不限时"
    assert bucket_of(None, FRAME) == "later"
    assert due_words(NOON - timedelta(minutes=1), FRAME).icon == "alert"


@given(st.integers(min_value=-60 * 24 * 40, max_value=60 * 24 * 40))
def test_red_is_late_and_nothing_else(minutes: int) -> None:
    due = NOON + timedelta(minutes=minutes)
    told, bucket = due_words(due, FRAME), bucket_of(due, FRAME)
    assert (told.tone == "late") == (due <= NOON) == (bucket == "late")
    assert (bucket == "today") == (due > NOON and last_day(due) == FRAME.today)


def test_counts_stop_at_a_thousand() -> None:
    assert [capped(count) for count in (0, 999, 1000, 5000)] == ["0", "999", "1 000+", "1 000+"]


def test_nobody_without_person_and_post_has_work() -> None:
    assert mine(Actor(account=1, name="x")) == []


@given(st.lists(st.lists(st.text(max_size=30), min_size=1, max_size=4), min_size=1, max_size=5))
def test_a_sheet_holds_any_text(rows: list[list[str]]) -> None:
    archive = zipfile.ZipFile(io.BytesIO(workbook("待办", rows)))
    assert archive.testzip() is None
    for name in archive.namelist():
        ElementTree.fromstring(archive.read(name))


@pytest.mark.parametrize(
    "text", ["", "x", "~", "~x", "2026-11-20~7", "nonsense~7", "2026-13-40T00:00:00+08:00~7", "~-1"]
)
def test_a_forged_place_is_the_first_page(text: str) -> None:
    place = place_of(text)
    assert place is None or str(place) != ""


def test_what_is_posted_is_cut_and_counted() -> None:
    request = RequestFactory().post("/")
    request.POST = QueryDict(f"do=agree&move=return&opinion={'长' * 9000}&target=1e9&person=-3&say-a=x&correction=a")
    typed = typed_of(request)
    assert typed.move == "agree"
    assert len(typed.opinion) == 4001
    assert (typed.target, typed.person, typed.said, typed.corrections) == (0, 0, {"a": "x"}, ("a",))
