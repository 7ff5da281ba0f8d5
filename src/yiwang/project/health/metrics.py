"""Figures for Prometheus, in its text format 0.0.4; five statements, no personal data."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path

from django.conf import settings
from django.db import connection

from yiwang.kernel.base.moments import now
from yiwang.kernel.jobs.queries import health
from yiwang.project.backup.folder import BackupFolder
from yiwang.project.backup.manifest import version
from yiwang.project.health import queries
from yiwang.project.health.meters import BOUNDS, meters

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[Mapping[str, str], float]


def exposition() -> str:
    """All of it. Raises DatabaseError when the database does not answer."""
    return "".join(f"{line}\n" for line in (*_requests(), *_work(), *_room()))


def _requests() -> Iterator[str]:
    counted = meters().read()
    by_status = [({"status": f"{one}", "class": f"{one // 100}xx"}, count) for one, count in counted.statuses.items()]
    yield from _metric("yiwang_requests_total", "counter", "Requests answered on this machine.", by_status)
    sums = list(accumulate(counted.buckets))
    yield from _metric("yiwang_request_seconds", "histogram", "Time to answer a request.", ())
    for bound, count in zip([f"{bound:g}" for bound in BOUNDS] + ["+Inf"], sums, strict=True):
        yield f'yiwang_request_seconds_bucket{{le="{bound}"}} {count}'
    yield f"yiwang_request_seconds_sum {counted.seconds:.6f}"
    yield f"yiwang_request_seconds_count {sums[-1]}"


def _work() -> Iterator[str]:
    jobs = health()
    states = {"waiting": jobs.waiting, "planned": jobs.planned, "running": jobs.running, "dead": jobs.dead}
    by_state = [({"state": state}, count) for state, count in states.items()]
    yield from _metric("yiwang_jobs", "gauge", "Jobs by state; dead ones wait for a person.", by_state)
    yield from _one("yiwang_jobs_unknown", "Waiting jobs of kinds that this version does not know.", jobs.unknown)
    yield from _one("yiwang_jobs_oldest_seconds", "Age of the oldest job due.", jobs.oldest.total_seconds())
    age = queries.oldest_delivery().total_seconds()
    yield from _one("yiwang_deliveries_oldest_seconds", "Age of the oldest delivery due.", age)
    late = queries.worker_late()
    if late is not None:
        yield from _one("yiwang_worker_late_seconds", "How long the worker's beat is overdue.", late.total_seconds())
    yield from _one("yiwang_cases_open", "Cases that are not closed; counted once a minute.", queries.open_cases())


def _room() -> Iterator[str]:
    disk = shutil.disk_usage(Path(settings.DATA))
    yield from _one("yiwang_database_bytes", "Size of the database.", queries.database_size())
    yield from _one("yiwang_disk_free_bytes", "Free room on the disk of the data folder.", disk.free)
    yield from _one("yiwang_disk_bytes", "Room of the disk of the data folder.", disk.total)
    sets = BackupFolder(Path(settings.BACKUP_FOLDER)).sets()
    if sets:
        made = datetime.strptime(sets[-1].name, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
        yield from _one("yiwang_backup_age_seconds", "Age of the last backup.", (now() - made).total_seconds())
    known = {"version": version(), "engine": connection.vendor}
    yield from _metric("yiwang_info", "gauge", "Version and engine.", [(known, 1)])


def _one(name: str, text: str, value: float) -> Iterator[str]:
    return _metric(name, "gauge", text, [({}, value)])


def _metric(name: str, kind: str, text: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        told = ",".join(f'{label}="{word}"' for label, word in labels.items())
        yield f"{name}{{{told}}} {_figure(value)}" if told else f"{name} {_figure(value)}"


def _figure(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}"
