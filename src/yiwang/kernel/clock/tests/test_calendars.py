"""The table of days: seeded, changed, seen by other processes, and counted anew."""

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from pytest_django import Settings

from tests.queries import CountQueries
from yiwang.kernel.base.moments import as_of, now
from yiwang.kernel.base.refusals import InvalidInput, NotPermitted
from yiwang.kernel.clock import calendars, queries, services, tasks
from yiwang.kernel.clock.actions import DayChange, Notice, change_day, load_packaged, load_year, recount_clocks
from yiwang.kernel.clock.models import Calendar, Clock, Day, Year
from yiwang.kernel.clock.refusals import CalendarRefused
from yiwang.kernel.clock.tests.calendars import CALENDAR, at
from yiwang.kernel.clock.tests.conftest import CLERK, STATUTORY
from yiwang.kernel.clock.tests.test_notices import GOOD
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.ledger.services import create_subject
from yiwang.kernel.org.actors import SYSTEM, Actor

OFFICER = Actor(3, "系统管理员", officer="system")
HOUR = 3600.0
NOTICE = Notice(2027, "国办发明电〔2026〕9号（测试）", GOOD)
YEAR_END = at(date(2026, 12, 4))


@pytest.fixture
def full_table(transactional_db: None) -> None:
    """The table as migrations leave it, also after a test that emptied it."""
    load_packaged(actor=SYSTEM)
    Job.objects.all().delete()


def table() -> list[tuple[object, ...]]:
    days = Day.objects.order_by("region", "date").values_list("region", "date", "is_work", "name", "source", "notice")
    years = Year.objects.order_by("region", "year").values_list("region", "year", "source")
    return [*days, *years, *Calendar.objects.values_list("stamp", "subject")]


def started(day: date) -> Clock:
    with transaction.atomic():
        subject = create_subject("case:example", unit=1)
        return services.start(subject.pk, [STATUTORY], at=at(day))[0]


@pytest.mark.django_db
def test_the_release_brings_every_announced_year() -> None:
    assert Year.objects.filter(region="").count() == 23
    days = calendars.workdays()
    assert [days.is_announced(year) for year in (2003, 2004, 2026, 2027)] == [False, True, True, False]
    first = date(2004, 1, 1)
    assert all(days.is_work(d) is CALENDAR.is_work(d) for d in (first + timedelta(n) for n in range(365 * 24)))


@pytest.mark.django_db
def test_an_emptied_table_does_not_turn_make_up_weekends_into_rest() -> None:
    before = started(date(2026, 9, 18)).due
    Day.objects.all().delete()
    Year.objects.all().delete()
    Calendar.objects.all().delete()
    calendars.forget()
    assert started(date(2026, 9, 18)).due == before


@pytest.mark.usefixtures("full_table")
def test_a_loaded_year_moves_what_was_provisional() -> None:
    """The arrangement gives 31 December: twenty working days from 4 December end a day later, and not provisionally."""
    clock, untouched = started(date(2026, 12, 4)), started(date(2026, 11, 2))
    assert [queries.missing_year(day) for day in (date(2026, 10, 31), date(2026, 11, 1))] == [None, 2027]
    assert (clock.due, clock.provisional) == (date(2027, 1, 4), True)
    with as_of(at(date(2026, 12, 10))):
        entry = load_year(actor=OFFICER, notice=NOTICE)
        assert entry.facts["days"] == 13
        assert recount_clocks(actor=SYSTEM, since=date(2026, 12, 1)) == 1
    clock.refresh_from_db()
    assert (clock.due, clock.provisional) == (date(2027, 1, 5), False)
    assert queries.missing_year(date(2026, 12, 10)) is None
    assert queries.days_of(2027)[0].date == date(2027, 1, 1)
    moved = Entry.objects.get(verb="clock.moved")
    assert (moved.subject_id, moved.facts["from"], moved.facts["to"]) == (clock.subject_id, "2027-01-04", "2027-01-05")
    assert Clock.objects.get(pk=untouched.pk).due == untouched.due
    assert recount_clocks(actor=SYSTEM, since=date(2026, 12, 1)) == 0
    assert queries.sentence_of(clock, at(date(2026, 12, 30))) == "还剩 2 个工作日（至 2027 年 1 月 5 日）"


@pytest.mark.usefixtures("full_table")
def test_counting_anew_goes_on_in_rounds_and_comes_again_for_late_processes() -> None:
    for _ in range(51):
        started(date(2026, 12, 4))
    load_year(actor=OFFICER, notice=NOTICE)
    jobs = Job.objects.filter(kind="clock.recount").order_by("due")
    assert jobs.count() == 2
    assert jobs[1].due - now() > timedelta(seconds=50)
    assert recount_clocks(actor=SYSTEM, since=date(2026, 12, 1)) == 50
    assert recount_clocks(actor=SYSTEM, since=date(2026, 12, 1)) == 1
    assert set(Clock.objects.values_list("due", flat=True)) == {date(2027, 1, 5)}


