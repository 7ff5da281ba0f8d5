"""A table of people and posts 批量导入: each line judged against what there is, and what taking it comes to."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiwang.kernel.base.moments import today
from yiwang.kernel.base.refusals import InvalidInput, Text
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Account, Holding, Person, Post, Unit
from yiwang.kernel.org.rules import require_start
from yiwang.kernel.org.services import MOST_POSTS

MOST_ROWS = 1000
NEW, CHANGED, UNCHANGED, WRONG = "new", "changed", "unchanged", "wrong"
COLUMNS: Mapping[str, Text] = {
    "staff_number": gettext_lazy("工号"),
    "name": gettext_lazy("姓名"),
    "unit": gettext_lazy("单位"),
    "post": gettext_lazy("岗位"),
    "since": gettext_lazy("任职日期"),
    "certificate": gettext_lazy("行政执法证号"),
    "certificate_until": gettext_lazy("执法证有效期至"),
}
LENGTHS = {"staff_number": 30, "name": 60, "certificate": 40}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, as texts by column."""

    line: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """The tidy text of a column; empty when it is missing."""
        return str(self.cells.get(column, "")).strip()


@dataclass(slots=True)
class Judged:
    """A line with what it would do, or what is wrong at which column."""

    row: Row
    problems: list[tuple[str, str]] = field(default_factory=list)
    person: int | None = None
    post: int | None = None
    since: date | None = None
    until: date | None = None
    changes: dict[str, list[object]] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """New person, something changed, nothing to do, or wrong."""
        if self.problems:
            return WRONG
        if self.person is None:
            return NEW
        return CHANGED if self.changes or self.post is not None else UNCHANGED

    def blame(self, column: str, text: str) -> None:
        """Note what is wrong at a column."""
        self.problems.append((column, text))


@dataclass(frozen=True)
class Known:
    """What there is: people by number, their posts, officers, units by name."""

    people: Mapping[str, Person]
    held: Mapping[int, frozenset[int]]
    officers: frozenset[int]
    units: Mapping[str, list[Unit]]
    posts: Mapping[int, list[Post]]


def judge(rows: Sequence[Row]) -> list[Judged]:
    """Every line judged on its own and beside those before it; three queries, whatever the number of lines."""
    known = _known(rows)
    judged = [_judged(row, known) for row in rows]
    _compare(judged, known)
    return judged


def _known(rows: Sequence[Row]) -> Known:
    numbers = {number for row in rows if (number := row.text("staff_number")) and number.isprintable()}
    people = {one.staff_number: one for one in Person.objects.filter(staff_number__in=numbers)}
    ids = [one.pk for one in people.values()]
    held: dict[int, set[int]] = defaultdict(set)
    lasting = Holding.objects.filter(Q(until=None) | Q(until__gte=today()), person__in=ids)
    for person, held_post in lasting.values_list("person", "post"):
        held[person].add(held_post)
    officers = Account.objects.filter(person__in=ids).exclude(officer="").values_list("person", flat=True)
    units: dict[str, list[Unit]] = defaultdict(list)
    for unit in directory().units.values():
        for name in {unit.name, unit.short_name}:
            units[name].append(unit)
    posts: dict[int, list[Post]] = defaultdict(list)
    for some in directory().by_role.values():
        for post in some:
            posts[post.unit_id].append(post)
    kept = {person: frozenset(some) for person, some in held.items()}
    return Known(people, kept, frozenset(int(pk or 0) for pk in officers), units, posts)


def _judged(row: Row, known: Known) -> Judged:
    judged = Judged(row)
    for column, most in LENGTHS.items():
        text = row.text(column)
        if len(text) > most or not text.isprintable():
            judged.blame(column, _("最多 %(most)d 个字，不能换行") % {"most": most})
        elif not text and column != "certificate":
            judged.blame(column, _("不能空"))
    _judge_post(judged, known)
    judged.until = _day(judged, "certificate_until")
    if judged.until is not None and not row.text("certificate"):
        judged.blame("certificate", _("写了有效期，没有写证号"))
    _judge_person(judged, known)
    return judged


def _judge_post(judged: Judged, known: Known) -> None:
    row = judged.row
    unit_name, post_name = row.text("unit"), row.text("post")
    if not unit_name and not post_name:
        if row.text("since"):
            judged.blame("post", _("写了任职日期，没有写单位和岗位"))
        return
    units = [unit for unit in known.units.get(unit_name, []) if unit.is_active]
    if len(units) != 1:
        several = _("有 %(n)d 个单位叫这个名字，请写全称") % {"n": len(units)}
        judged.blame("unit", several if units else _("没有这个单位，或者已经撤销"))
        return
    posts = [post for post in known.posts[units[0].pk] if post_name in (post.name, post.role)]
    if len(posts) != 1:
        names = "、".join(post.name for post in known.posts[units[0].pk]) or _("没有岗位")
        judged.blame("post", _("这个单位没有这个岗位；有：%(names)s") % {"names": names})
        return
    judged.post, judged.since = posts[0].pk, _day(judged, "since") or today()
    try:
        require_start(judged.since, today())
    except InvalidInput as refusal:
        judged.blame("since", str(refusal.message))


def _day(judged: Judged, column: str) -> date | None:
    text = judged.row.text(column)
    match = _DAY.fullmatch(text)
    try:
        day = date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        day = None
    if text and day is None:
        judged.blame(column, _("日期写成 2026-01-31 这样"))
    return day


def _judge_person(judged: Judged, known: Known) -> None:
    person = known.people.get(judged.row.text("staff_number"))
    if person is None:
        return
    judged.person = person.pk
    if judged.post in known.held.get(person.pk, ()):
        judged.post = judged.since = None
    if judged.post is not None and person.pk in known.officers:
        judged.blame("post", _("系统、安全保密、审计管理员不能任业务岗位"))
    wanted: dict[str, object] = {"name": judged.row.text("name")}
    if judged.row.text("certificate"):
        wanted |= {"certificate": judged.row.text("certificate"), "certificate_until": judged.until}
    judged.changes = {
        name: [_plain(getattr(person, name)), _plain(value)]
        for name, value in wanted.items()
        if getattr(person, name) != value
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _compare(judged: list[Judged], known: Known) -> None:
    """Lines of one person must tell the same of him, and name each post once, and not too many."""
    first: dict[str, Judged] = {}
    posts: dict[str, set[int]] = defaultdict(set)
    for one in judged:
        number = one.row.text("staff_number")
        before = first.setdefault(number, one)
        if number and any(one.row.text(column) != before.row.text(column) for column in ("name", "certificate")):
            text = _("与第 %(line)d 行工号相同，姓名或证号不同") % {"line": before.row.line}
            one.blame("staff_number", text)
        if one.post is not None and one.post in posts[number]:
            one.blame("post", _("这个人的这个岗位在前面已经写过"))
        if one.post is not None:
            posts[number].add(one.post)
        held = known.held.get(one.person, frozenset()) if one.person is not None else frozenset()
        if len(posts[number] | held) > MOST_POSTS:
            one.blame("post", _("一个人同时最多任 %(most)s 个岗位") % {"most": MOST_POSTS})
