"""Founds the demonstration units and takes on their staff, through the actions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from yiwang.kernel.org.actions import UnitFacts, appoint, found_unit, open_post, take_on
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Node, Person, Post, Unit

FILE = Path(__file__).with_name("organisation.yaml")
SINCE = date(2024, 1, 1)
CERTIFIED_UNTIL = date(2029, 12, 31)
REACH = {"own": Post.Reach.OWN, "unit": Post.Reach.UNIT}
STATION_POSTS = {"field_officer": "林业站 核查岗", "station_clerk": "林业站 代办岗"}


@dataclass(frozen=True)
class Founded:
    """A person of the demonstration, the post he was put into and its unit."""

    person: Person
    post: Post
    unit: Unit


def found_organisation() -> list[Founded]:
    """Every unit, post and person of the file; nothing when the node has units already."""
    if Unit.objects.exists():
        return []
    node = Node.objects.get_or_create(code="demo", defaults={"name": "林业政务服务（演示）", "is_self": True})[0]
    tree = yaml.safe_load(FILE.read_text("utf-8"))
    return [one for data in tree["units"] for one in _unit(data, None, node.pk)]


def _unit(data: Mapping[str, object], parent: int | None, node: int) -> Iterator[Founded]:
    unit = found_unit(actor=SYSTEM, facts=_facts(data), parent=parent, node=node)
    posts = data.get("posts")
    for role, (name, reach, people) in posts.items() if isinstance(posts, dict) else ():
        yield from _staff(unit, open_post(actor=SYSTEM, unit=unit.pk, role=role, name=name, reach=REACH[reach]), people)
    staff = data.get("staff")
    if isinstance(staff, list):
        yield from _station(unit, staff)
    below = data.get("units")
    for inner in below if isinstance(below, list) else ():
        yield from _unit(inner, unit.pk, node)


def _facts(data: Mapping[str, object]) -> UnitFacts:
    texts = {name: str(data.get(name, "")) for name in ("division", "word", "address", "phone", "hours")}
    return UnitFacts(
        name=str(data["name"]),
        short_name=str(data["short"]),
        kind=str(data["kind"]),
        level=int(str(data["level"])),
        **texts,
    )


def _staff(unit: Unit, post: Post, names: list[str]) -> Iterator[Founded]:
    for name in names:
        person = _person(name)
        appoint(actor=SYSTEM, person=person.pk, post=post.pk, since=SINCE)
        yield Founded(person, post, unit)


def _station(unit: Unit, names: list[str]) -> Iterator[Founded]:
    posts = [open_post(actor=SYSTEM, unit=unit.pk, role=role, name=name) for role, name in STATION_POSTS.items()]
    for name in names:
        person = _person(name)
        for post in posts:
            appoint(actor=SYSTEM, person=person.pk, post=post.pk, since=SINCE)
        yield Founded(person, posts[0], unit)


def _person(name: str) -> Person:
    if not name.endswith("*"):
        return take_on(actor=SYSTEM, name=name)
    number = f"演示证{Person.objects.count() + 1:04d}"
    return take_on(actor=SYSTEM, name=name[:-1], certificate=number, certificate_until=CERTIFIED_UNTIL)