@pytest.mark.usefixtures("full_table")
def test_stopped_clocks_keep_what_held_then_and_say_so() -> None:
    clock = started(date(2026, 12, 4))
    with transaction.atomic():
        services.stop(clock.subject_id, at=at(date(2026, 12, 20)))
    load_year(actor=OFFICER, notice=NOTICE)
    recount_clocks(actor=SYSTEM, since=date(2026, 12, 1))
    clock.refresh_from_db()
    assert clock.due == date(2027, 1, 4)
    assert queries.explain(clock).is_recounted is True


@pytest.mark.usefixtures("full_table")
@pytest.mark.parametrize(
    ("actor", "notice", "refusal"),
    [
        (CLERK, NOTICE, Exception),
        (Actor(4, "安全保密管理员", officer="security"), NOTICE, NotPermitted),
        (OFFICER, Notice(2027, "x", GOOD + "2027-01-01,休,元旦\n"), CalendarRefused),
        (OFFICER, Notice(2027, " ", GOOD), InvalidInput),
    ],
)
def test_a_refused_load_changes_nothing(actor: Actor, notice: Notice, refusal: type[Exception]) -> None:
    before, entries, jobs = table(), Entry.objects.count(), Job.objects.count()
    with pytest.raises(refusal):
        load_year(actor=actor, notice=notice)
    assert (table(), Entry.objects.count(), Job.objects.count()) == (before, entries, jobs)
    assert calendars.workdays().is_announced(2027) is False


@pytest.mark.usefixtures("full_table")
def test_a_year_loaded_again_is_replaced_and_an_earlier_one_takes_no_day_from_a_later() -> None:
    load_year(actor=OFFICER, notice=NOTICE)
    shorter = GOOD.replace("2027-10-09,班,国庆节调休\n", "").replace("2026-12-31,休,元旦\n", "")
    load_year(actor=OFFICER, notice=Notice(2027, "更正通知", shorter))
    assert set(Day.objects.filter(notice=2027).values_list("source", flat=True)) == {"更正通知"}
    assert calendars.workdays().is_work(date(2027, 10, 9)) is False
    assert calendars.workdays().is_work(date(2026, 12, 31)) is True
    load_year(actor=OFFICER, notice=NOTICE)
    old = "\n".join(f"{row.date},{'班' if row.is_work else '休'},{row.name}" for row in Day.objects.filter(notice=2026))
    before = table()
    with pytest.raises(CalendarRefused, match="已由 2027 年的安排规定"):
        load_year(actor=OFFICER, notice=Notice(2026, "重装", old + "\n2026-12-31,休,补\n"))
    assert table() == before


@pytest.mark.django_db(transaction=True)
def test_a_change_of_an_emptied_table_keeps_the_years_of_the_release() -> None:
    Day.objects.all().delete()
    Year.objects.all().delete()
    load_year(actor=OFFICER, notice=NOTICE)
    days = calendars.workdays()
    assert [days.is_announced(year) for year in (2025, 2026, 2027)] == [True, True, True]
    assert days.is_work(date(2026, 10, 10))
    Day.objects.all().delete()
    Year.objects.all().delete()
    change_day(actor=OFFICER, change=DayChange(date(2026, 11, 30), False, "台风停课停工", "省政府通告"))
    assert calendars.workdays().is_work(date(2026, 10, 10))


@pytest.mark.usefixtures("full_table")
def test_the_jobs_put_off_by_a_change_count_anew() -> None:
    clock = started(date(2026, 12, 4))
    load_year(actor=OFFICER, notice=NOTICE)
    for job in Job.objects.filter(kind="clock.recount").order_by("due"):
        tasks.recount(job)
    clock.refresh_from_db()
    assert clock.due == date(2027, 1, 5)
    assert Entry.objects.filter(verb="clock.moved").count() == 1


@pytest.mark.usefixtures("full_table")
def test_the_nightly_round_finds_what_was_left() -> None:
    """A release that brings a year moves what was provisional, though nobody loaded a file."""
    clock = started(date(2026, 12, 4))
    Clock.objects.update(stamp=1, due=date(2027, 1, 9))
    with as_of(at(date(2026, 12, 20))):
        tasks.recount(Job(kind="clock.recount", args={}))
    clock.refresh_from_db()
    assert clock.due == date(2027, 1, 4)


