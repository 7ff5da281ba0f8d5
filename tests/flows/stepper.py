"""Takes step after step of whatever case is open, tells each one after its commit, until it is killed or told enough.

Roads cross: the approver and the window send cases back, also after signing, so that bookings and numbers are undone.
"""

import os
import random
import sys

import django

django.setup()

from django.db import connection

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.cases.actions.decisions import Decision, decide_step, return_step
from yiwang.kernel.jobs.worker import drain, sweep
from yiwang.kernel.process.models import WorkItem
from yiwang.project.demo.player import Player

MOVES = {"review": "agree", "approve": "agree", "sign": "grant", "deliver": "delivered"}
BACK = {"approve": ("review",), "sign": ("approve", "review"), "deliver": ("sign", "review")}


def tell(line: str) -> None:
    """To the process that started this one; what was told has been committed."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def step(player: Player, dice: random.Random) -> None:
    """One step of one case: forward or back."""
    item = dice.choice(list(WorkItem.objects.filter(state=WorkItem.State.OPEN).order_by("pk")))
    actor = player.doer(item)
    earlier = WorkItem.objects.filter(
        subject=item.subject_id, state=WorkItem.State.DONE, node__in=BACK.get(item.node, ())
    )
    if earlier and (item.node == "deliver" or dice.random() < 0.5):
        target = dice.choice(list(earlier.order_by("pk"))).pk
        return_step(actor=actor, case=item.subject_id, item=item.pk, target=target, opinion="请补充")
    else:
        decision = Decision(MOVES[item.node], "同意")
        decide_step(actor=actor, case=item.subject_id, item=item.pk, decision=decision)
    tell(f"{item.subject_id} {item.pk}")


def main(seed: int) -> None:
    """Work for ever; every few steps the jobs that followed are run here too."""
    player, dice = Player(), random.Random(seed)
    sweep()
    tell("ready")
    while True:
        if WorkItem.objects.filter(state=WorkItem.State.OPEN).exists() and dice.random() < 0.85:
            step(player, dice)
        else:
            drain(most=20)


if __name__ == "__main__":
    connection.settings_dict["NAME"] = os.environ["FLOW_DATABASE"]
    try:
        main(int(sys.argv[1]))
    except Refusal as refusal:
        tell(f"refused {type(refusal).__name__}: {refusal}")
