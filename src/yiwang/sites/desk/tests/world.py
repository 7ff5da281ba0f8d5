"""The people of the demonstration with one villager, and cases of theirs that wait at a step."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.test import Client

from tests.browsing import signed_in
from yiwang.kernel.base.moments import now
from yiwang.kernel.org.models import Account, Party
from yiwang.kernel.org.queries import actor_of, current_holdings
from yiwang.kernel.process.models import WorkItem
from yiwang.project.demo.accounts import party_of, register_at_counter
from yiwang.project.demo.answers import Stand
from yiwang.project.demo.filling import Demonstration
from yiwang.project.demo.organisation import found_organisation
from yiwang.project.demo.people import villager
from yiwang.project.demo.player import Player
from yiwang.project.demo.story import Calendar, Citizen, Tale

TOWNSHIP = "360725100"


@dataclass
class World:
    """A county with its bureau, window and stations."""

    player: Player = field(default_factory=Player)
    party: Party = field(default_factory=Party)

    def case(self, node: str = "intake", **stand: Any) -> WorkItem:
        """A new case that waits at a step; gives the item there."""
        clerk = self.player.actor(Account.objects.get(person__name="陈晓梅").person_id or 0)
        facts = {"township": TOWNSHIP, "volume": Decimal("36.5"), **stand}
        citizen = Citizen(villager(0), clerk, self.party.pk)
        number = WorkItem.objects.count()
        tale = Tale(self.player, citizen, Calendar(now() - timedelta(days=1)), Stand(number, **facts))
        tale.apply()
        if node != "intake":
            tale.reach(node)
        return WorkItem.objects.get(subject=tale.case, node=node, state=WorkItem.State.OPEN)

    def client(self, name: str) -> Client:
        """A browser in which this member of staff is signed in."""
        return signed_in(Account.objects.get(person__name=name))


def build() -> World:
    """Found the units and people through the actions, with accounts, quotas and a villager seen at the counter."""
    found_organisation()
    for holding in current_holdings():
        person = holding.person
        Account.objects.get_or_create(person=person, defaults={"username": f"p{person.pk}"})
    Demonstration().quotas()
    clerk = actor_of(Account.objects.get(person__name="陈晓梅"))
    register_at_counter(villager(0), clerk)
    return World(party=party_of(villager(0)))
