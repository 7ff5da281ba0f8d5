"""Run by `./run manage shell` on the node: cases at a wanted step made through the actions, people who can sign in."""

import itertools
import json
import secrets
import sys
import time
from datetime import timedelta
from decimal import Decimal

from yiwang.kernel.base.moments import now
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Account, Party, Unit
from yiwang.kernel.org.queries import actor_of, party_tag
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.registers.actions import adjust_limit
from yiwang.kernel.registers.models import Quota
from yiwang.project.demo.accounts import new_password, open_accounts
from yiwang.project.demo.answers import Stand
from yiwang.project.demo.filling import Demonstration
from yiwang.project.demo.organisation import found_organisation
from yiwang.project.demo.people import villager
from yiwang.project.demo.player import Player
from yiwang.project.demo.story import Calendar, Citizen, Tale
from yiwang.sites.identity.actions.own import enrol_second_factor
from yiwang.sites.identity.rules import PERIOD, totp
from yiwang.sites.identity.second_factor import new_secret

TOWNSHIP = "360725100"
MARK = "answer: "


def found() -> int:
    """Units, people with accounts, quotas and villagers of the demonstration, without its cases."""
    show = Demonstration()
    logins = open_accounts(found_organisation())
    show.quotas()
    return len(show.citizens(logins))


def make_case(node: str, slope: int = 22, volume: str = "36.5") -> dict[str, int | str]:
    """A case of the township that waits at `node`; the item named is the one at that node."""
    who = villager(secrets.randbelow(8))
    party = Party.objects.get(id_tag=party_tag(who.identity))
    stand = Stand(secrets.randbelow(900), township=TOWNSHIP, slope=slope, volume=Decimal(volume))
    citizen = Citizen(who, actor_of(Account.objects.get(party=party)), party.pk)
    tale = Tale(Player(), citizen, Calendar(now() - timedelta(days=1)), stand)
    tale.apply()
    if node != "intake":
        tale.reach(node)
    item = WorkItem.objects.get(subject=tale.case, node=node, state=WorkItem.State.OPEN)
    return {"case": tale.case, "item": item.pk, "number": item.number, "title": item.title}


def person(name: str) -> dict[str, str]:
    """User name, password and key of a member of staff; whoever had none of the last two gets them."""
    account = Account.objects.get(person__name=name)
    password, secret = new_password(), new_secret()
    account.set_password(password)
    account.password_changed = now()
    account.save()
    enrol_second_factor(actor=actor_of(account), secret=secret, code=totp(secret, int(time.time()) // PERIOD - 1))
    return {"username": account.username, "password": password, "secret": secret}


def state(case: int) -> dict[str, object]:
    """Open steps of a case and how many it has done."""
    items = WorkItem.objects.filter(subject=case)
    done = items.filter(state=WorkItem.State.DONE)
    return {
        "open": sorted(items.filter(state=WorkItem.State.OPEN).values_list("node", flat=True)),
        "done": sorted(done.values_list("node", flat=True)),
    }


def leave_quota(left: str) -> str:
    """Bring the quota of the county down to what is left, and say what it was."""
    quota = Quota.objects.get(unit=Unit.objects.get(name="崇义县林业局"), year=now().year)
    before = quota.left
    if Decimal(left) != before:
        adjust_limit(actor=SYSTEM, quota=quota.pk, by=Decimal(left) - before, reason="试验：调整限额")
    return str(before)


def serve() -> None:
    """Answer one call a line until the other side closes; the first line out says that it is ready."""
    calls = {"found": found, "make_case": make_case, "person": person, "state": state, "leave_quota": leave_quota}
    for line in itertools.chain(['["", {}]'], sys.stdin):
        name, arguments = json.loads(line)
        result = calls[name](**arguments) if name else "ready"  # type: ignore[operator]
        sys.stdout.write(MARK + json.dumps(result, ensure_ascii=False) + "\n")
        sys.stdout.flush()


serve()
