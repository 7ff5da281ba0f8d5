"""Fills an empty node with the demonstration, telling how far it is."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from yiwang.kernel.base.moments import as_of, now, today
from yiwang.kernel.cases.models import Case
from yiwang.kernel.crypto.authority import EC
from yiwang.kernel.jobs.services import held, release_held
from yiwang.kernel.org.actors import SYSTEM, Actor
from yiwang.kernel.org.models import Account, Unit
from yiwang.kernel.org.queries import actor_of, current_holdings
from yiwang.kernel.registers.actions import NewQuota, set_quota
from yiwang.project.demo.accounts import (
    Login,
    open_accounts,
    party_of,
    register_at_counter,
    register_citizen,
    write_accounts,
)
from yiwang.project.demo.certificates import vary_certificates
from yiwang.project.demo.organisation import found_organisation
from yiwang.project.demo.people import villager
from yiwang.project.demo.player import Player
from yiwang.project.demo.story import Calendar, Citizen, Tale, beginning, stand_of, tales
from yiwang.ui.filling import FILE as PROGRESS

ONLINE, COUNTER = 8, 16
SEALED_SINCE = timedelta(days=2 * 365)
QUOTAS = {"崇义县林业局": (Decimal(9800), Decimal(2400)), "上犹县林业局": (Decimal(5200), Decimal(900))}


@dataclass
class Demonstration:
    """One filling of one node; `folder` gets the accounts and the progress."""

    folder: Path = field(default_factory=lambda: Path(settings.DATA))
    done: int = 0
    total: int = 0
    player: Player = field(default_factory=Player)

    def fill(self) -> bool:
        """Make units, people, quotas and cases; nothing on a node that has units already. Says whether it filled."""
        release_held()
        if Unit.objects.exists():
            return False
        with held():
            self._fill()
        release_held()
        self.finish()
        return True

    def _fill(self) -> None:
        plan = tales()
        self.total = len(plan) + 3
        self.tell("单位和人员")
        logins = open_accounts(found_organisation())
        with as_of(now() - SEALED_SINCE):
            call_command("make_authority", kind=EC, verbosity=0, stdout=StringIO())  # EC: keys in no time
        write_accounts(self.folder, logins)
        self.step("采伐限额")
        self.quotas()
        citizens = self.citizens(logins)
        write_accounts(self.folder, logins)
        for number, (play, days) in enumerate(plan):
            self.step(f"办件 {number + 1}/{len(plan)}")
            citizen = citizens[number * 7 % len(citizens)]
            tale = Tale(self.player, citizen, Calendar(beginning(days, number)), stand_of(number))
            tale.apply()
            play(tale)
        vary_certificates()

    def quotas(self) -> None:
        """Quotas of this year and the last for the two counties."""
        for name, (limit, opening) in QUOTAS.items():
            unit = Unit.objects.get(name=name).pk
            for year in (today().year - 1, today().year):
                new = NewQuota("felling_volume", unit, year, limit, "演示：省林业局下达文件", opening=opening)
                set_quota(actor=SYSTEM, new=new)

    def citizens(self, logins: list[Login]) -> list[Citizen]:
        """Villagers: some registered online, the others at the counter of the county."""
        clerk, found = self.clerk(), []
        for number in range(ONLINE):
            who = villager(number)
            logins.append(register_citizen(who, clerk))
            party = party_of(who)
            found.append(Citizen(who, actor_of(Account.objects.get(party=party)), party.pk))
        for number in range(ONLINE, ONLINE + COUNTER):
            party = register_at_counter(villager(number), clerk)
            found.append(Citizen(villager(number), clerk, party.pk))
        return found

    def clerk(self) -> Actor:
        """The clerk of the county window."""
        holding = current_holdings().filter(post__role="intake", post__unit__short_name="县林业窗口").order_by("pk")[0]
        return self.player.actor(holding.person_id, holding.post_id)

    def step(self, what: str) -> None:
        """One step further."""
        self.done += 1
        self.tell(what)

    def tell(self, what: str) -> None:
        """Write how far it is, in one move."""
        target = self.folder / PROGRESS
        fresh = target.with_suffix(".new")
        fresh.write_text(json.dumps({"done": self.done, "total": self.total, "what": what}), "utf-8")
        fresh.replace(target)

    def finish(self) -> None:
        """Nothing more to tell."""
        (self.folder / PROGRESS).unlink(missing_ok=True)

    def cases(self) -> int:
        """How many cases the node holds."""
        return Case.objects.count()
