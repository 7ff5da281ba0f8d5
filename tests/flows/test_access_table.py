"""Every address, asked and posted to by everybody, against the checked-in table of what each may do.

`YIWANG_ACCESS_TABLE=write` writes the table as it is now; whoever does that reads the difference line by line.
"""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

from django.core.cache import cache

from tests.flows.roles import ROLES, address_of, every_name, make_things, outcome, signed_in
from yiwang.kernel.cases.tests.world import CaseWorld

TABLE = Path(__file__).with_name("access_table.csv")
METHODS = ("GET", "POST")
OUTSIDERS = ("applicant", "other_citizen", "system_officer", "security_officer", "audit_officer")
Row = tuple[str, str]
Table = dict[Row, dict[str, str]]


def read_table() -> Table:
    """The table as checked in."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(row["name"], row["method"]): {role: row[role] for role in ROLES} for row in csv.DictReader(file)}


def write_table(table: Table) -> None:
    """Check the table in anew."""
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["name", "method", *ROLES], lineterminator="\n")
        writer.writeheader()
        writer.writerows({"name": name, "method": method, **row} for (name, method), row in table.items())


def differences(found: Table, known: Table) -> Iterator[str]:
    """One line for each cell that is not as written, and for each row that only one side has."""
    for name, method in sorted(found.keys() ^ known.keys()):
        yield f"{name} {method} stands only in {'the addresses' if (name, method) in found else 'the table'}"
    for row in sorted(found.keys() & known.keys()):
        for role in ROLES:
            if found[row][role] != known[row][role]:
                yield f"{' '.join(row)} as {role}: {found[row][role]}, the table says {known[row][role]}"


class AccessTable(CaseWorld):
    def test_everybody_gets_what_the_table_says(self) -> None:
        found = self.walk()
        if os.environ.get("YIWANG_ACCESS_TABLE") == "write":
            write_table(found)
        assert "\n".join(differences(found, read_table())) == ""

    def test_no_cell_of_the_table_is_an_error_of_the_program(self) -> None:
        wrong = [(row, role) for row, cells in read_table().items() for role, cell in cells.items() if cell[0] == "5"]
        assert wrong == []

    def test_the_table_itself_gives_strangers_nothing_of_the_desk(self) -> None:
        for (name, _method), row in read_table().items():
            if name.startswith("desk:") and name != "desk:theme":
                assert row["anonymous"] in ("sign-in", "405"), name
                assert {row[role] for role in OUTSIDERS} <= {"403", "405"}, name

    def walk(self) -> Table:
        things = make_things()
        people = {role: signed_in(role) for role in ROLES}
        found: Table = {}
        for name in sorted(every_name()):
            address = address_of(name, things)
            for method in METHODS:
                cache.clear()
                found[name, method] = {role: outcome(people[role], method, address) for role in ROLES}
        return found
