"""Units as a tree, the people of one, one person, and what is found by name or number."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db.models import Count, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from yiwang.kernel.base.moments import today
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Account, Holding, Person, Post, Unit
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.identity.models import SignIn

MOST_ROWS, MOST_FOUND = 200, 50
JUST_LEFT = timedelta(days=30)
Row = TypeVar("Row", bound=Model)


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
    title: str
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
    """Who holds, is about to hold, or held within thirty days a post of the unit; at most 200. One query."""
    there = Holding.objects.filter(_recent(), post__unit=unit).values("person")
    held = _by_person(_told(Holding.objects.filter(_recent(), person__in=there)))
    people = [some[0].person for some in sorted(held.values(), key=lambda some: _place(some, unit))]
    return tuple(_row(one, held[one.pk], chosen, unit) for one in people[:MOST_ROWS])


def _place(held: list[Holding], unit: int) -> tuple[int, str]:
    return min((one.post_id for one in held if one.post.unit_id == unit), default=0), held[0].person.staff_number


def people_without_post(chosen: int) -> tuple[StaffRow, ...]:
    """Who holds no post now or later, newest first; at most 200. One query."""
    lasting = Holding.objects.filter(Q(until=None) | Q(until__gte=today())).values("person")
    people = _with_sign_in(Person.objects.exclude(pk__in=lasting), "pk").select_related("account").order_by("-pk")
    return tuple(_row(one, [], chosen, "none") for one in people[:MOST_ROWS])


def found_people(words: str, chosen: int) -> tuple[StaffRow, ...]:
    """People whose name holds the words or whose number begins with them; at most 50. Two queries."""
    wanted = Q(name__contains=words) | Q(staff_number__istartswith=words)
    rows = _with_sign_in(Person.objects.filter(wanted), "pk").select_related("account").order_by("name", "pk")
    people = list(rows[:MOST_FOUND])
    held = _by_person(_told(Holding.objects.filter(_recent(), person__in=[one.pk for one in people])))
    return tuple(_row(one, held.get(one.pk, []), chosen, "", words) for one in people)


def found_units(words: str) -> tuple[Unit, ...]:
    """Units whose name holds the words; at most 50."""
    found = [unit for unit in directory().units.values() if words in unit.name or words in unit.short_name]
    return tuple(sorted(found, key=lambda unit: (not unit.is_active, unit.path))[:MOST_FOUND])


def _recent() -> Q:
    return Q(until=None) | Q(until__gte=today() - JUST_LEFT)


def _told(rows: QuerySet[Holding]) -> QuerySet[Holding]:
    """Holdings with person, account and post, the last sign-in, and how many open steps are in his own name there."""
    mine = WorkItem.objects.filter(person=OuterRef("person"), post=OuterRef("post"), state=WorkItem.State.OPEN)
    count = mine.order_by().values("state").annotate(n=Count("pk")).values("n")
    told = rows.annotate(waiting=Coalesce(Subquery(count), 0)).select_related("person__account", "post", "successor")
    return _with_sign_in(told, "person").order_by("since", "pk")


def _with_sign_in(rows: QuerySet[Row], person: str) -> QuerySet[Row]:
    latest = SignIn.objects.filter(account__person=OuterRef(person)).order_by("-started").values("started")[:1]
    told: QuerySet[Row] = rows.annotate(last=Subquery(latest))
    return told


def _by_person(rows: Iterable[Holding]) -> dict[int, list[Holding]]:
    held: dict[int, list[Holding]] = defaultdict(list)
    for row in rows:
        held[row.person_id].append(row)
    return dict(held)


def _row(person: Person, held: list[Holding], chosen: int, unit: int | str, words: str = "") -> StaffRow:
    return StaffRow(
        person=person,
        posts=tuple(_post_text(one, unit) for one in held),
        tags=tuple(_tags(person, held)),
        last=_extra(held[0] if held else person, "last"),
        url=url_of(unit, person.pk, words),
        is_on=person.pk == chosen,
    )


def _extra(row: Holding | Person, name: str) -> Any:
    """What a query added to a row."""
    return getattr(row, name, None)


def _post_text(holding: Holding, unit: int | str) -> str:
    post = holding.post
    if post.unit_id == unit:
        return post.name
    return post_title(post)


def post_title(post: Post) -> str:
    """Unit and post, the unit once where the post's own name begins with it."""
    unit = directory().units[post.unit_id].short_name
    return post.name if post.name.startswith(unit) else f"{unit} {post.name}"


def _tags(person: Person, held: list[Holding]) -> Iterable[Tag]:
    account = account_of(person)
    if account is None:
        yield Tag(_("没有账号"), "soon")
    elif not account.is_active:
        yield Tag(_("账号已停用"))
    for holding in held:
        tag = _tag_of(holding, _extra(holding, "waiting"))
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
    text = _("任到 %(day)s，名下 %(count)d 件待移交") if count else _("任到 %(day)s")
    return Tag(text % {"day": holding.until, "count": count}, "soon")


def account_of(person: Person) -> Account | None:
    """His account, when he has one."""
    return getattr(person, "account", None)


def person_panel(person: int) -> PersonPanel | None:
    """One person with his posts, open ones first; None when there is no such person. One query, two without posts."""
    held = list(_told(Holding.objects.filter(person=person)).order_by("-since", "-pk"))
    row = held[0].person if held else _lone(person)
    if row is None:
        return None
    lines = sorted(map(_held_line, held), key=lambda line: not line.may_end)
    last = _extra(held[0] if held else row, "last")
    return PersonPanel(row, tuple(lines), account_of(row), last, bool(row.phone))


def _lone(person: int) -> Person | None:
    return _with_sign_in(Person.objects.filter(pk=person), "pk").select_related("account").first()


def _held_line(holding: Holding) -> HeldLine:
    count = _extra(holding, "waiting")
    may_end = holding.until is None or holding.until >= today()
    return HeldLine(holding, post_title(holding.post), count, _tag_of(holding, count), may_end)


def waiting_in(holding: Holding) -> int:
    """How many open steps are in his own name in this post."""
    return WorkItem.objects.filter(person=holding.person_id, post=holding.post_id, state=WorkItem.State.OPEN).count()


def post_choices(unit: int = 0) -> list[tuple[int, str]]:
    """Posts of active units for a list: those of one unit first, then all others in order of the tree."""
    posts = [post for some in directory().by_role.values() for post in some if post.unit.is_active]
    ordered = sorted(posts, key=lambda post: (post.unit_id != unit, post.unit.path, post.pk))
    return [(post.pk, post_title(post)) for post in ordered]


def colleagues(holding: Holding) -> list[tuple[int, str]]:
    """Who else holds the post and may take over."""
    rows = Holding.objects.filter(Q(until=None) | Q(until__gt=today()), post=holding.post_id)
    others = rows.exclude(person=holding.person_id).select_related("person").order_by("since", "pk")
    return [(one.person_id, f"{one.person.name} {one.person.staff_number}".strip()) for one in others]


def known_roles() -> list[tuple[str, str]]:
    """Roles in use with the name of a post that has it, for the list beside the field."""
    return sorted((role, posts[0].name) for role, posts in directory().by_role.items() if posts)
