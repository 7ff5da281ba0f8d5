"""Units as a tree, the people of one, one person, and what is found by name or number."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from yiwang.kernel.base.moments import today
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Account, Holding, Person, Post, Unit
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.identity.models import SignIn

MOST_ROWS, MOST_FOUND = 200, 50
JUST_LEFT = timedelta(days=30)
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of the tree."""

    unit: Unit
    depth: int
    people: int
    is_on: bool
    is_open: bool
    has_more: bool
    url: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A short remark and its tone: `ok`, `soon`, `late` or none."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A line of the table of people."""

    person: Person
    posts: tuple[str, ...]
    tags: tuple[Tag, ...]
    last: datetime | None
    url: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A holding in the panel of a person."""

    holding: Holding
    unit: str
    open_items: int
    tag: Tag | None
    may_end: bool


@dataclass(frozen=True, slots=True)
class PersonPanel:
    """Everything about one person that the system officer may know."""

    person: Person
    held: tuple[HeldLine, ...]
    account: Account | None
    last: datetime | None
    has_phone: bool


@dataclass(frozen=True, slots=True)
class UnitPage:
    """The chosen unit with its posts."""

    unit: Unit
    posts: tuple[Post, ...]
    above: tuple[Unit, ...]


def url_of(unit: int | str = "", person: int = 0, words: str = "") -> str:
    """The page with this unit and person chosen."""
    asked = {"unit": unit, "person": person, "q": words}
    kept = urlencode({name: value for name, value in asked.items() if value})
    return reverse("administration:organisation") + (f"?{kept}" if kept else "")


def tree(chosen: int, people: Counter[int]) -> tuple[Branch, ...]:
    """Roots, and whatever lies on the way to the chosen unit and below it; the rest stays folded."""
    units = sorted(directory().units.values(), key=lambda unit: unit.path)
    path = directory().units[chosen].path if chosen in directory().units else ""
    parents = {unit.path[: -Unit.steplen] for unit in units}
    total = _sums(units, people)
    return tuple(
        Branch(
            unit=unit,
            depth=unit.depth,
            people=total[unit.path],
            is_on=unit.pk == chosen,
            is_open=path.startswith(unit.path),
            has_more=unit.path in parents,
            url=url_of(unit.pk),
        )
        for unit in units
        if path.startswith(unit.path[: -Unit.steplen])
    )


def _sums(units: list[Unit], people: Counter[int]) -> Counter[str]:
    total: Counter[str] = Counter()
    for unit in units:
        for end in range(Unit.steplen, len(unit.path) + 1, Unit.steplen):
            total[unit.path[:end]] += people[unit.pk]
    return total


def people_by_unit() -> Counter[int]:
    """How many people hold a post of each unit today; one query."""
    counted = _in_force(Holding.objects.all()).values_list("post__unit").annotate(n=Count("person", distinct=True))
    return Counter(dict(counted))


def _in_force(rows: QuerySet[Holding]) -> QuerySet[Holding]:
    day = today()
    return rows.filter(Q(until=None) | Q(until__gte=day), since__lte=day)


def unit_page(unit: int) -> UnitPage | None:
    """The unit and its posts, None when there is no such unit."""
    row = directory().units.get(unit)
    if row is None:
        return None
    posts = [post for some in directory().by_role.values() for post in some if post.unit_id == unit]
    return UnitPage(row, tuple(sorted(posts, key=lambda post: post.pk)), tuple(reversed(directory().above(row))))


def people_of(unit: int, chosen: int) -> tuple[StaffRow, ...]:
    """Who holds, is about to hold, or held within thirty days a post of the unit; at most 200."""
    recent = Q(until=None) | Q(until__gte=today() - JUST_LEFT)
    rows = Holding.objects.filter(recent, post__unit=unit).order_by("post", "since", "pk")
    people = list(dict.fromkeys(rows.values_list("person", flat=True)))[:MOST_ROWS]
    return _rows(people, chosen, unit)


def people_without_post(chosen: int) -> tuple[StaffRow, ...]:
    """Who holds no post now or later; at most 200."""
    lasting = Holding.objects.filter(Q(until=None) | Q(until__gte=today())).values("person")
    people = Person.objects.exclude(pk__in=lasting).order_by("-pk").values_list("pk", flat=True)
    return _rows(list(people[:MOST_ROWS]), chosen, "none")


def found_people(words: str, chosen: int) -> tuple[StaffRow, ...]:
    """People whose name holds the words or whose number begins with them; at most 50."""
    wanted = Q(name__contains=words) | Q(staff_number__istartswith=words)
    people = Person.objects.filter(wanted).order_by("name", "pk").values_list("pk", flat=True)
    return _rows(list(people[:MOST_FOUND]), chosen, "", words)


def found_units(words: str) -> tuple[Unit, ...]:
    """Units whose name holds the words; at most 50."""
    found = [unit for unit in directory().units.values() if words in unit.name or words in unit.short_name]
    return tuple(sorted(found, key=lambda unit: (not unit.is_active, unit.path))[:MOST_FOUND])


def _rows(people: list[int], chosen: int, unit: int | str, words: str = "") -> tuple[StaffRow, ...]:
    rows = Person.objects.select_related("account").in_bulk(people)
    held = _holdings(people)
    waiting, last = open_items(people), last_sign_ins(people)
    return tuple(
        StaffRow(
            person=rows[pk],
            posts=tuple(_post_text(one, unit) for one in held[pk]),
            tags=tuple(_tags(rows[pk], held[pk], waiting)),
            last=last.get(pk),
            url=url_of(unit, pk, words),
            is_on=pk == chosen,
        )
        for pk in people
    )


def _holdings(people: Iterable[int]) -> dict[int, list[Holding]]:
    recent = Q(until=None) | Q(until__gte=today() - JUST_LEFT)
    rows = Holding.objects.filter(recent, person__in=people).select_related("post").order_by("since", "pk")
    held: dict[int, list[Holding]] = defaultdict(list)
    for row in rows:
        held[row.person_id].append(row)
    return held


def _post_text(holding: Holding, unit: int | str) -> str:
    post = holding.post
    if post.unit_id == unit:
        return post.name
    return f"{directory().units[post.unit_id].short_name} {post.name}"


def _tags(person: Person, held: list[Holding], waiting: Counter[Pair]) -> Iterable[Tag]:
    account = account_of(person)
    if account is None:
        yield Tag(_("没有账号"), "soon")
    elif not account.is_active:
        yield Tag(_("账号已停用"))
    for holding in held:
        tag = _tag_of(holding, waiting[holding.person_id, holding.post_id])
        if tag is not None:
            yield tag


def _tag_of(holding: Holding, count: int) -> Tag | None:
    day = today()
    if holding.since > day:
        return Tag(_("%(day)s 到岗") % {"day": holding.since})
    if holding.until is None:
        return None
    if holding.until < day:
        text = _("移交中，还剩 %(count)d 件") if count else _("%(day)s 离岗，已移交")
        return Tag(text % {"count": count, "day": holding.until}, "soon" if count else "")
    return Tag(_("任到 %(day)s，名下 %(count)d 件待移交") % {"day": holding.until, "count": count}, "soon")


def account_of(person: Person) -> Account | None:
    """His account, when he has one."""
    return getattr(person, "account", None)


def open_items(people: Iterable[int]) -> Counter[Pair]:
    """How many open steps are in the own name of people, by (person, post); one query."""
    rows = WorkItem.objects.filter(person__in=people, state=WorkItem.State.OPEN)
    counted = rows.values_list("person", "post").annotate(n=Count("pk"))
    return Counter({(int(person), int(post or 0)): n for person, post, n in counted})


def last_sign_ins(people: Iterable[int]) -> dict[int, datetime]:
    """When people last signed in; one query."""
    rows = SignIn.objects.filter(account__person__in=people)
    return dict(rows.values_list("account__person").annotate(last=Max("started")))


def person_panel(person: int) -> PersonPanel | None:
    """One person with his posts, open ones first; None when there is no such person."""
    row = Person.objects.select_related("account").filter(pk=person).first()
    if row is None:
        return None
    waiting = open_items([person])
    held = Holding.objects.filter(person=person).select_related("post", "successor").order_by("-until", "-since")
    lines = sorted((_held_line(one, waiting) for one in held), key=lambda line: not line.may_end)
    last = last_sign_ins([person]).get(person)
    return PersonPanel(row, tuple(lines), account_of(row), last, bool(row.phone))


def _held_line(holding: Holding, waiting: Counter[Pair]) -> HeldLine:
    count = waiting[holding.person_id, holding.post_id]
    unit = directory().units[holding.post.unit_id].short_name
    may_end = holding.until is None or holding.until >= today()
    return HeldLine(holding, unit, count, _tag_of(holding, count), may_end)


def post_choices(unit: int = 0) -> list[tuple[int, str]]:
    """Posts of active units for a list: those of one unit first, then all others in order of the tree."""
    posts = [post for some in directory().by_role.values() for post in some if post.unit.is_active]
    ordered = sorted(posts, key=lambda post: (post.unit_id != unit, post.unit.path, post.pk))
    return [(post.pk, f"{post.unit.short_name} {post.name}") for post in ordered]


def colleagues(holding: Holding) -> list[tuple[int, str]]:
    """Who else holds the post and may take over."""
    rows = Holding.objects.filter(Q(until=None) | Q(until__gt=today()), post=holding.post_id)
    others = rows.exclude(person=holding.person_id).select_related("person").order_by("since", "pk")
    return [(one.person_id, f"{one.person.name} {one.person.staff_number}".strip()) for one in others]


def known_roles() -> list[tuple[str, str]]:
    """Roles in use with the name of a post that has it, for the list beside the field."""
    return sorted((role, posts[0].name) for role, posts in directory().by_role.items() if posts)
