"""Changing the organisation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from yiwang.kernel.base.identifiers import is_credit_code
from yiwang.kernel.base.refusals import InvalidInput
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import changed
from yiwang.kernel.org.models import Division, Holding, Person, Post, Unit
from yiwang.kernel.org.rules import LENGTHS, parent_code

MOST_POSTS = 9
"""Posts of one person at a time: every list asks once for each of his principals, two a post and two besides."""
UNIT_FIELDS = ("name", "short_name", "kind", "level", "credit_code", "word", "address", "phone", "hours")


@dataclass(frozen=True)
class DivisionRow:
    """A line of a table of divisions."""

    line: int
    code: str
    name: str


@transaction.atomic(durable=True)
def load_divisions(*, actor: Actor, rows: Iterable[DivisionRow]) -> int:
    """Add or rename divisions; codes left out stay. Returns how many rows were read.

    Raises InvalidInput naming the line of a code of wrong length, an empty name or a missing parent; nothing is taken.
    """
    ordered = sorted(rows, key=lambda row: (len(row.code), row.code))
    known = set(Division.objects.values_list("code", flat=True)) | {row.code for row in ordered}
    divisions = [_division(row, known) for row in ordered]
    changed()
    Division.objects.bulk_create(
        divisions, update_conflicts=True, unique_fields=["code"], update_fields=["name", "level", "parent"]
    )
    return len(divisions)


def _division(row: DivisionRow, known: set[str]) -> Division:
    level = LENGTHS.get(len(row.code))
    if level is None or not row.code.isdigit() or not row.name.strip():
        message = _("第 %(line)s 行：区划代码应为 2、4、6、9 或 12 位数字，名称不能为空")
        raise InvalidInput(message % {"line": row.line}, field=row.code)
    parent = parent_code(row.code)
    if parent and parent not in known:
        message = _("第 %(line)s 行：上级区划 %(parent)s 不存在")
        raise InvalidInput(message % {"line": row.line, "parent": parent}, field=row.code)
    return Division(code=row.code, name=row.name.strip(), level=level, parent_id=parent or None)


@dataclass(frozen=True)
class UnitFacts:
    """What a unit is called, what kind it is, where it stands."""

    name: str
    short_name: str
    kind: str
    level: int
    division: str = ""
    credit_code: str = ""
    word: str = ""
    address: str = ""
    phone: str = ""
    hours: str = ""


@transaction.atomic(durable=True)
def found_unit(*, actor: Actor, facts: UnitFacts, parent: int | None, node: int) -> Unit:
    """Add a unit under another, or as a root beside the tree of divisions (farms, reserves, Party organs, courts).

    Raises InvalidInput for a wrong credit code, an unknown division or an unknown parent.
    """
    if facts.credit_code and not is_credit_code(facts.credit_code):
        raise InvalidInput(_("统一社会信用代码的校验位不对"), rule="GB 32100-2015", field="credit_code")
    if facts.division and not Division.objects.filter(pk=facts.division).exists():
        raise InvalidInput(_("没有这个行政区划"), field="division")
    values = {name: getattr(facts, name) for name in UNIT_FIELDS} | {"division_id": facts.division or None}
    changed()
    if parent is None:
        return Unit.add_root(node_id=node, **values)
    above = Unit.objects.filter(pk=parent).first()
    if above is None:
        raise InvalidInput(_("没有这个上级单位"), field="parent")
    return above.add_child(node_id=node, **values)


@transaction.atomic(durable=True)
def open_post(*, actor: Actor, unit: int, role: str, name: str, reach: int = Post.Reach.OWN) -> Post:
    """Add a post to a unit. Raises InvalidInput when it has one with this role."""
    if Post.objects.filter(unit=unit, role=role).exists():
        raise InvalidInput(_("这个单位已经有这个岗位"), field="role")
    changed()
    return Post.objects.create(unit_id=unit, role=role, name=name, reach=reach)


@transaction.atomic(durable=True)
def take_on(*, actor: Actor, name: str, certificate: str = "", certificate_until: date | None = None) -> Person:
    """Add a member of staff. Raises InvalidInput without a name."""
    if not name.strip():
        raise InvalidInput(_("请写姓名"), field="name")
    return Person.objects.create(name=name.strip(), certificate=certificate, certificate_until=certificate_until)


@transaction.atomic(durable=True)
def appoint(*, actor: Actor, person: int, post: int, since: date) -> Holding:
    """Put a person into a post from a day. Raises InvalidInput when he holds it already, or holds too many."""
    held = list(Holding.objects.filter(person=person, until=None).values_list("post", flat=True))
    if post in held:
        raise InvalidInput(_("这个人已经在这个岗位上"), field="post")
    if len(held) >= MOST_POSTS:
        raise InvalidInput(_("一个人同时最多任 %(most)s 个岗位") % {"most": MOST_POSTS}, field="post")
    return Holding.objects.create(person_id=person, post_id=post, since=since)
