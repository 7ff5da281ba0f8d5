"""One of several processes that sign at the same moment. Says ready, waits for the word, works, prints what it did.

`python -m yiwang.kernel.registers.tests.racer UNIT ROUNDS AMOUNT`, database name in RACE_NAME.
"""

import json
import os
import sys

import django

django.setup()

from datetime import date
from decimal import Decimal

from django.db import connection, transaction

from yiwang.kernel.base.moments import now
from yiwang.kernel.ledger.services import Event, create_subject, record
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Unit
from yiwang.kernel.registers.bookings import Ask, book_quota
from yiwang.kernel.registers.refusals import QuotaExceeded
from yiwang.kernel.registers.services import Change, Issue, issue_entry


class Torn(Exception):
    """A failure after the number was taken."""


def sign(unit: Unit, amount: Decimal, *, fails: bool) -> str:
    """A signing as a case does it: book, number, record, in one transaction; or fail at the very end."""
    day = date(2026, 11, 21)
    with transaction.atomic(durable=True):
        case = create_subject("case:example", unit=unit.pk)
        change = Change(SYSTEM, now(), "签发", case=case.pk)
        book_quota(case, [Ask("volume", unit.pk, 2026, amount, day)], change)
        issued = issue_entry(Issue("permit", unit.pk, "某人", day), change)
        record(Event(case, "case.signed"), issued.event, actor=SYSTEM)
        if fails:
            raise Torn
    return issued.entry.number


def say(line: str) -> None:
    """To the process that started this one."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(unit_id: int, rounds: int, amount: Decimal) -> dict[str, object]:
    unit = Unit.objects.get(pk=unit_id)
    say("ready")
    sys.stdin.readline()
    numbers, refused, torn = [], 0, 0
    for turn in range(rounds):
        try:
            numbers.append(sign(unit, amount, fails=turn % 3 == 2))
        except QuotaExceeded:
            refused += 1
        except Torn:
            torn += 1
    return {"numbers": numbers, "refused": refused, "torn": torn}


if __name__ == "__main__":
    connection.settings_dict["NAME"] = os.environ["RACE_NAME"]
    say(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]), Decimal(sys.argv[3]))))
