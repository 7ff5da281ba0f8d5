"""Clocks of a subject on the database: started, stopped, paused, extended, explained."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import transaction

from tests.queries import CountQueries
from yiwang.kernel.base.moments import as_of
from yiwang.kernel.clock import queries, services
from yiwang.kernel.clock.explanations import Sign
from yiwang.kernel.clock.limits import Basis, Limit, Unit
from yiwang.kernel.clock.models import Clock, Pause
from yiwang.kernel.clock.refusals import (
    AlreadyExtended,
    AlreadyPaused,
    ClockRunning,
    ExtensionNotPermitted,
    ExtensionTooLate,
    NoSuchClock,
    NotExtendable,
    NothingToPause,
    NotPaused,
    PauseKindRefused,
)
from yiwang.kernel.clock.services import PauseOrder
from yiwang.kernel.clock.standing import Phase, Urgency
from yiwang.kernel.clock.tests.calendars import at
from yiwang.kernel.clock.tests.conftest import CLERK, DIRECTOR, PROMISED, STATUTORY, STEP
from yiwang.kernel.ledger.models import Subject

START = at(date(2026, 11, 11), 15, 20)
HEARING = PauseOrder("hearing", "申请人要求听证", "青林听通〔2026〕3号")
APPRAISAL = PauseOrder("appraisal", "林木权属鉴定")


def rows(subject: Subject) -> list[tuple[object, ...]]:
    clocks = Clock.objects.filter(subject=subject).order_by("pk").values_list()
    return [*clocks, *Pause.objects.filter(subject=subject).order_by("pk").values_list()]


def refused(refusal: type[Exception], subject: Subject, act: Callable[[], object]) -> Exception:
    """The act is refused and nothing is changed."""
    before = rows(subject)
    with pytest.raises(refusal) as caught, transaction.atomic():
        act()
    assert rows(subject) == before
    return caught.value


def test_statutory_and_promised_clocks_start_in_one_statement(subject: Subject, count_queries: CountQueries) -> None:
    queries.remaining(date(2026, 11, 30))  # the calendar is in memory
    with count_queries() as sent:
        statutory, promised = services.start(subject.pk, [STATUTORY, PROMISED], at=START)
    assert sent.count == 1
    assert (statutory.due, promised.due) == (date(2026, 12, 9), date(2026, 11, 25))
    assert promised.due_at == at(date(2026, 11, 26), 0)
    assert queries.sentence_of(promised, at(date(2026, 11, 20))) == "还剩 3 个工作日（至 11 月 25 日）"


def test_a_second_clock_of_the_name_is_refused_and_another_ref_is_not(subject: Subject) -> None:
    services.start(subject.pk, [STEP], at=START, ref="check")
    services.start(subject.pk, [STEP], at=START, ref="review")
    refused(ClockRunning, subject, lambda: services.start(subject.pk, [STEP], at=START, ref="check"))
    services.stop(subject.pk, "step", at=START, ref="check")
    assert services.start(subject.pk, [STEP], at=START, ref="check")[0].pk


@pytest.mark.parametrize(
    ("moment", "late"),
    [(at(date(2026, 11, 25), 23, 59), False), (at(date(2026, 11, 26), 0), True), (at(date(2026, 11, 30)), True)],
)
def test_the_last_day_ends_at_midnight(subject: Subject, moment: datetime, late: bool) -> None:
    services.start(subject.pk, [PROMISED], at=START)
    assert services.stop(subject.pk, "promised", at=moment) == 1
    clock = Clock.objects.get(subject=subject)
    assert (clock.late, clock.stopped_at) == (late, moment)
    assert queries.state_of(clock, moment + timedelta(days=90)).is_late is late


def test_stopping_one_leaves_the_others_running(subject: Subject, count_queries: CountQueries) -> None:
    services.start(subject.pk, [STATUTORY, PROMISED], at=START)
    with count_queries() as sent:
        assert services.stop(subject.pk, "promised", at=at(date(2026, 11, 20))) == 1
    assert sent.count == 1
    assert Clock.objects.get(subject=subject, stopped_at=None).name == "statutory"
    assert services.stop(subject.pk, "promised", at=at(date(2026, 11, 21))) == 0


def test_a_hearing_stops_both_and_an_appraisal_only_the_statutory_limit(subject: Subject) -> None:
    services.start(subject.pk, [STATUTORY, PROMISED, STEP], at=START)
    services.pause(subject.pk, APPRAISAL, at=at(date(2026, 11, 16)), actor=CLERK)
    paused = Clock.objects.filter(subject=subject).exclude(paused_at=None)
    assert [clock.name for clock in paused] == ["statutory"]
    services.pause(subject.pk, HEARING, at=at(date(2026, 11, 17)), actor=CLERK)
    assert set(paused.values_list("name", flat=True)) == {"statutory", "promised"}
    ran = services.resume(subject.pk, at=at(date(2026, 11, 18)), kind="appraisal")
    assert ran == []  # the hearing still stops it
    ran = services.resume(subject.pk, at=at(date(2026, 11, 20)), kind="hearing")
    found = {clock.name: clock.due for clock in ran}
    assert found == {"statutory": date(2026, 12, 15), "promised": date(2026, 11, 30)}
    assert Clock.objects.get(subject=subject, name="step").due == date(2026, 11, 16)


def test_nothing_runs_out_while_it_is_paused(subject: Subject) -> None:
    services.start(subject.pk, [PROMISED], at=START)
    services.pause(subject.pk, HEARING, at=at(date(2026, 11, 20)), actor=CLERK)
    much_later = at(date(2027, 3, 1))
    assert not queries.run_out(much_later, "promised").exists()
    clock = queries.clock_of(subject.pk, "promised")
    assert clock is not None
    standing = queries.state_of(clock, much_later)
    assert (standing.phase, standing.left, standing.is_late) == (Phase.PAUSED, 4, False)
    assert queries.sentence_of(clock, much_later) == "已停止计时，恢复后还剩 4 个工作日"
    services.stop(subject.pk, at=much_later)
    clock.refresh_from_db()
    assert clock.late is False
    assert not Pause.objects.filter(subject=subject, ended_at=None).exists()


def test_a_field_check_is_no_reason_and_the_refusal_names_the_article(subject: Subject) -> None:
    services.start(subject.pk, [STATUTORY], at=START)
    order = PauseOrder("field_check", "现场核查")
    refusal = refused(PauseKindRefused, subject, lambda: services.pause(subject.pk, order, at=START, actor=CLERK))
    assert "第四十五条" in str(refusal)
    assert "现场核查" in str(refusal)


def test_pauses_that_are_refused(subject: Subject) -> None:
    clock = services.start(subject.pk, [STATUTORY], at=START)[0]

    def pausing(kind: str, moment: datetime) -> Callable[[], object]:
        return lambda: services.pause(subject.pk, PauseOrder(kind, "x"), at=moment, actor=CLERK)

    refused(PauseKindRefused, subject, pausing("lunch", START))
    refused(NothingToPause, subject, pausing("tender", START))  # known to the law, not to this limit
    refused(NothingToPause, subject, pausing("hearing", clock.due_at))  # run out: nothing left to stop
    refused(NotPaused, subject, lambda: services.resume(subject.pk, at=START))
    services.pause(subject.pk, HEARING, at=START, actor=CLERK)
    refused(AlreadyPaused, subject, pausing("hearing", START))
    refused(NotPaused, subject, lambda: services.resume(subject.pk, at=START, kind="appraisal"))


def test_extended_once_by_the_head_only(subject: Subject) -> None:
    services.start(subject.pk, [STATUTORY, PROMISED], at=START)
    moment = at(date(2026, 12, 1))
    extend = services.extend
    refused(ExtensionNotPermitted, subject, lambda: extend(subject.pk, "statutory", at=moment, actor=CLERK))
    refused(NotExtendable, subject, lambda: extend(subject.pk, "promised", at=moment, actor=DIRECTOR))
    refused(NoSuchClock, subject, lambda: extend(subject.pk, "delivery", at=moment, actor=DIRECTOR))
    late = at(date(2026, 12, 10), 0)
    refused(ExtensionTooLate, subject, lambda: extend(subject.pk, "statutory", at=late, actor=DIRECTOR))
    clock = extend(subject.pk, "statutory", at=moment, actor=DIRECTOR)
    assert (clock.due, clock.extension) == (date(2026, 12, 23), 10)
    refused(AlreadyExtended, subject, lambda: extend(subject.pk, "statutory", at=moment, actor=DIRECTOR))


def test_a_paused_limit_may_be_extended_and_goes_on_with_both(subject: Subject) -> None:
    services.start(subject.pk, [STATUTORY], at=START)
    services.pause(subject.pk, HEARING, at=at(date(2026, 11, 16)), actor=CLERK)
    services.extend(subject.pk, "statutory", at=at(date(2026, 12, 20)), actor=DIRECTOR)
    ran = services.resume(subject.pk, at=at(date(2026, 12, 21)))[0]
    assert ran.due == date(2027, 1, 28)  # 30 working days, two of them before the hearing
    assert ran.provisional


def test_reopened_as_if_never_stopped(subject: Subject) -> None:
    services.start(subject.pk, [STATUTORY, PROMISED], at=START)
    services.pause(subject.pk, HEARING, at=at(date(2026, 11, 16)), actor=CLERK)
    services.resume(subject.pk, at=at(date(2026, 11, 18)))
    before = rows(subject)
    services.stop(subject.pk, "statutory", "promised", at=at(date(2026, 11, 20)))
    services.reopen(subject.pk, "statutory", "promised")
    assert rows(subject) == before


def test_a_machine_clock_set_back_never_makes_a_limit_run_backwards(subject: Subject) -> None:
    clock = services.start(subject.pk, [PROMISED], at=START)[0]
    early = START - timedelta(days=2)
    standing = queries.state_of(clock, early)
    assert (standing.used, standing.left, standing.is_late) == (0, 10, False)
    services.pause(subject.pk, HEARING, at=START, actor=CLERK)
    ran = services.resume(subject.pk, at=early)[0]
    assert ran.due == date(2026, 11, 25)
    services.stop(subject.pk, at=early)
    assert Clock.objects.get(subject=subject).stopped_at == START


def test_days_are_those_of_the_node_whatever_zone_the_moment_is_in(subject: Subject) -> None:
    """16:30 in Greenwich is the next day in China."""
    moment = datetime.fromisoformat("2026-11-11T16:30:00+00:00")
    assert services.start(subject.pk, [PROMISED], at=moment)[0].due == date(2026, 11, 26)
    with pytest.raises(ValueError, match="naive"):
        services.start(subject.pk, [STEP], at=START.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("day", "sentence", "urgency"),
    [
        (date(2026, 11, 11), "还剩 10 个工作日（至 11 月 25 日）", Urgency.CALM),
        (date(2026, 11, 20), "还剩 3 个工作日（至 11 月 25 日）", Urgency.SOON),
        (date(2026, 11, 25), "今天到期（11 月 25 日）", Urgency.TODAY),
        (date(2026, 11, 27), "超 2 个工作日（11 月 25 日 到期）", Urgency.LATE),
        (date(2026, 11, 29), "超 2 个工作日（11 月 25 日 到期）", Urgency.LATE),
    ],
)
def test_sentences(subject: Subject, day: date, sentence: str, urgency: Urgency) -> None:
    clock = services.start(subject.pk, [PROMISED], at=START)[0]
    with as_of(at(day)):
        assert queries.sentence_of(clock) == sentence
        assert queries.state_of(clock).urgency is urgency


def test_due_on_a_friday_is_over_on_saturday_without_a_working_day(subject: Subject) -> None:
    limit = Limit("acceptance", 5, Unit.WORKING_DAY, "case.received", Basis("行政许可法", "第三十二条"))
    clock = services.start(subject.pk, [limit], at=at(date(2026, 11, 13)))[0]
    assert clock.due == date(2026, 11, 20)
    assert queries.sentence_of(clock, at(date(2026, 11, 21))) == "已超期（11 月 20 日 到期）"
    assert list(queries.run_out(at(date(2026, 11, 21), 0), "acceptance")) == [clock]
    assert not queries.run_out(at(date(2026, 11, 20), 23, 59), "acceptance").exists()
    assert list(queries.running_out(at(date(2026, 11, 18)), at(date(2026, 11, 21), 0), "acceptance")) == [clock]


def test_hours_in_words(subject: Subject) -> None:
    limit = Limit("step", 2, Unit.HOUR, "incident.reported", Basis("报送规定"))
    clock = services.start(subject.pk, [limit], at=at(date(2026, 11, 21), 10))[0]
    assert queries.sentence_of(clock, at(date(2026, 11, 21), 10, 10)) == "还剩 1 小时 50 分钟（至 11 月 21 日 12:00）"
    assert queries.sentence_of(clock, at(date(2026, 11, 21), 12, 45)) == "超 45 分钟（11 月 21 日 12:00 到期）"
    assert queries.explain(clock, at(date(2026, 11, 21), 11)).days == ()


def test_provisional_is_said(subject: Subject) -> None:
    clock = services.start(subject.pk, [STATUTORY], at=at(date(2026, 12, 4)))[0]
    sentence = queries.sentence_of(clock, at(date(2026, 12, 30)))
    assert sentence == "还剩 2 个工作日（至 2027 年 1 月 4 日），暂定：2027 年放假安排尚未公布"


def test_the_explanation_of_the_tracking_page(subject: Subject, count_queries: CountQueries) -> None:
    clock = services.start(subject.pk, [PROMISED], at=START)[0]
    with count_queries() as sent:
        told = queries.explain(clock, at(date(2026, 11, 20)))
    assert sent.count == 1
    assert told.how == "承诺时限 10 个工作日。11 月 11 日当天不算，从第二天算起；周六、周日不算；没有停过表。"
    assert told.sentence == "还剩 3 个工作日（至 11 月 25 日）"
    assert (told.standing.used, told.is_recounted) == (7, False)
    friday = told.weeks()[1][4]
    assert friday is not None
    assert (friday.day, friday.number, friday.left, friday.is_today) == (date(2026, 11, 20), 7, 4, True)
    monday = told.weeks()[2][0]
    assert monday is not None
    assert (monday.number, monday.left, monday.sign) == (8, 3, Sign.COUNTED)
    assert told.days[-1].is_due


def test_the_explanation_names_holidays_make_up_days_and_pauses(subject: Subject) -> None:
    clock = services.start(subject.pk, [STATUTORY], at=at(date(2026, 9, 18)))[0]
    services.pause(subject.pk, HEARING, at=at(date(2026, 10, 9)), actor=CLERK)
    services.resume(subject.pk, at=at(date(2026, 10, 12)))
    clock.refresh_from_db()
    told = queries.explain(clock, at(date(2026, 10, 13)))
    assert told.how == (
        "法定时限 20 个工作日。9 月 18 日当天不算，从第二天算起；周末和中秋、国庆节放假不算；"
        "10 月 9 日起因听证停表（行政许可法第四十五条），10 月 12 日恢复。"
    )
    notes = {mark.day: (mark.sign, mark.note) for mark in told.days}
    assert notes[date(2026, 9, 20)] == (Sign.COUNTED, "调休上班")
    assert notes[date(2026, 10, 1)] == (Sign.REST, "国庆节")
    assert notes[date(2026, 10, 10)][0] is Sign.PAUSED
    assert told.days[-1].day == clock.due == date(2026, 10, 26)


def test_an_open_pause_shows_what_would_come_if_it_ended_today(subject: Subject) -> None:
    clock = services.start(subject.pk, [PROMISED], at=START)[0]
    services.pause(subject.pk, HEARING, at=at(date(2026, 11, 16)), actor=CLERK)
    clock.refresh_from_db()
    told = queries.explain(clock, at(date(2026, 11, 20)))
    assert told.sentence == "已停止计时，恢复后还剩 8 个工作日"
    assert told.days[-1].day == date(2026, 12, 1)
    assert "起因听证停表" in told.how


def test_an_overdue_explanation_goes_on_to_today(subject: Subject) -> None:
    clock = services.start(subject.pk, [PROMISED], at=START)[0]
    told = queries.explain(clock, at(date(2026, 11, 30)))
    over = [(mark.day.day, mark.number) for mark in told.days if mark.sign is Sign.OVER]
    assert over == [(26, 1), (27, 2), (30, 3)]


def test_a_stopped_clock_tells_what_it_took(subject: Subject) -> None:
    services.start(subject.pk, [PROMISED, STATUTORY], at=START)
    services.stop(subject.pk, "promised", at=at(date(2026, 11, 20)))
    services.stop(subject.pk, "statutory", at=at(date(2026, 12, 11)))
    statutory, promised = (queries.clock_of(subject.pk, name) for name in ("statutory", "promised"))
    assert statutory is not None
    assert promised is not None
    assert queries.sentence_of(promised) == "已办结，用了 7 个工作日，没有超期"
    assert queries.sentence_of(statutory, at(date(2026, 12, 20))) == "已办结，超 2 个工作日（12 月 9 日 到期）"
