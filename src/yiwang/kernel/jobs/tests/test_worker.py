from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from tests.queries import CountQueries
from yiwang.kernel.base.moments import as_of, now
from yiwang.kernel.jobs import claims
from yiwang.kernel.jobs.models import Cron, Job
from yiwang.kernel.jobs.processes import is_gone, parse_name, this_process
from yiwang.kernel.jobs.queries import dead_jobs, health
from yiwang.kernel.jobs.registry import JobKind, only
from yiwang.kernel.jobs.services import Order, enqueue, enqueue_all, finish_in_transaction
from yiwang.kernel.jobs.worker import drain, lanes_for, sweep

pytestmark = pytest.mark.django_db(transaction=True)


class Log:
    """Runs jobs by writing down what they referred to; may fail."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.errors: dict[int, Exception] = {}

    def __call__(self, job: Job) -> None:
        ref = -1 if job.ref is None else job.ref
        self.seen.append(ref)
        if ref in self.errors:
            raise self.errors[ref]


@pytest.fixture
def log() -> Iterator[Log]:
    entry = Log()
    with only(
        JobKind("t.a", entry, tries=3),
        JobKind("t.b", entry),
        JobKind("t.slow", entry, queue="slow"),
        JobKind("t.final", entry, tries=1),
    ):
        yield entry


WISH = claims.Wish("default", ["t.a", "t.b"])


def later(**step: float) -> AbstractContextManager[None]:
    return as_of(now() + timedelta(**step))


def test_jobs_run_once_in_order_and_leave_no_row(log: Log) -> None:
    enqueue_all(Order("t.a", ref=n) for n in range(120))
    assert drain() == 120
    assert log.seen == list(range(120))
    assert not Job.objects.exists()


def test_a_claim_takes_fifty_at_most_and_none_twice(log: Log) -> None:
    enqueue_all(Order("t.a", ref=n) for n in range(120))
    taken = [claims.claim(WISH, f"o#{n}") for n in range(4)]
    assert [len(batch) for batch in taken] == [50, 50, 20, 0]
    assert len({job.pk for batch in taken for job in batch}) == 120


def test_claiming_is_one_statement(log: Log, count_queries: CountQueries) -> None:
    enqueue_all(Order("t.a", ref=n) for n in range(10))
    with count_queries() as queries:
        claims.claim(WISH, "o#1")
    assert queries.count == 1


def test_a_line_runs_one_at_a_time_in_id_order(log: Log) -> None:
    enqueue_all([Order("t.a", ref=1, line=9), Order("t.a", ref=2, line=9), Order("t.b", ref=3, line=9)])
    first = claims.claim(WISH, "o#1")
    assert [job.ref for job in first] == [1, 3]  # another kind has a line of its own
    assert claims.claim(WISH, "o#2") == []
    claims.strike_off(first)
    assert [job.ref for job in claims.claim(WISH, "o#3")] == [2]


def test_a_failing_head_holds_its_line_until_it_is_dead(log: Log) -> None:
    enqueue_all([Order("t.a", ref=1, line=9), Order("t.a", ref=2, line=9)])
    log.errors[1] = ValueError("broken")
    for hours in range(3):
        with later(hours=hours * 2):
            drain()
    assert log.seen == [1, 1, 1, 2]
    dead = dead_jobs().get()
    assert (dead.ref, dead.tries, "ValueError: broken" in dead.error) == (1, 3, True)


def test_a_failure_waits_before_the_next_try(log: Log) -> None:
    enqueue("t.a", ref=1)
    log.errors[1] = ValueError("broken")
    drain()
    job = Job.objects.get()
    assert job.state == Job.State.WAITING
    assert timedelta(seconds=1) < job.due - now() < timedelta(seconds=3)


def test_an_unknown_kind_waits_for_a_newer_worker(log: Log) -> None:
    Job.objects.create(kind="t.future", queue="default", due=now())
    assert drain() == 0
    assert Job.objects.get().state == Job.State.WAITING
    assert health().unknown == 1


def test_due_later_is_later(log: Log) -> None:
    enqueue("t.a", ref=1, due=now() + timedelta(hours=1))
    assert drain() == 0
    with later(hours=1, seconds=1):
        assert drain() == 1


def test_a_lease_that_ran_out_is_given_to_another(log: Log) -> None:
    enqueue("t.a", ref=1)
    (mine,) = claims.claim(WISH, "elsewhere/1/2#a")
    sweep()
    assert Job.objects.get().owner == "elsewhere/1/2#a"
    with later(minutes=1):
        sweep()
    with later(minutes=2):
        (theirs,) = claims.claim(replace(WISH, failed=True), "elsewhere/3/4#b")
    claims.strike_off([mine])
    claims.fail(mine, "late", 1)
    claims.renew([mine])
    row = Job.objects.get()
    assert (row.owner, row.state, row.tries, row.lease_until) == (theirs.owner, 1, 1, theirs.lease_until)


def test_renewing_keeps_a_lease(log: Log) -> None:
    enqueue("t.a")
    held = claims.claim(WISH, "elsewhere/1/2#a")
    with later(seconds=20):
        claims.renew(held)
    with later(seconds=40):
        sweep()
    assert Job.objects.get().state == Job.State.RUNNING


def test_a_dead_process_of_this_machine_is_seen_at_once(log: Log) -> None:
    name = this_process()
    gone = f"{name.machine}/{name.pid}/1#a"
    assert is_gone(gone)
    assert not is_gone(f"{name}#a")
    assert not is_gone("elsewhere/1/2#a")
    assert parse_name("nonsense") is None
    enqueue("t.final", ref=1)
    claims.claim(replace(WISH, kinds=["t.final"]), gone)
    sweep()
    job = Job.objects.get()
    assert (job.state, job.tries) == (Job.State.WAITING, 1)  # the loss of a worker is not the one failure allowed


def test_a_job_that_kills_its_workers_ends_on_the_dead_list(log: Log) -> None:
    enqueue_all([Order("t.a", ref=1), Order("t.a", ref=2)])
    for round_ in range(5):
        with later(hours=round_ * 2):
            claims.claim(replace(WISH, failed=round_ > 0, size=1), "elsewhere/1/2#a")
        with later(hours=round_ * 2 + 1):
            sweep()
    assert dead_jobs().get().ref == 1
    assert drain() == 1


def test_what_failed_is_claimed_alone(log: Log) -> None:
    enqueue_all(Order("t.a", ref=n) for n in range(3))
    Job.objects.filter(ref__lt=2).update(tries=1)
    assert [job.ref for job in claims.claim(WISH, "o#1")] == [2]
    assert [job.ref for job in claims.claim(replace(WISH, failed=True, size=1), "o#2")] == [0]


def test_a_busy_database_costs_no_try(log: Log) -> None:
    enqueue("t.final", ref=1)
    log.errors[1] = OperationalError("database is locked")
    drain()
    assert Job.objects.get().tries == 0
    log.errors.clear()
    with later(seconds=1):
        assert drain() == 1
    assert not Job.objects.exists()


def test_put_back_loses_to_a_waiting_twin(log: Log) -> None:
    enqueue("t.a", ref=1, unique_key="k")
    started = claims.claim(WISH, "o#1")
    enqueue("t.a", ref=2, unique_key="k")
    claims.put_back(started)
    assert Job.objects.get().ref == 2


def test_an_action_strikes_its_job_off(log: Log) -> None:
    def act(job: Job) -> None:
        with transaction.atomic(durable=True):
            enqueue("t.b", ref=job.ref)
            finish_in_transaction()

    with only(JobKind("t.act", act, once=True), JobKind("t.b", log)):
        enqueue("t.act", ref=5)
        assert drain() == 2
    assert log.seen == [5]


def test_a_handler_that_fails_after_its_commit_is_not_run_again(log: Log) -> None:
    def act(job: Job) -> None:
        with transaction.atomic(durable=True):
            finish_in_transaction()
        raise ValueError("too late")

    with only(JobKind("t.act", act, once=True)):
        enqueue("t.act")
        drain()
    assert not Job.objects.exists()


def test_a_clock_set_back_delays_nothing(log: Log) -> None:
    with later(hours=5):
        enqueue("t.a", ref=1)
        enqueue("t.b", ref=2)
        claims.claim(replace(WISH, kinds=["t.b"]), "elsewhere/1/2#a")
    enqueue("t.a", ref=3, due=now() + timedelta(hours=7))
    sweep()
    with later(minutes=1):
        drain()
    assert sorted(log.seen) == [1, 2]
    assert Job.objects.get().ref == 3


def test_a_clock_set_forward_runs_nothing_twice(log: Log) -> None:
    enqueue("t.a", ref=1)
    held = claims.claim(WISH, "elsewhere/1/2#a")
    with later(days=1):
        sweep()
    with later(days=1, minutes=1):
        assert drain() == 1
    claims.strike_off(held)
    assert log.seen == [1]
    assert not Job.objects.exists()


def test_a_full_queue_of_one_line_and_of_timers_stays_quick(log: Log, count_queries: CountQueries) -> None:
    timers = [Order("t.a", due=now() + timedelta(days=n)) for n in range(1, 2000)]
    enqueue_all([*timers, *(Order("t.a", line=1, ref=n) for n in range(200)), *(Order("t.b") for _ in range(200))])
    with count_queries() as queries:
        taken = claims.claim(replace(WISH, size=50), "o#1")
    assert (len(taken), queries.count) == (50, 1)
    claims.put_back(taken)
    assert drain() == 400
    assert [ref for ref in log.seen if ref >= 0] == list(range(200))


def test_slow_jobs_have_their_lane(log: Log) -> None:
    enqueue_all([Order("t.slow", ref=1), Order("t.a", ref=2)])
    drain("default")
    assert log.seen == [2]
    assert lanes_for((), 1) == [("default", "slow")]
    assert lanes_for((), 3) == [("default",), ("default",), ("slow",)]
    assert lanes_for((), 8).count(("slow",)) == 2
    assert lanes_for(("slow",), 2) == [("slow",), ("slow",)]


def test_health(log: Log) -> None:
    with later(minutes=-10):
        enqueue("t.a")
    enqueue("t.a", due=now() + timedelta(days=1))
    Job.objects.create(kind="t.a", queue="default", due=now(), state=Job.State.DEAD)
    told = health()
    assert (told.waiting, told.planned, told.running, told.dead, told.unknown) == (1, 1, 0, 1, 0)
    assert timedelta(minutes=9) < told.oldest < timedelta(minutes=11)


def test_repeats_come_once_however_many_were_missed() -> None:
    entry = Log()
    with only(JobKind("t.daily", entry, repeat="daily 02:30")):
        sweep()
        assert drain() == 0
        for days in (5, 5.01, 6.1):
            with later(days=days):
                sweep()
                sweep()
                drain()
    assert len(entry.seen) == 2


def test_repeats_follow_a_new_rule_and_a_corrected_clock() -> None:
    entry = Log()
    with later(days=3000), only(JobKind("t.daily", entry, repeat="daily 02:30")):
        sweep()
    with only(JobKind("t.daily", entry, repeat="every 10m")):
        sweep()
        row = Cron.objects.get()
        assert (row.rule, row.next_due < now() + timedelta(minutes=11)) == ("every 10m", True)
    with only():
        sweep()
    assert Cron.objects.exists()  # another version may know it


def test_two_workers_start_a_repeat_once() -> None:
    entry = Log()
    with only(JobKind("t.daily", entry, repeat="every 1m")):
        sweep()
        row = Cron.objects.get()
        with later(minutes=2):
            sweep()
            Cron.objects.filter(pk=row.pk, next_due=row.next_due).update(next_due=now())  # stale: changes nothing
            sweep()
        assert Job.objects.count() == 1


def test_the_partial_indexes_serve_the_claim(log: Log) -> None:
    enqueue_all(Order("t.a", ref=n, line=n) for n in range(50))
    where, values = claims._ready(WISH)
    sql = f"SELECT j.id FROM jobs_job j WHERE {where} ORDER BY j.due, j.id LIMIT 50"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}", values)
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        plan = str(cursor.fetchall())
    assert "job_waiting" in plan
    assert "job_line" in plan
