from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction

from yiwang.kernel.base.moments import now
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import JobKind, only, register
from yiwang.kernel.jobs.services import (
    Claim,
    LostLease,
    Order,
    discard_dead,
    enqueue,
    enqueue_all,
    finish_in_transaction,
    finish_once,
    held,
    release_held,
    retry_dead,
    running,
)

pytestmark = pytest.mark.django_db(transaction=True)


def nothing(job: Job) -> None:
    """Does nothing."""


KIND = JobKind("t.kind", nothing, queue="slow")
ONCE = JobKind("t.once", nothing, once=True)


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    with only(KIND, ONCE):
        yield


def finish_and_break() -> None:
    """An action that writes, finishes, and then goes wrong."""
    with transaction.atomic():
        enqueue("t.kind")
        finish_in_transaction()
        raise ZeroDivisionError


def finish() -> None:
    """An action that writes and finishes."""
    with transaction.atomic():
        enqueue("t.kind")
        finish_in_transaction()


def done(claim: Claim) -> bool:
    """Whether a commit has finished it."""
    return claim.committed


def leased(kind: JobKind = ONCE, owner: str = "me#1") -> Claim:
    job = Job.objects.create(kind=kind.name, queue=kind.queue, due="2026-01-01T00:00Z", state=1, owner=owner)
    return Claim(job, kind)


def test_an_order_takes_the_queue_of_its_kind() -> None:
    enqueue("t.kind", ref=7, line=3, args={"字": "值"})
    job = Job.objects.get()
    assert (job.queue, job.ref, job.line, job.args, job.tries) == ("slow", 7, 3, {"字": "值"}, 0)


def test_it_goes_with_the_transaction() -> None:
    with pytest.raises(ZeroDivisionError):
        finish_and_break()
    assert not Job.objects.exists()


def test_unknown_kind_and_large_arguments_are_refused() -> None:
    with pytest.raises(LookupError):
        enqueue("t.other")
    with pytest.raises(ValueError, match="1024"):
        enqueue_all([Order("t.kind"), Order("t.kind", args={"a": "字" * 400})])
    assert not Job.objects.exists()


def test_one_key_waits_once_but_a_started_twin_keeps_nothing_away() -> None:
    enqueue("t.kind", unique_key="k")
    enqueue("t.kind", unique_key="k", args={"second": True})
    first = Job.objects.get()
    Job.objects.update(state=Job.State.RUNNING)
    enqueue("t.kind", unique_key="k")
    twin = Job.objects.exclude(pk=first.pk).get()
    assert twin.line == first.line is not None  # so that both never run side by side


def test_finishing_and_the_write_stand_or_fall_together() -> None:
    claim = leased()
    with running(claim):
        with pytest.raises(ZeroDivisionError):
            finish_and_break()
        assert Job.objects.get() == claim.job
        assert not done(claim)
        with transaction.atomic():
            finish_in_transaction()
            finish_in_transaction()
    assert done(claim)
    assert not Job.objects.exists()


def test_a_lost_lease_rolls_the_action_back() -> None:
    claim = leased()
    Job.objects.update(owner="other#1")
    with running(claim), pytest.raises(LostLease):
        finish()
    assert Job.objects.get().owner == "other#1"


def test_a_second_action_in_one_job_is_refused() -> None:
    with running(leased()):
        with transaction.atomic():
            finish_in_transaction()
        with pytest.raises(RuntimeError, match="one action"), transaction.atomic():
            finish_in_transaction()


def test_finishing_outside_a_transaction_is_refused() -> None:
    with running(leased()), pytest.raises(RuntimeError, match="inside the transaction"):
        finish_in_transaction()
    assert Job.objects.exists()


def test_a_savepoint_rolled_back_is_seen() -> None:
    claim = leased()
    with running(claim), transaction.atomic():
        with pytest.raises(ZeroDivisionError):
            finish_and_break()
        assert not claim.is_finishing
        finish_in_transaction()
    assert claim.committed


def test_recording_finishes_only_kinds_that_say_once() -> None:
    with running(leased(KIND)), transaction.atomic():
        finish_once()
    assert Job.objects.count() == 1
    with running(leased(ONCE)), transaction.atomic():
        finish_once()
    assert Job.objects.get().kind == "t.kind"


def test_outside_a_job_there_is_nothing_to_finish() -> None:
    finish_in_transaction()
    finish_once()


def test_dead_jobs_live_again_at_the_end_of_their_line_or_go() -> None:
    rows = [
        Job(kind="t.kind", queue="slow", line=5, ref=n, due="2026-01-01T00:00Z", state=2, tries=8) for n in range(3)
    ]
    Job.objects.bulk_create(rows)
    enqueue("t.kind", line=5)
    waiting = Job.objects.get(state=0)
    a, b, c = Job.objects.filter(state=2).order_by("pk")
    assert retry_dead(a.pk, waiting.pk) == 1
    again = Job.objects.get(ref=0)
    assert again.pk > waiting.pk
    assert (again.state, again.tries) == (0, 0)
    assert discard_dead(b.pk, waiting.pk) == 1
    assert list(Job.objects.filter(state=2)) == [c]


def test_a_name_belongs_to_one_function() -> None:
    with pytest.raises(ValueError, match="twice"):
        register(JobKind("t.kind", lambda job: None))
    with pytest.raises(ValueError, match="queue"):
        JobKind("t.x", nothing, queue="nowhere")


@pytest.mark.engine("postgresql")
def test_workers_are_told() -> None:
    with connection.cursor() as cursor:
        cursor.execute("LISTEN yiwang_jobs")
    enqueue("t.kind")
    assert [n.channel for n in connection.connection.notifies(timeout=2, stop_after=1)] == ["yiwang_jobs"]


def test_held_jobs_wait_until_they_are_released_each_to_its_own_due() -> None:
    moment = now() - timedelta(days=30)
    with held():
        enqueue("t.kind", due=moment)
    enqueue("t.kind", ref=9)
    kept = Job.objects.get(ref=None)
    assert kept.due > now() + timedelta(days=3650)
    assert release_held() == 1
    kept.refresh_from_db()
    assert kept.due == moment
    assert release_held() == 0
