"""Whether this node can do its work now, check by check. No personal data, nothing that helps an intruder."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from yiwang.kernel.crypto.keyring import KeyringError, keyring
from yiwang.kernel.files.limits import readable, reserve_bytes
from yiwang.project.health import queries


@dataclass(frozen=True)
class Finding:
    """One check: its name, whether it is well, what it says."""

    name: str
    ok: bool
    says: str


def findings() -> list[Finding]:
    """Every check, four statements; those that need the database are not asked when it does not answer."""
    return [*_of_database(), _disk()]


def _of_database() -> Iterator[Finding]:
    try:
        pending = queries.pending_migrations()
    except (DatabaseError, InterfaceError) as error:
        yield Finding("database", False, type(error).__name__)
        return
    yield Finding("database", True, "answers")
    yield Finding("migrations", not pending, f"{len(pending)} pending")
    for name, check in _CHECKS.items():
        try:
            yield check()
        except (DatabaseError, InterfaceError) as error:
            yield Finding(name, False, type(error).__name__)


def _worker() -> Finding:
    late = queries.worker_late()
    if late is None:
        return Finding("worker", False, "no worker has run yet")
    limit = timedelta(seconds=settings.HEALTH["worker_seconds"])
    return Finding("worker", late <= limit, f"late by {late.total_seconds():.0f} s")


def _deliveries() -> Finding:
    oldest = queries.oldest_delivery()
    limit = timedelta(seconds=settings.HEALTH["delivery_seconds"])
    return Finding("deliveries", oldest <= limit, f"oldest waits for {oldest.total_seconds():.0f} s")


def _ring() -> Finding:
    """The ring opens, and is the one that signed the last day."""
    try:
        ring = keyring()
    except KeyringError:
        return Finding("keyring", False, "missing or damaged")
    root = queries.last_root()
    if root is not None and not ring.verify(bytes(root.digest), bytes(root.signature), root.key_id):
        return Finding("keyring", False, "is not the ring that signed the last day")
    return Finding("keyring", True, f"current key {ring.current}")


def _disk() -> Finding:
    free = shutil.disk_usage(Path(settings.DATA)).free
    return Finding("disk", free >= reserve_bytes(), f"{readable(free)} free")


_CHECKS: dict[str, Callable[[], Finding]] = {"worker": _worker, "deliveries": _deliveries, "keyring": _ring}
