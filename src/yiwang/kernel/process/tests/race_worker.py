"""One of two processes at the same cases: START, GUARD and MOVE, lines of subject, item and person on stdin."""

import sys
import time

from django.db import transaction

from yiwang.kernel.base.refusals import StaleState
from yiwang.kernel.ledger.services import lock
from yiwang.kernel.process import services
from yiwang.kernel.process.refusals import ItemNotOpen
from yiwang.kernel.process.tests.boards import Person, TestBoard

PACE = 0.02


def main() -> None:
    """Take each item, one every PACE seconds; prints how many were taken."""
    start, guard, move = float(sys.argv[1]), sys.argv[2] == "lock", sys.argv[3]
    lines = [[int(word) for word in line.split()] for line in sys.stdin.read().splitlines()]
    taken = 0
    for place, (subject, item, person) in enumerate(lines):
        time.sleep(max(0.0, start + place * PACE - time.time()))
        taken += take(subject, item, Person(person), move, guard)
    sys.stdout.write(str(taken))


def take(subject: int, item: int, actor: Person, move: str, guard: bool) -> bool:
    """One action; False when somebody else was faster at the same item.

    Without the lock on the subject the engine refuses what it read too early, and the action is tried again.
    """
    while True:
        try:
            with transaction.atomic(durable=True):
                if guard:
                    lock(subject)
                services.take(subject_id=subject, item_id=item, actor=actor, move=move, board=TestBoard())
        except ItemNotOpen:
            return False
        except StaleState:
            if guard:
                raise
        else:
            return True
