"""What was changed lately, by whom, before → after, out of the ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiwang.kernel.base.refusals import Text
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Account, Level, Person, StaffImport, Unit
from yiwang.sites.administration.queries.organisation import post_title

PAGE = 50
NAMES: Mapping[str, Text] = {
    "name": gettext_lazy("名称"),
    "short_name": gettext_lazy("简称"),
    "kind": gettext_lazy("类型"),
    "level": gettext_lazy("行使层级"),
    "division_id": gettext_lazy("行政区划"),
    "credit_code": gettext_lazy("统一社会信用代码"),
    "word": gettext_lazy("文号代字"),
    "address": gettext_lazy("地址"),
    "phone": gettext_lazy("电话"),
    "hours": gettext_lazy("办公时间"),
    "staff_number": gettext_lazy("工号"),
    "certificate": gettext_lazy("行政执法证号"),
    "certificate_until": gettext_lazy("执法证有效期"),
}
VERBS: Mapping[str, Text] = {
    "unit.founded": gettext_lazy("设立单位"),
    "unit.changed": gettext_lazy("修改单位"),
    "unit.closed": gettext_lazy("撤销单位"),
    "unit.reopened": gettext_lazy("恢复单位"),
    "post.opened": gettext_lazy("新设岗位"),
    "person.taken_on": gettext_lazy("加人"),
    "person.changed": gettext_lazy("修改人员"),
    "holding.begun": gettext_lazy("任命"),
    "holding.ended": gettext_lazy("免去任职"),
    "person.dropped": gettext_lazy("撤销加人"),
    "staff.imported": gettext_lazy("从表格导入"),
    "staff.import_undone": gettext_lazy("撤销导入"),
    "calendar.loaded": gettext_lazy("装入年度安排"),
    "calendar.day_changed": gettext_lazy("改一天的安排"),
    "job.retried": gettext_lazy("重试失败的作业"),
    "job.discarded": gettext_lazy("放弃失败的作业"),
    "account.made": gettext_lazy("开账号"),
    "account.disabled": gettext_lazy("停用账号"),
    "account.enabled": gettext_lazy("启用账号"),
    "account.unlocked": gettext_lazy("解除锁定"),
    "account.factor_reset": gettext_lazy("重置第二因素"),
    "account.password_reset": gettext_lazy("重置密码"),
}


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change in words."""

    pk: int
    at: datetime
    who: str
    verb: Text
    what: str
    details: str


def recent(limit: int = PAGE, before: int = 0, unit: int = 0, person: int = 0) -> tuple[ChangeLine, ...]:
    """The latest changes first: all of them, or those of a unit and whoever is there, or of a person."""
    rows = Entry.objects.filter(verb__in=VERBS)
    if unit:
        rows = rows.filter(
            Q(subject__in=_people_of(unit).values("subject"))
            | Q(subject__in=Unit.objects.filter(pk=unit).values("subject"))
        )
    if person:
        rows = rows.filter(subject__in=Person.objects.filter(pk=person).values("subject"))
    if before:
        rows = rows.filter(pk__lt=before)
    return _lines(list(rows.select_related("subject").order_by("-pk")[:limit]))


def _people_of(unit: int) -> QuerySet[Person]:
    return Person.objects.filter(holdings__post__unit=unit, subject__isnull=False)


@dataclass(frozen=True, slots=True)
class _Names:
    people: Mapping[int, str]
    imports: Mapping[int, str]
    posts: Mapping[int, str]
    authors: Mapping[int, str]


def _lines(entries: list[Entry]) -> tuple[ChangeLine, ...]:
    names = _names(entries)
    return tuple(_line(entry, names) for entry in entries)


def _names(entries: list[Entry]) -> _Names:
    subjects = {one.subject_id for one in entries if one.verb.startswith(("person.", "holding."))}
    successors = {entry.facts["successor"] for entry in entries if entry.facts.get("successor")}
    batches = {entry.subject_id for entry in entries if entry.verb.startswith("staff.")}
    accounts = Account.objects.filter(pk__in={entry.author for entry in entries} - {0}).select_related("person")
    authors = {row.pk: row.person.name if row.person else row.username for row in accounts}
    known = Person.objects.filter(Q(subject__in=subjects) | Q(pk__in=successors))
    people = {key: name for pk, subject, name in known.values_list("pk", "subject", "name") for key in (-pk, subject)}
    imports = dict(StaffImport.objects.filter(subject__in=batches).values_list("subject", "name"))
    posts = {post.pk: post_title(post) for some in directory().by_role.values() for post in some}
    return _Names(people, imports, posts, {0: _("系统"), **authors})


def _line(entry: Entry, names: _Names) -> ChangeLine:
    what = names.people.get(entry.subject_id) or names.imports.get(entry.subject_id) or str(entry.facts.get("name", ""))
    if entry.verb.startswith(("unit.", "post.")):
        unit = directory().units.get(entry.subject.unit)
        what = unit.name if unit else ""
    who = names.authors.get(entry.author, _("账号 %(pk)d") % {"pk": entry.author})
    return ChangeLine(entry.pk, entry.at, who, VERBS[entry.verb], what, "；".join(_told(entry, names)))


def _told(entry: Entry, names: _Names) -> Iterable[str]:
    facts = entry.facts
    for field, pair in dict(facts.get("changes", {})).items():
        yield _change(field, list(pair))
    if facts.get("post") and entry.verb != "post.opened":
        yield names.posts.get(int(facts["post"]), "")
    if entry.verb == "post.opened":
        yield f"{facts.get('name')}（{facts.get('role')}）"
    yield from _days(entry, names)
    for key in ("staff_number", "source", "day", "years", "year", "people", "holdings", "changed", "jobs", "reason"):
        if facts.get(key):
            yield f"{_LABELS[key]} {_plain(facts[key])}"


_LABELS: Mapping[str, Text] = {
    "staff_number": gettext_lazy("工号"),
    "source": gettext_lazy("依据"),
    "day": gettext_lazy("日期"),
    "years": gettext_lazy("年份"),
    "year": gettext_lazy("年份"),
    "people": gettext_lazy("新增人数"),
    "holdings": gettext_lazy("新增任职"),
    "changed": gettext_lazy("修改人数"),
    "jobs": gettext_lazy("作业"),
    "reason": gettext_lazy("理由"),
}


def _plain(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _days(entry: Entry, names: _Names) -> Iterable[str]:
    facts = entry.facts
    if entry.verb == "holding.begun":
        yield _("从 %(day)s 起") % {"day": facts["since"]}
    if entry.verb == "holding.ended":
        before, after = facts["until"]
        yield _("任到 %(day)s") % {"day": after} + (_("（原定 %(day)s）") % {"day": before} if before else "")
        yield (
            _("件交给 %(name)s") % {"name": names.people.get(-int(facts["successor"]), "")}
            if facts["successor"]
            else _("件退回岗位")
        )


def _change(field: str, pair: list[object]) -> str:
    label = NAMES.get(field, field)
    if len(pair) != 2:
        return _("%(field)s有改动") % {"field": label}
    before, after = (_shown(field, value) for value in pair)
    return f"{label} {before or _('（空）')} → {after or _('（空）')}"


def _shown(field: str, value: object) -> str:
    if value is None:
        return ""
    if field == "kind":
        return str(dict(Unit.Type.choices).get(str(value), value))
    if field == "level":
        return str(dict(Level.choices).get(int(str(value)), value))
    return str(value)
