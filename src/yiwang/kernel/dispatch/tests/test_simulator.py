"""Thousands of schedules of loss, repeat, overtaking, crash and people in each other's way."""

from collections import Counter

import pytest

from yiwang.kernel.dispatch.tests.plain_node import play_plain
from yiwang.kernel.dispatch.tests.table_node import numbers_met, play_tables
from yiwang.kernel.dispatch.tests.two_nodes import Pair
from yiwang.kernel.ledger.verification import verify_chains

PLAIN, TABLES = 2000, 12


def test_every_schedule_ends_in_one_agreed_state_on_both_sides() -> None:
    seen: Counter[str] = Counter()
    for seed in range(PLAIN):
        seen.update(view.standing.state.value for view in play_plain(seed))
    assert min(seen[state] for state in ("arrived", "opened", "signed", "refused", "withdrawn")) > 100, seen


@pytest.mark.django_db(transaction=True)
def test_real_tables_come_to_the_same_end_as_the_rules(pair: Pair) -> None:
    for seed in range(TABLES):
        assert play_tables(seed, pair) == play_plain(seed), f"seed {seed}"
    assert numbers_met(pair)
    for node in pair.nodes:
        with node:
            assert list(verify_chains()) == []