@pytest.mark.usefixtures("full_table")
def test_a_region_has_its_days_over_the_countrys() -> None:
    load_year(actor=OFFICER, notice=Notice(2026, "广西壮族三月三", "2026-04-20,休,三月三\n", region="45"))
    assert calendars.workdays("450103").is_work(date(2026, 4, 20)) is False
    assert calendars.workdays("4501").mark(date(2026, 10, 1)) is not None
    assert calendars.workdays("44").is_work(date(2026, 4, 20)) is True
    assert calendars.workdays().is_work(date(2026, 4, 20)) is True


@pytest.mark.usefixtures("full_table")
def test_one_day_put_right_moves_what_lies_behind_it() -> None:
    clock, earlier = started(date(2026, 11, 11)), started(date(2026, 10, 12))
    change = DayChange(date(2026, 11, 30), False, "台风停课停工", "省政府通告")
    with pytest.raises(InvalidInput):
        change_day(actor=OFFICER, change=DayChange(date(2026, 11, 30), False, "", "x"))
    with pytest.raises(NotPermitted):
        change_day(actor=CLERK, change=change)
    change_day(actor=OFFICER, change=change)
    recount_clocks(actor=SYSTEM, since=change.day)
    clock.refresh_from_db()
    assert clock.due == date(2026, 12, 10)
    assert Clock.objects.get(pk=earlier.pk).due == earlier.due
    assert [mark.note for mark in queries.explain(clock).days if mark.day == change.day] == ["台风停课停工"]


@pytest.mark.usefixtures("full_table")
def test_years_of_the_release_are_taken_once() -> None:
    Day.objects.filter(notice=2026).delete()
    Year.objects.filter(year=2026).delete()
    calendars.forget()
    assert calendars.workdays().is_announced(2026) is False
    assert load_packaged(actor=OFFICER) == [2026]
    assert calendars.workdays().is_announced(2026) is True
    before = table()
    assert load_packaged(actor=OFFICER) == []
    assert table() == before


@pytest.mark.usefixtures("full_table")
def test_a_change_of_another_process_is_seen(settings: Settings) -> None:
    """A real second process loads the year; this one sees it once its few seconds are over, not before."""
    settings.CALENDAR_REFRESH = HOUR
    assert calendars.workdays().is_announced(2027) is False
    child = """
import os, sys, django
from django.conf import settings
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = os.environ["RACE_NAME"]
from yiwang.kernel.clock.actions import Notice, load_year
from yiwang.kernel.org.actors import SYSTEM
load_year(actor=SYSTEM, notice=Notice(2027, "x", sys.stdin.read()))
"""
    run_child(child, GOOD)
    assert calendars.workdays().is_announced(2027) is False
    settings.CALENDAR_REFRESH = 0
    assert calendars.workdays().is_announced(2027) is True


@pytest.mark.usefixtures("full_table")
def test_what_was_rolled_back_is_not_kept_in_memory(settings: Settings) -> None:
    """A stamp is drawn at random, so that two changes never share one."""
    settings.CALENDAR_REFRESH = 0
    first = calendars.stamp()
    with transaction.atomic():
        Day.objects.create(date=date(2027, 1, 6), is_work=False, name="x", source="x", notice=2027)
        Calendar.objects.filter(pk=1).update(stamp=12345)
        calendars.forget()
        assert calendars.workdays().is_work(date(2027, 1, 6)) is False
        transaction.set_rollback(True)
    assert calendars.stamp() == first
    assert calendars.workdays().is_work(date(2027, 1, 6)) is True


@pytest.mark.usefixtures("full_table")
def test_the_command_names_faulty_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "2027.csv"
    file.write_text(GOOD, "gb18030")
    call_command("load_calendar", file, year=2027, source="国办发明电")
    assert "13 days of 2027" in capsys.readouterr().out
    file.write_text(GOOD + "2027-01-01,休,元旦\n", "utf-8")
    with pytest.raises(CommandError, match="第 15 行"):
        call_command("load_calendar", file, year=2027, source="国办发明电")
    with pytest.raises(CommandError, match="--packaged"):
        call_command("load_calendar")


@pytest.mark.django_db
def test_the_calendar_is_read_once_and_asked_for_its_stamp_every_few_seconds(
    count_queries: CountQueries, settings: Settings
) -> None:
    settings.CALENDAR_REFRESH = HOUR
    calendars.workdays()
    with count_queries() as sent:
        calendars.workdays()
        calendars.stamp()
    assert sent.count == 0
    settings.CALENDAR_REFRESH = 0
    with count_queries() as sent:
        calendars.workdays("4501")
    assert sent.count == 1


def run_child(code: str, text: str) -> None:
    """Run code in a process of its own against the test database."""
    environment = {"RACE_NAME": str(connection.settings_dict["NAME"])}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, input=text, text=True, capture_output=True, env=child_env(environment), check=False)
    assert done.returncode == 0, done.stderr


def child_env(extra: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **extra, "PYTHONPATH": os.pathsep.join(sys.path)}
