"""What every test may use: a data folder of its own, secrets of a test node, counted queries, the engine's name."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from tests.flushing import quick_flush
from tests.queries import CountQueries, counted
from yiwang.kernel.cases import types
from yiwang.kernel.clock import calendars
from yiwang.kernel.crypto.keyring import make_keyring
from yiwang.kernel.ledger import kinds
from yiwang.kernel.org import directory
from yiwang.kernel.process import definitions

DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "client", "admin_client"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database-only` leaves out what would run the same on any engine."""
    parser.addoption("--database-only", action="store_true", help="only tests that touch the database")


def pytest_configure(config: pytest.Config) -> None:
    """Make the secrets of the test node, and let flushes be quick."""
    make_keyring(Path(settings.KEYRING))
    quick_flush()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by their argument: an archive carries the second it was made in, and workers must agree."""
    return f"{argname}-bytes" if isinstance(val, bytes) else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell `./run test` how many tests came out how."""
    path = os.environ.get("YIWANG_TEST_TALLY")
    if path:
        counts = Counter({kind: len(reports) for kind, reports in terminalreporter.stats.items() if kind})
        Path(path).write_text(json.dumps(counts), "utf-8")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Drop tests of the other engine, and with `--database-only` those that use none."""
    kept = [item for item in items if _wanted(item, config.getoption("--database-only"))]
    dropped = [item for item in items if item not in set(kept)]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


def _wanted(item: pytest.Item, database_only: bool) -> bool:
    engine = item.get_closest_marker("engine")
    if engine is not None and engine.args[0] != connection.vendor:
        return False
    return not database_only or engine is not None or _uses_database(item)


def _uses_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("browser"):
        return False
    case = getattr(item, "cls", None)
    return (
        item.get_closest_marker("django_db") is not None
        or bool(DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())))
        or (isinstance(case, type) and issubclass(case, TransactionTestCase))
    )


@pytest.fixture(autouse=True)
def fresh_memory() -> None:
    """Nothing that a process keeps of its tables may outlive a test that empties them."""
    for forget in (kinds.forget, types.forget, calendars.forget, directory.forget, definitions.forget):
        forget()


@pytest.fixture
def engine() -> str:
    """`sqlite` or `postgresql`."""
    return connection.vendor


@pytest.fixture
def count_queries() -> CountQueries:
    """`with count_queries() as queries:` then `queries.count`; transaction control is not counted."""
    return counted
