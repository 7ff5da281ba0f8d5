"""Principals 授权主体: what a grant is given to, as one integer."""

from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Post, Unit

EVERYONE = 0
KINDS = 10


def of_unit(unit: int) -> int:
    """Whoever sees the whole of this unit."""
    return unit * KINDS + 1


def of_post(post: int) -> int:
    """The pool of this post."""
    return post * KINDS + 2


def of_person(person: int) -> int:
    """This member of staff."""
    return person * KINDS + 3


def of_party(party: int) -> int:
    """This citizen or firm."""
    return party * KINDS + 4


def units_above(unit: Unit) -> list[int]:
    """Principals of a unit and of each unit above it."""
    return [of_unit(unit.pk), *(of_unit(one.pk) for one in directory().above(unit))]


def keys_of(actor: Actor) -> tuple[int, ...]:
    """Every principal this actor answers to, at most 20 as `org.actions.appoint` sees to.

    Officers answer to none (三员, they hold no business post).
    """
    keys = {EVERYONE}
    if actor.officer:
        return (EVERYONE,)
    if actor.person is not None:
        keys.add(of_person(actor.person))
    if actor.party is not None:
        keys.add(of_party(actor.party))
    for held in actor.posts:
        keys.add(of_post(held.post))
        if held.reach == Post.Reach.UNIT:
            keys.add(of_unit(held.unit))
    return tuple(sorted(keys))
