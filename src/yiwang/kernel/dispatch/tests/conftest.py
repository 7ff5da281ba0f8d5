"""Two nodes, made once for a test file: what a test sends is its own."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from yiwang.kernel.dispatch.tests.two_nodes import Pair, close, found_pair


@pytest.fixture(scope="module")
def pair(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    with django_db_blocker.unblock():
        made = found_pair(tmp_path_factory.mktemp("nodes"))
        yield made
        close(*made.nodes)
