"""The suite itself: nodes are dear, and what shares one must run on one worker."""

import pytest


def test_one_worker_runs_every_test_of_a_folder(request: pytest.FixtureRequest, worker_id: str) -> None:
    """A pytest that xdist does not understand spreads groups over workers, and tells nobody."""
    assert worker_id == "master" or request.node.nodeid.endswith("@identity")
