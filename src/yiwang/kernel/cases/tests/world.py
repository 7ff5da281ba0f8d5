"""A county in which cases are really handled: real divisions, the demonstration's units and staff, quota, villagers."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.test import TestCase

from yiwang.kernel.base.moments import as_of, now, today
from yiwang.kernel.cases import types
from yiwang.kernel.cases.actions.decisions import Decision, decide_step
from yiwang.kernel.cases.actions.publishing import load_shipped
from yiwang.kernel.cases.models import Case, Judgement, Notice, Opinion
from yiwang.kernel.cases.publishing import read_folder
from yiwang.kernel.clock import calendars
from yiwang.kernel.clock.models import Clock
from yiwang.kernel.forms.models import Draft
from yiwang.kernel.ledger import kinds
from yiwang.kernel.ledger.models import Entry as LedgerEntry
from yiwang.kernel.ledger.verification import verify_chains
from yiwang.kernel.org import directory
from yiwang.kernel.org.actions import DivisionRow, load_divisions
from yiwang.kernel.org.actors import SYSTEM, Actor
from yiwang.kernel.org.models import Account, Party, Person, Unit
from yiwang.kernel.org.queries import actor_of, party_tag, phone_tag
from yiwang.kernel.process import definitions
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.registers.actions import NewQuota, adjust_limit, set_quota
from yiwang.kernel.registers.models import Entry, Quota, Series
from yiwang.project.demo.answers import Stand, raw_answers
from yiwang.project.demo.organisation import found_organisation
from yiwang.project.demo.people import villager
from yiwang.project.demo.player import Filing, Player

KEY = "forestry.felling"
COUNTY, STATION = "崇义县林业局", "横水镇林业工作站"
TOWNSHIP = "360725100"
LIMIT = Decimal(1000)
PROVINCE = ("36", "3607")
COUNTIES = ("360724", "360725")
CLERK, OTHER_CLERK, CHECKER, REVIEWER, OTHER_REVIEWER = "陈晓梅", "温佳怡", "林雨晴", "邱玉珍", "赖明远"
APPROVER, SIGNER, OFFICER, OTHER_OFFICER = "周启明", "罗文斌", "何满仓", "张秀兰"
CITY_APPROVER = "萧望岳"


def forget_memories() -> None:
    """What the process keeps of tables that another class has emptied since."""
    for memory in (types, kinds, calendars, directory, definitions):
        memory.forget()


def load_places() -> None:
    """Only the divisions that the demonstration stands in."""
    path = settings.DEFINITIONS / "codes" / "divisions" / "36.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["code"] in PROVINCE or row["code"].startswith(COUNTIES)]
    load_divisions(actor=SYSTEM, rows=[DivisionRow(n, row["code"], row["name"]) for n, row in enumerate(rows)])


def new_party(number: int, level: int = 2) -> Party:
    """A villager with an account `villager<number>`."""
    who = villager(number)
    party = Party.objects.create(
        kind=Party.Type.PERSON,
        name=who.name,
        id_number=who.identity,
        id_tag=party_tag(who.identity),
        phone=who.phone,
        phone_tag=phone_tag(who.phone),
        level=level,
    )
    Account.objects.create(username=f"villager{number}", party=party)
    return party


def found_county() -> None:
    """Divisions, units, staff with accounts, the felling permit, a quota of 1,000 m³, two villagers."""
    forget_memories()
    load_places()
    found_organisation()
    people = Person.objects.order_by("pk")
    Account.objects.bulk_create(Account(username=f"staff{one.pk}", person=one) for one in people)
    load_shipped(actor=SYSTEM, files=read_folder(settings.DEFINITIONS / "forestry" / "felling"))
    unit = Unit.objects.get(name=COUNTY).pk
    for year in (today().year, today().year + 1):
        set_quota(actor=SYSTEM, new=NewQuota("felling_volume", unit, year, LIMIT, "试验：下达文件"))
    new_party(1)
    new_party(2)


def citizen(number: int = 1) -> Actor:
    """The villager of that number."""
    return actor_of(Account.objects.get(username=f"villager{number}"))


def staff(name: str) -> Actor:
    """The member of staff of that name, as he stands now."""
    return actor_of(Account.objects.get(person__name=name))


def filing(number: int = 1, *, applicant: int = 1, actor: Actor | None = None, stand: Stand | None = None) -> Filing:
    """A right application of a villager for a place of the first township."""
    who = villager(applicant)
    raw = raw_answers(stand or Stand(number, township=TOWNSHIP), who.name, who.identity, who.phone, today())
    return Filing(raw, actor or citizen(applicant), citizen(applicant).party)


@dataclass(frozen=True)
class Traces:
    """Everything an action on cases may change, as counts; two are equal when nothing happened in between."""

    rows: tuple[tuple[str, int], ...]
    states: tuple[tuple[object, ...], ...]


def traces() -> Traces:
    """As it stands now; sight, jobs and messages hang on ledger entries, so those stand for them."""
    models = (Case, LedgerEntry, Opinion, Notice, Judgement, Draft, Entry, WorkItem, Clock)
    rows = [(model.__name__, model.objects.count()) for model in models]
    states: list[tuple[object, ...]] = list(Case.objects.order_by("pk").values_list("pk", "status", "due", "result"))
    states += list(WorkItem.objects.order_by("pk").values_list("pk", "state", "person", "post", "read"))
    states += list(Quota.objects.order_by("pk").values_list("pk", "limit", "used"))
    states += list(Series.objects.order_by("pk").values_list("pk", "last"))
    states += list(Clock.objects.order_by("pk").values_list("pk", "due_at", "stopped_at", "paused_at"))
    return Traces(tuple(rows), tuple(states))


@contextmanager
def unchanged() -> Iterator[None]:
    """Whatever is refused inside must leave no trace."""
    before = traces()
    yield
    assert traces() == before


@dataclass
class County:
    """Somebody who knows everybody's name; every move is a real action."""

    player: Player = field(default_factory=Player)

    def file(self, number: int = 1, **more: object) -> int:
        """File an application; the case."""
        of = filing(number, **more)  # type: ignore[arg-type]  # whatever `filing` takes
        return self.player.file(of).case.subject_id

    def at(self, node: str, number: int = 1, **more: object) -> int:
        """A new case that waits at `node`; beside it, parallel steps are still open."""
        case = self.file(number, **more)
        for _round in range(12):
            waiting = self.waiting(case)
            if node in waiting:
                return case
            if waiting:
                self.player.decide(case, waiting[0])
            else:
                self.player.draw(case)
        raise LookupError(node)

    def waiting(self, case: int) -> list[str]:
        """Nodes of the open steps."""
        return [item.node for item in self.player.open_items(case)]

    def item(self, case: int, node: str) -> int:
        """The open step at a node."""
        return self.player.item(case, node).pk

    def done(self, case: int, node: str) -> int:
        """The last finished step at a node."""
        items = WorkItem.objects.filter(subject=case, node=node, state=WorkItem.State.DONE)
        return items.values_list("pk", flat=True).latest("pk")

    def decide(self, who: Actor | str, case: int, node: str, move: str, opinion: str = "", **more: object) -> None:
        """Somebody named finishes a step."""
        actor = staff(who) if isinstance(who, str) else who
        decision = Decision(move, opinion, **more)  # type: ignore[arg-type]
        decide_step(actor=actor, case=case, item=self.item(case, node), decision=decision)


