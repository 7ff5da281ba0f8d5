"""The suite itself: nodes are dear, and tests of one story follow each other on one."""

import pytest


def test_one_worker_runs_every_test_of_this_folder(request: pytest.FixtureRequest, worker_id: str) -> None:
    """A pytest that xdist does not understand spreads groups over workers, and tells nobody."""
    assert worker_id == "master" or request.node.nodeid.endswith("@browser")
