"""Who signs a step together 会签, and who may be asked for an opinion 加签: found in the organisation."""

from collections.abc import Collection, Iterable, Sequence

from django.db.models import Q, QuerySet

from yiwang.kernel.cases.refusals import StrangerAsked
from yiwang.kernel.org.directory import INSIDE, directory
from yiwang.kernel.org.models import Holding, Post, Unit
from yiwang.kernel.org.queries import current_holdings
from yiwang.kernel.process.board import Assignment
from yiwang.kernel.process.graph import Signers, Task


def signers_of(task: Task, unit: Unit, named: Sequence[int]) -> list[Assignment]:
    """Whose signature a joint step asks for: posts of its role in the unit, their holders, or those named.

    Raises StrangerAsked for a named person who holds no post in the unit.
    """
    rule = task.joint.signers if task.joint else Signers.HOLDERS
    if rule is Signers.NAMED:
        return assigned(colleagues(unit), named)
    posts = posts_for(unit, task.role)
    if rule is Signers.POSTS:
        return [Assignment(post=post.pk, unit=post.unit_id) for post in posts]
    holdings = current_holdings().filter(post__in=[post.pk for post in posts]).order_by("since", "pk")
    return [_assignment(one) for one in holdings]


def posts_for(unit: Unit, role: str) -> list[Post]:
    """The posts of a role in a unit, its sections and windows; the nearest one above where it has none."""
    inside = units_inside(unit)
    found = [post for post in directory().by_role.get(role, ()) if post.unit_id in inside]
    above = None if found else directory().post_of(unit, role)
    return sorted(found, key=lambda post: (post.unit.path, post.pk)) or ([above] if above else [])


def units_inside(unit: Unit) -> frozenset[int]:
    """A unit with its sections and windows; of a section the whole unit it belongs to."""
    above = [unit, *directory().above(unit)]
    home = next((one for one in above if one.kind not in INSIDE), unit)
    units = directory().units.values()
    own = {one.pk for one in units if one.is_active and one.kind in INSIDE and one.path.startswith(home.path)}
    return frozenset(own | {home.pk})


def colleagues(unit: Unit, roles: Collection[str] = ()) -> QuerySet[Holding]:
    """Everybody who holds a post in the unit today, and whoever holds one of these roles there or above."""
    posts = [directory().post_of(unit, role) for role in roles]
    named = [post.pk for post in posts if post is not None]
    everybody = Q(post__unit__in=units_inside(unit)) | Q(post__in=named)
    return current_holdings().filter(everybody).order_by("person__name", "since", "pk")


def assigned(holdings: Iterable[Holding], persons: Sequence[int]) -> list[Assignment]:
    """An item for each person, in the post by which he was found. Raises StrangerAsked."""
    by_person = {one.person_id: one for one in reversed(list(holdings))}
    if set(persons) - by_person.keys():
        raise StrangerAsked(field="persons")
    return [_assignment(by_person[person]) for person in persons]


def _assignment(holding: Holding) -> Assignment:
    return Assignment(post=holding.post_id, person=holding.person_id, unit=holding.post.unit_id)
