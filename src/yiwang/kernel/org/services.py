"""Steps of every change of the organisation: one at a time, on the chain of the unit or person, checked."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yiwang.kernel.base.identifiers import is_credit_code
from yiwang.kernel.base.moments import today
from yiwang.kernel.base.refusals import InvalidInput, NotFound
from yiwang.kernel.ledger.models import Entry, Subject
from yiwang.kernel.ledger.services import Event, create_subject, lock, record
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import ONLY
from yiwang.kernel.org.models import Account, DirectoryStamp, Division, Holding, Level, Person, Post, Unit
from yiwang.kernel.org.refusals import (
    NumberTaken,
    OfficerHoldsNoPost,
    SuccessorNeeded,
    UnitInUse,
    UnitIsClosed,
)
from yiwang.kernel.org.rules import require_start, require_system_officer, require_text
from yiwang.kernel.org.ties import UNIT, ties_of

MOST_POSTS = 9
"""Posts of one person at a time: every list asks once for each of his principals, two a post and two besides."""
LENGTHS = {"name": 100, "short_name": 30, "word": 20, "address": 200, "phone": 40, "hours": 100}
"""Signs that the columns of a unit hold."""
KINDS = {Unit: "unit:unit", Person: "person:person"}


def hold(actor: Actor) -> None:
    """Let the actor change the organisation, and nobody else meanwhile. Raises NotSystemOfficer."""
    require_system_officer(actor)
    DirectoryStamp.objects.get_or_create(pk=ONLY)
    DirectoryStamp.objects.select_for_update().get(pk=ONLY)


def chain_of(row: Unit | Person) -> Subject:
    """The locked subject on which changes of a unit or person are recorded; made at its first record."""
    if row.subject_id is not None:
        return lock(row.subject_id)[row.subject_id]
    subject = create_subject(KINDS[type(row)], unit=row.pk if isinstance(row, Unit) else 0)
    type(row)._default_manager.filter(pk=row.pk).update(subject=subject)
    row.subject = subject
    return subject


def note(row: Unit | Person, verb: str, facts: Mapping[str, object], actor: Actor) -> Entry:
    """Append what happened to the chain of a unit or person."""
    return record(Event(chain_of(row), verb, facts), actor=actor)[0]


def unit_held(unit: int) -> Unit:
    """An active unit. Raises NotFound, UnitIsClosed."""
    row = Unit.objects.filter(pk=unit).first()
    if row is None:
        raise NotFound(_("没有这个单位"))
    if not row.is_active:
        raise UnitIsClosed()
    return row


def person_held(person: int) -> Person:
    """A person. Raises NotFound."""
    row = Person.objects.filter(pk=person).first()
    if row is None:
        raise NotFound(_("没有这个人"))
    return row


def checked_unit(values: Mapping[str, object]) -> dict[str, object]:
    """Columns of a unit as they may be stored.

    Raises InvalidInput at the first that may not: name, kind, level, credit code (GB 32100-2015), division, length.
    """
    checked = dict(values)
    for name, label in (("name", _("单位名称")), ("short_name", _("简称"))):
        checked[name] = require_text(str(values[name]), LENGTHS[name], name, label)
    if values["kind"] not in Unit.Type.values:
        raise InvalidInput(_("请选单位类型"), field="kind")
    if values["level"] not in Level.values:
        raise InvalidInput(_("请选行使层级"), field="level")
    _check_codes(values)
    for name in ("word", "address", "phone", "hours"):
        if len(str(values[name])) > LENGTHS[name]:
            raise InvalidInput(_("写得太长"), field=name)
    return checked


def _check_codes(values: Mapping[str, object]) -> None:
    code, division = str(values["credit_code"]), values["division_id"]
    if code and not is_credit_code(code):
        raise InvalidInput(_("统一社会信用代码的校验位不对"), rule="GB 32100-2015", field="credit_code")
    if division and not Division.objects.filter(pk=str(division)).exists():
        raise InvalidInput(_("没有这个行政区划"), field="division")


def check_number(number: str, person: int = 0) -> None:
    """Raise NumberTaken when another person has this staff number."""
    if number and Person.objects.filter(staff_number=number).exclude(pk=person).exists():
        raise NumberTaken(field="staff_number")


def check_closable(unit: Unit) -> None:
    """Raise UnitInUse with the numbers of whatever still hangs on the unit."""
    below = Unit.objects.filter(path__startswith=unit.path, is_active=True).exclude(pk=unit.pk).count()
    held = lasting(Holding.objects.filter(post__unit=unit)).count()
    found = {_("下级单位 %(count)d 个"): below, _("任职 %(count)d 个"): held, **ties_of(UNIT, unit.pk)}
    said = [label % {"count": count} for label, count in found.items() if count]
    if said:
        message = _("%(unit)s还不能撤：%(said)s") % {"unit": unit.name, "said": "、".join(said)}
        raise UnitInUse(message, facts={label: count for label, count in found.items() if count})


def lasting(holdings: QuerySet[Holding]) -> QuerySet[Holding]:
    """Those that have not ended by today, begun or not."""
    return holdings.filter(Q(until=None) | Q(until__gte=today()))


def placed(person: Person, post: Post, since: date) -> Holding:
    """Put a person into a post from a day.

    Raises InvalidInput when he holds it then already, holds too many, or the day cannot be meant; UnitIsClosed;
    OfficerHoldsNoPost.
    """
    require_start(since, today())
    if not post.unit.is_active:
        raise UnitIsClosed()
    if Account.objects.filter(person=person).exclude(officer="").exists():
        raise OfficerHoldsNoPost()
    held = Holding.objects.filter(Q(until=None) | Q(until__gte=since), person=person).values_list("post", flat=True)
    if post.pk in held:
        raise InvalidInput(_("这个人已经在这个岗位上"), field="post")
    if len(held) >= MOST_POSTS:
        raise InvalidInput(_("一个人同时最多任 %(most)s 个岗位") % {"most": MOST_POSTS}, field="post")
    return Holding.objects.create(person=person, post=post, since=since)


def check_successor(holding: Holding, successor: int | None, until: date) -> None:
    """Raise SuccessorNeeded unless the successor is a colleague who holds the post on the day after."""
    if successor is None:
        return
    day = until + timedelta(days=1)
    there = Holding.objects.filter(Q(until=None) | Q(until__gte=day), post=holding.post, person=successor)
    if successor == holding.person_id or not there.filter(since__lte=day).exists():
        raise SuccessorNeeded(field="successor")
