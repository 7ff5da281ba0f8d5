"""A bureau with a post and two people, and an officer at a browser."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client

from tests.browsing import signed_in
from yiwang.kernel.base.moments import today
from yiwang.kernel.org.actions import UnitFacts, appoint, found_unit, open_post, take_on
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Account, Holding, Node, Person, Post, Unit

Browse = Callable[[str], Client]


@dataclass
class Bureau:
    """What the tests change."""

    unit: Unit
    post: Post
    person: Person
    holding: Holding


@pytest.fixture
def bureau(db: None) -> Bureau:
    node = Node.objects.create(code="n", name="节点", is_self=True)
    facts = UnitFacts("青山县林业局", "县林业局", "bureau", 4)
    unit = found_unit(actor=SYSTEM, facts=facts, parent=None, node=node.pk)
    post = open_post(actor=SYSTEM, unit=unit.pk, role="reviewer", name="审查岗")
    people = [
        take_on(actor=SYSTEM, name=name, staff_number=number) for name, number in (("陈雨晴", "QS1"), ("周启明", "QS2"))
    ]
    since = today() - timedelta(days=30)
    holdings = [appoint(actor=SYSTEM, person=one.pk, post=post.pk, since=since) for one in people]
    Account.objects.create(username="chen", person=people[0])
    return Bureau(unit, post, people[0], holdings[0])


@pytest.fixture
def browse(db: None) -> Browse:
    """`browse("system")`: a browser in which this officer is signed in; `browse("chen")` a member of staff."""

    def opened(who: str) -> Client:
        officer = who if who in Account.Officer.values else ""
        known = Account.objects.filter(username=who).first()
        return signed_in(known or Account.objects.create(username=who, officer=officer))

    return opened
