"""`dispatch`: 10,000 seeded schedules of two nodes in a storm, and some hundred of them on real tables.

A schedule sends envelopes both ways through a line that loses, repeats, keeps back and overtakes, between nodes that
die before their commit, while people open, sign, refuse, withdraw and urge. Every leg must end in one state on both
sides with every receipt there; a schedule on tables must end as the same schedule by the rules alone.
"""

import argparse
import os
import tempfile
from collections import Counter
from pathlib import Path
from time import perf_counter

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.project.settings.base")
django.setup()

from django.db import connection

from bench.report import Bar, report
from yiwang.kernel.dispatch.tests.plain_node import play_plain
from yiwang.kernel.dispatch.tests.table_node import numbers_met, play_tables
from yiwang.kernel.dispatch.tests.two_nodes import close, found_pair
from yiwang.kernel.ledger.verification import verify_chains


def plainly(count: int) -> dict[str, object]:
    """Play on the rules alone."""
    began, states = perf_counter(), Counter[str]()
    for seed in range(count):
        states.update(view.standing.state.value for view in play_plain(seed))
    ends = {f"legs {state}": number for state, number in sorted(states.items())}
    return {"plain schedules": count, "plain seconds": perf_counter() - began, **ends}


def on_tables(count: int, folder: Path) -> dict[str, object]:
    """Play on two databases; chains of both are verified in the end."""
    pair = found_pair(folder)
    began, legs = perf_counter(), 0
    try:
        for seed in range(count):
            found = play_tables(seed, pair)
            assert found == play_plain(seed), f"seed {seed} ends otherwise on tables"
            legs += len(found)
        assert numbers_met(pair)
        for node in pair.nodes:
            with node:
                assert list(verify_chains()) == []
    finally:
        close(*pair.nodes)
    return {"table schedules": count, "table seconds": perf_counter() - began, "table legs agreed": legs}


def main() -> None:
    """Run on scratch databases."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--plain", type=int, default=10_000)
    parser.add_argument("--tables", type=int, default=300)
    options = parser.parse_args()
    figures = plainly(options.plain)
    with tempfile.TemporaryDirectory() as folder:
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "empty.sqlite3")
        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0)
        try:
            figures |= on_tables(options.tables, Path(folder))
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)
    bar = Bar("schedules that ended in one agreed state", options.plain + options.tables, 10_300, at_least=True)
    report("dispatch", connection.vendor, figures, [bar])


if __name__ == "__main__":
    main()
