"""Four levels of units, a register and a family of quotas."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from yiwang.kernel.base.moments import now
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import create_subject
from yiwang.kernel.org.actors import SYSTEM, Actor, HeldPost
from yiwang.kernel.org.models import Division, Level, Node, Party, Unit
from yiwang.kernel.registers.actions import NewQuota, set_quota
from yiwang.kernel.registers.bookings import Ask, SchemeDeclaration, declare_scheme
from yiwang.kernel.registers.models import Quota
from yiwang.kernel.registers.services import Change, Declaration, Issue, declare

DAY = date(2026, 11, 21)
BASIS = "森林法第五十九条"
DIMENSIONS = (
    {"key": "type", "title": "类型", "values": ["main", "tending"]},
    {"key": "origin", "title": "起源", "values": ["planted", "natural"]},
)


@dataclass(frozen=True)
class Land:
    """Units from province to township, and somebody who holds certificates."""

    province: Unit
    city: Unit
    county: Unit
    township: Unit
    neighbour: Unit
    holder: Party


@pytest.fixture
def land(db: None) -> Land:
    node = Node.objects.create(code="n1", name="示例节点", is_self=True)
    Division.objects.create(code="360100", name="青山县", level=Level.COUNTY)

    def unit(parent: Unit | None, name: str, level: Level, word: str = "") -> Unit:
        fields = {
            "name": name,
            "short_name": name,
            "kind": Unit.Type.BUREAU,
            "level": level,
            "node": node,
            "word": word,
        }
        made: Unit = parent.add_child(**fields) if parent else Unit.add_root(**fields)
        return made

    province = unit(None, "省林业局", Level.PROVINCE)
    city = unit(province, "市林业局", Level.CITY)
    county = unit(city, "青山县林业局", Level.COUNTY, "青林")
    county.division_id = "360100"
    county.save()
    township = unit(county, "云台镇林业站", Level.TOWNSHIP)
    neighbour = unit(city, "白水县林业局", Level.COUNTY, "白林")
    holder = Party.objects.create(kind=Party.Type.PERSON, name="林志远", id_tag="t1")
    return Land(province, city, county, township, neighbour, holder)


@pytest.fixture
def register(db: None) -> str:
    pattern = "{word}采字〔{year}〕第{seq:06d}号"
    return declare(Declaration("permit", "示例许可证", pattern, public_fields=("place",), basis=BASIS)).pk


@pytest.fixture
def scheme(db: None) -> str:
    return declare_scheme(SchemeDeclaration("volume", "年限额", "m³", BASIS, DIMENSIONS)).pk


def keeper(unit: Unit) -> Actor:
    """Somebody who keeps the quotas of a unit and those below."""
    post = HeldPost(90, "quota_keeper", "限额管理", unit.pk, unit.name, unit.path, 1)
    return Actor(9, "限额管理员", post=90, person=900, posts=(post,))


def quota(unit: Unit, limit: str, **category: str) -> Quota:
    """A quota of this year, set through the action; needs a test without a transaction of its own."""
    new = NewQuota("volume", unit.pk, 2026, Decimal(limit), "省政府批复", category)
    return set_quota(actor=SYSTEM, new=new)


def ask(unit: Unit, amount: str, **values: str) -> Ask:
    return Ask("volume", unit.pk, 2026, Decimal(amount), DAY, values)


def because(reason: str = "准予许可", case: int | None = None, actor: Actor = SYSTEM) -> Change:
    return Change(actor, now(), reason, case=case)


def order(land: Land, **fields: Any) -> Issue:
    """An order of the county to issue to the holder, with these fields in place of the usual ones."""
    usual = Issue(
        register="permit",
        issuer=land.county.pk,
        holder_name=land.holder.name,
        holder=land.holder.pk,
        valid_from=DAY,
        valid_to=date(2027, 5, 20),
        data={"place": "三叉垄", "phone": "13800002607"},
    )
    return replace(usual, **fields)


def new_case(unit: Unit) -> Subject:
    with transaction.atomic():
        return create_subject("case:example", unit=unit.pk)
