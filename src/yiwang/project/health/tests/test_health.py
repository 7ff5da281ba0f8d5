"""What monitoring hears, from whom it is kept, and that it stays cheap."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import Settings

from tests.queries import CountQueries
from yiwang.kernel.base.moments import as_of, now
from yiwang.kernel.crypto.keyring import make_keyring
from yiwang.kernel.jobs.models import Cron, Job
from yiwang.kernel.jobs.repeats import plan_repeats
from yiwang.kernel.jobs.worker import drain, sweep
from yiwang.kernel.ledger.models import Root
from yiwang.project.health import queries
from yiwang.project.health.checks import findings
from yiwang.project.health.meters import BOUNDS, Meters

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def worker_has_begun() -> None:
    queries.forget()
    plan_repeats()


def failed() -> dict[str, str]:
    return {one.name: one.says for one in findings() if not one.ok}


def test_well_node_is_ready(client: Client) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    told = answer.json()
    assert told["ready"] is True
    assert set(told["checks"]) == {"database", "migrations", "worker", "deliveries", "keyring", "disk"}
    assert client.get("/health/live").json() == {"live": True}


def test_worker_that_never_came_and_one_that_went_are_told() -> None:
    Cron.objects.all().delete()
    assert failed() == {"worker": "no worker has run yet"}
    plan_repeats()
    assert failed() == {}
    with as_of(now() + timedelta(minutes=3)):
        assert "worker" in failed()
        sweep()
        drain()
        assert failed() == {}
    assert not Job.objects.filter(kind=queries.BEAT).exists()


def test_delivery_that_waits_too_long_is_told() -> None:
    Job.objects.create(queue="default", kind="ledger.deliver:search", due=now() - timedelta(minutes=6))
    assert failed() == {"deliveries": "oldest waits for 360 s"}


def test_pending_migration_is_told() -> None:
    MigrationRecorder(connection).migration_qs.filter(app="ledger", name="0001_initial").delete()
    assert failed() == {"migrations": "1 pending"}


def test_missing_ring_and_one_that_did_not_sign_are_told(tmp_path: Path, settings: Settings) -> None:
    settings.KEYRING = tmp_path / "keyring.json"
    assert failed() == {"keyring": "missing or damaged"}
    make_keyring(settings.KEYRING)
    assert failed() == {}
    Root.objects.create(day="2026-11-20", heads=0, algorithm="sha256", digest=b"d", key_id="k1", signature=b"x" * 64)
    assert failed() == {"keyring": "is not the ring that signed the last day"}


def test_full_disk_is_told(settings: Settings) -> None:
    settings.FILES_RESERVE = 1 << 60
    assert "free" in failed()["disk"]


def test_what_fails_gives_503_and_status_1(client: Client) -> None:
    Cron.objects.all().delete()
    assert client.get("/health/ready").status_code == 503
    with pytest.raises(CommandError, match="worker"):
        call_command("health")


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_only_monitors_are_answered(client: Client, settings: Settings, path: str) -> None:
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 405
    assert client.get(path, REMOTE_ADDR="192.0.2.9").status_code == 404
    assert client.get(path, REMOTE_ADDR="").status_code == 404
    assert client.get(path, REMOTE_ADDR="not an address").status_code == 404
    settings.MONITOR_ADDRESSES = ["192.0.2.0/24"]
    assert client.get(path, REMOTE_ADDR="192.0.2.9").status_code == 200
    assert client.get(path).status_code == 404


def test_stranger_behind_a_proxy_on_this_machine_is_no_monitor(client: Client, settings: Settings) -> None:
    passed_on = {"HTTP_X_FORWARDED_FOR": "203.0.113.5"}
    assert client.get("/metrics", **passed_on).status_code == 404  # type: ignore[arg-type]  # headers as META
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert client.get("/metrics", **passed_on).status_code == 404  # type: ignore[arg-type]
    assert client.get("/metrics", HTTP_X_FORWARDED_FOR="203.0.113.5, 127.0.0.1").status_code == 200


@pytest.mark.parametrize("path", ["/health/ready", "/metrics"])
def test_asking_costs_at_most_six_statements(client: Client, count_queries: CountQueries, path: str) -> None:
    with count_queries() as queries_sent:
        client.get(path)
    assert queries_sent.count <= 6, queries_sent


def test_living_costs_none(client: Client, count_queries: CountQueries) -> None:
    with count_queries() as queries_sent:
        client.get("/health/live")
    assert queries_sent.count == 0


LINE = re.compile(r'(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[0-9.]+)')


def test_metrics_are_what_prometheus_reads(client: Client) -> None:
    client.get("/verify/")
    client.get("/there/is/no/such/page")
    answer = client.get("/metrics")
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = answer.content.decode().splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    told = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert int(told['yiwang_requests_total{status="200",class="2xx"}']) >= 1
    assert int(told['yiwang_requests_total{status="404",class="4xx"}']) >= 1
    buckets = [int(count) for name, count in told.items() if "_bucket" in name]
    assert buckets == sorted(buckets)
    assert buckets[-1] == int(told["yiwang_request_seconds_count"])
    assert len(buckets) == len(BOUNDS) + 1
    names = {name.partition("{")[0] for name in told}
    assert {"yiwang_jobs", "yiwang_cases_open", "yiwang_database_bytes", "yiwang_disk_free_bytes"} <= names
    assert int(told["yiwang_database_bytes"]) > 100_000


def test_processes_share_their_counts_and_a_restart_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "requests.count"
    one, other = Meters(path), Meters(path)
    one.count(200, 0.003)
    other.count(200, 0.3)
    other.count(9999, 99.0)
    counted = Meters(path).read()
    assert counted == one.read()
    assert counted.statuses == {200: 2, 599: 1}
    assert (counted.buckets[0], counted.buckets[6], counted.buckets[-1]) == (1, 1, 1)
    assert counted.seconds == pytest.approx(99.303)


def test_people_read_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("health")
    said = capsys.readouterr().out
    assert "ok     database" in said
    assert "yiwang_cases_open" in said
