"""The whole action behind one step: lock, policy, process, opinion, grants, clock, ledger, jobs."""

import time
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from tests.queries import counted
from yiwang.kernel.base.moments import now
from yiwang.kernel.cases.actions.decisions import Decision, decide_step
from yiwang.kernel.crypto.keyring import make_keyring
from yiwang.project.demo.accounts import open_accounts, register_at_counter
from yiwang.project.demo.filling import Demonstration
from yiwang.project.demo.organisation import found_organisation
from yiwang.project.demo.people import villager
from yiwang.project.demo.story import Calendar, Citizen, Tale, stand_of


def prepared() -> Demonstration:
    """Units, people, calendar, types and quotas of the demonstration."""
    make_keyring(Path(settings.KEYRING))
    for command in (("load_divisions",), ("load_calendar", "--packaged"), ("load_definitions",)):
        call_command(*command, verbosity=0)
    demonstration = Demonstration()
    open_accounts(found_organisation())
    demonstration.quotas()
    return demonstration


def review_action(cases: int) -> tuple[float, int]:
    """CPU ms of this process and statements for deciding the step *review* of a permit, the smallest of `cases`."""
    demonstration = prepared()
    clerk, found = demonstration.clerk(), []
    for number in range(cases):
        party = register_at_counter(villager(number), clerk)
        tale = Tale(demonstration.player, Citizen(villager(number), clerk, party.pk), Calendar(now()), stand_of(number))
        tale.apply()
        demonstration.player.until(tale.case, "review")
        found.append(_decided(demonstration, tale.case))
    return min(spent for spent, _count in found) * 1000, max(count for _spent, count in found)


def _decided(demonstration: Demonstration, case: int) -> tuple[float, int]:
    item = demonstration.player.item(case, "review")
    actor = demonstration.player.doer(item)
    with counted() as queries:
        began = time.process_time()
        decide_step(actor=actor, case=case, item=item.pk, decision=Decision("agree", "经审核，拟同意。"))
        spent = time.process_time() - began
    return spent, queries.count
