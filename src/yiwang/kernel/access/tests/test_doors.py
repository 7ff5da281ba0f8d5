"""The two doors against an independent, naive filter; paging, counts, officers, restricted subjects."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from yiwang.kernel.access import policies
from yiwang.kernel.access.models import Grant
from yiwang.kernel.access.principals import EVERYONE, keys_of, of_party, of_person, of_post, of_unit
from yiwang.kernel.access.queries import COUNT_LIMIT, Row, Wanted, count, page, sees, visible
from yiwang.kernel.access.services import grant, move, revoke
from yiwang.kernel.base.refusals import NotFound, NotPermitted
from yiwang.kernel.ledger import kinds
from yiwang.kernel.ledger.kinds import kind_id
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import create_subject
from yiwang.kernel.org.actors import ANONYMOUS, SYSTEM, Actor, HeldPost
from yiwang.kernel.org.models import Post

START = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = ("case:a", "case:b")
OWN, UNIT = Post.Reach.OWN, Post.Reach.UNIT


def clerk(*posts: tuple[int, int, int], person: int = 1, officer: str = "") -> Actor:
    """Somebody with posts given as (post, unit, reach)."""
    held = tuple(HeldPost(post, "r", "岗", unit, "单位", "0001", reach) for post, unit, reach in posts)
    return Actor(9, "某人", post=held[0].post if held else 0, person=person, posts=held, officer=officer)


ACTORS = (
    clerk((1, 1, OWN)),
    clerk((1, 1, OWN), (2, 1, UNIT), (3, 2, UNIT)),
    clerk(*((n, n % 4, n % 2) for n in range(1, 10)), person=2),
    Actor(8, "村民", party=1, level=2),
    clerk((1, 1, UNIT), officer="audit"),
    ANONYMOUS,
)
KEYS = [EVERYONE, *(of(n) for of in (of_unit, of_post, of_person, of_party) for n in (1, 2, 3))]
GIVEN = st.lists(
    st.tuples(
        st.lists(st.sampled_from(KEYS), max_size=4, unique=True),  # who
        st.integers(0, 1),  # state
        st.sampled_from(KINDS),
        st.integers(0, 6),  # hour: ties are wanted
    ),
    max_size=14,
)
Given = list[tuple[list[int], int, str, int]]


def lay_out(given_rows: Given) -> list[tuple[int, set[int], int, int, datetime]]:
    """Make subjects with these grants; what a naive filter needs of each."""
    kinds.forget()  # an example is rolled back, and its kinds with it
    known = []
    for keys, state, kind, hour in given_rows:
        subject, at = create_subject(kind, unit=1), START + timedelta(hours=hour)
        grant(subject, keys, state=state, at=at)
        known.append((subject.pk, set(keys), state, kind_id(kind), at))
    return known


def answers_to(actor: Actor) -> set[int]:
    """Said once more in other words: everyone; his own; his posts; units he sees the whole of; officers nothing."""
    found = {EVERYONE}
    if actor.officer == "":
        found |= {of_person(actor.person)} if actor.person else set()
        found |= {of_party(actor.party)} if actor.party else set()
        found |= {of_post(one.post) for one in actor.posts} | {of_unit(one.unit) for one in actor.posts if one.reach}
    return found


def every_page(actor: Actor, wanted: Wanted) -> list[Row]:
    """All pages one after the other."""
    rows: list[Row] = []
    while part := page(actor, wanted, rows[-1] if rows else None):
        rows += part
    return rows


class Doors(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(GIVEN, st.sampled_from(ACTORS), st.integers(0, 1), st.sampled_from((None, *KINDS)), st.booleans())
    def test_page_and_visible_agree_with_a_naive_filter(
        self, rows: Given, actor: Actor, state: int, kind: str | None, newest: bool
    ) -> None:
        known = lay_out(rows)
        keys, number = answers_to(actor), kind_id(kind) if kind else None
        fit = [(at, pk) for pk, who, was, of, at in known if who & keys and was == state and number in (None, of)]
        wanted = Wanted(state, number, newest_first=newest, size=3)
        found = every_page(actor, wanted)
        assert [(row.at, row.subject) for row in found] == sorted(fit, reverse=newest)
        assert count(actor, wanted) == len(fit)
        seen = set(Subject.objects.filter(visible(actor)).values_list("pk", flat=True))
        assert seen == {pk for pk, who, *_rest in known if who & keys}
        assert all(sees(actor, pk) == (pk in seen) for pk, *_rest in known)

    @settings(max_examples=15, deadline=None)
    @given(GIVEN, st.integers(0, 6), st.integers(0, 6))
    def test_a_span_of_moments_is_half_open(self, rows: Given, begin: int, end: int) -> None:
        known, actor = lay_out(rows), ACTORS[1]
        since, until = START + timedelta(hours=begin), START + timedelta(hours=end)
        found = every_page(actor, Wanted(0, since=since, until=until, size=50))
        keys = answers_to(actor)
        fit = {pk for pk, who, state, _kind, at in known if who & keys and state == 0 and since <= at < until}
        assert {row.subject for row in found} == fit

    def test_pages_are_complete_and_without_doubles_though_three_keys_see_each(self) -> None:
        for number in range(25):
            subject = create_subject("case:a", unit=1)
            grant(subject, [of_post(1), of_unit(1), of_person(1)], state=0, at=START + timedelta(hours=number % 5))
        found = every_page(clerk((1, 1, UNIT)), Wanted(0, size=4))
        assert len(found) == len({row.subject for row in found}) == 25
        assert found == sorted(found, key=lambda row: (row.at, row.subject))

    def test_counts_stop_at_a_thousand(self) -> None:
        kind = kind_id("case:a")
        fresh = [Subject(kind_id=kind, unit=1, node=1, head=b"") for _n in range(COUNT_LIMIT + 5)]
        subjects = Subject.objects.bulk_create(fresh)
        Grant.objects.bulk_create(
            Grant(key=of_post(1), state=0, kind_id=kind, at=START, subject=one) for one in subjects
        )
        assert count(ACTORS[0], Wanted(0)) == COUNT_LIMIT

    def test_a_person_with_many_posts_loses_none_of_them(self) -> None:
        actor = clerk(*((n, n + 100, UNIT) for n in range(1, 10)))
        keys = keys_of(actor)
        assert len(keys) == 20
        assert {of_post(9), of_unit(109), of_person(1), EVERYONE} <= set(keys)

    def test_officers_see_nothing_that_is_not_for_everyone(self) -> None:
        subject, public = create_subject("case:a", unit=1), create_subject("case:a", unit=1)
        grant(subject, [of_post(1), of_unit(1), of_person(1)], state=0, at=START)
        grant(public, [EVERYONE], state=0, at=START)
        for kind in ("system", "security", "audit"):
            officer = clerk((1, 1, UNIT), officer=kind)
            assert [row.subject for row in page(officer, Wanted(0))] == [public.pk]
            assert not sees(officer, subject.pk)
            with pytest.raises(NotFound):
                policies.require(officer, "read", subject)

    def test_a_restricted_subject_is_for_named_persons_whatever_unit_others_see(self) -> None:
        subject = create_subject("case:a", unit=1, visibility=1)
        grant(subject, [of_person(1)], state=0, at=START)
        assert sees(clerk((1, 1, OWN), person=1), subject.pk)
        assert not sees(clerk((1, 1, UNIT), person=2), subject.pk)

    def test_sight_is_given_once_moved_and_taken(self) -> None:
        subject = create_subject("case:a", unit=1)
        grant(subject, [of_post(1), of_post(1)], state=0, at=START)
        grant(subject, [of_post(1)], state=1, at=START + timedelta(days=1))
        row = Grant.objects.get(subject=subject)
        assert (row.state, row.at) == (0, START)
        move(subject, state=1, at=START + timedelta(days=2))
        assert [one.subject for one in page(ACTORS[0], Wanted(1))] == [subject.pk]
        assert page(ACTORS[0], Wanted(0)) == []
        revoke(subject, [of_post(1)])
        assert not sees(ACTORS[0], subject.pk)

    def test_what_is_asked_for_never_becomes_a_part_of_the_statement(self) -> None:
        wanted = Wanted(0, kind="1 OR 1=1")  # type: ignore[arg-type]
        subject = create_subject("case:a", unit=1)
        grant(subject, [of_post(1)], state=0, at=START)
        if connection.vendor == "sqlite":
            assert page(ACTORS[0], wanted) == []
        assert [row.subject for row in page(ACTORS[0], Wanted(0))] == [subject.pk]


class OnlyReading:
    """A policy of a noun of the tests."""

    def may(self, actor: Actor, verb: str, subject: Subject) -> bool:
        return verb == "read"


class Policies(TestCase):
    def test_sight_first_then_the_verb_and_the_platform_may_everything(self) -> None:
        policies.register("doortest", ONLY_READING)
        subject = create_subject("doortest:a", unit=1)
        actor = ACTORS[0]
        with pytest.raises(NotFound):
            policies.require(actor, "read", subject)
        grant(subject, [of_post(1)], state=0, at=START)
        policies.require(actor, "read", subject)
        assert policies.may(actor, "read", subject)
        assert not policies.may(actor, "write", subject)
        with pytest.raises(NotPermitted):
            policies.require(actor, "write", subject)
        assert policies.may(SYSTEM, "write", subject)
        policies.require(SYSTEM, "write", subject)

    def test_two_policies_for_one_noun_are_refused_and_none_is_an_error(self) -> None:
        policies.register("doortest", ONLY_READING)
        with pytest.raises(ValueError, match="two policies"):
            policies.register("doortest", OnlyReading())
        with pytest.raises(LookupError):
            policies.policy_for(create_subject("nopolicy:a", unit=1))


ONLY_READING = OnlyReading()