class CaseWorld(TestCase):
    """Every class gets the county once; every test a case of its own."""

    county: County

    @classmethod
    def setUpTestData(cls) -> None:
        """Once a class."""
        found_county()

    def setUp(self) -> None:
        """Actors are looked up anew."""
        self.county = County()

    def case(self, pk: int) -> Case:
        """The row as it stands."""
        return Case.objects.get(pk=pk)


def verbs(subject: int) -> list[str]:
    """What the ledger tells of a subject, oldest first."""
    return list(LedgerEntry.objects.filter(subject=subject).order_by("seq").values_list("verb", flat=True))


def clock_of(case: int, name: str) -> Clock:
    """The latest clock of that name."""
    return Clock.objects.filter(subject=case, name=name).latest("pk")


def ledger_holds() -> bool:
    """Whether every chain is what was written."""
    return list(verify_chains()) == []


@contextmanager
def later(moment: datetime | None = None) -> Iterator[None]:
    """As of another moment; now when none is named."""
    with as_of(moment or now()):
        yield


def quota() -> Quota:
    """The quota of the county this year."""
    return Quota.objects.get(unit__name=COUNTY, year=today().year)


def leave(amount: Decimal) -> None:
    """Adjust the limit so that just this is left."""
    row = quota()
    adjust_limit(actor=SYSTEM, quota=row.pk, by=amount - row.left, reason="试验")
