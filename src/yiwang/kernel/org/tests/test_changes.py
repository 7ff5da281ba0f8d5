"""Changes of the organisation: who may, what is refused without a trace, what the ledger keeps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.base.moments import today
from yiwang.kernel.base.refusals import InvalidInput, NotFound, Refusal
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.ledger.verification import verify_chains
from yiwang.kernel.org import actions
from yiwang.kernel.org.actors import ANONYMOUS, SYSTEM, Actor
from yiwang.kernel.org.models import Account, Holding, Node, Person, Post, Unit
from yiwang.kernel.org.refusals import (
    HoldingEnded,
    NotSystemOfficer,
    NumberTaken,
    OfficerHoldsNoPost,
    SuccessorNeeded,
    UnitInUse,
    UnitIsClosed,
)
from yiwang.kernel.org.rules import changes, require_end

pytestmark = pytest.mark.django_db
OFFICER = Actor(7, "sys", officer="system")
DAY = timedelta(days=1)


def facts(name: str = "资源管理股", **more: Any) -> actions.UnitFacts:
    """What a unit is called."""
    values: dict[str, Any] = {"name": name, "short_name": name[:8], "kind": "section", "level": 4, **more}
    return actions.UnitFacts(**values)


@pytest.fixture
def bureau() -> Unit:
    node = Node.objects.create(code="n", name="节点", is_self=True)
    return actions.found_unit(actor=OFFICER, facts=facts("林业局", kind="bureau"), parent=None, node=node.pk)


@pytest.fixture
def post(bureau: Unit) -> Post:
    return actions.open_post(actor=OFFICER, unit=bureau.pk, role="reviewer", name="审查岗")


def person(name: str = "陈雨晴", number: str = "") -> Person:
    """A member of staff."""
    return actions.take_on(actor=OFFICER, name=name, staff_number=number)


def rows() -> list[object]:
    """Everything that a change of the organisation may leave."""
    units = Unit.objects.order_by("pk").values_list("pk", "name", "kind", "is_active", "path", "numchild")
    holdings = Holding.objects.order_by("pk").values_list("pk", "person", "post", "since", "until", "successor")
    people = Person.objects.order_by("pk").values_list("pk", "name", "staff_number", "certificate")
    return [*units, *holdings, *people, *Post.objects.values_list("pk", "role"), Entry.objects.count()]


@contextmanager
def refused(kind: type[Refusal], match: str | None = None, field: str = "") -> Iterator[None]:
    """The refusal is this one, and nothing is left of it."""
    before = rows()
    with pytest.raises(kind, match=match) as caught:
        yield
    assert not field or caught.value.field == field
    assert rows() == before


CALLS: tuple[Callable[[Actor, int], object], ...] = (
    lambda actor, pk: actions.found_unit(actor=actor, facts=facts(), parent=pk, node=1),
    lambda actor, pk: actions.change_unit(actor=actor, unit=pk, facts=facts()),
    lambda actor, pk: actions.close_unit(actor=actor, unit=pk, reason="撤"),
    lambda actor, pk: actions.reopen_unit(actor=actor, unit=pk, reason="撤"),
    lambda actor, pk: actions.open_post(actor=actor, unit=pk, role="clerk", name="岗"),
    lambda actor, pk: actions.take_on(actor=actor, name="某"),
    lambda actor, pk: actions.change_person(actor=actor, person=pk, facts=actions.PersonFacts("某")),
    lambda actor, pk: actions.appoint(actor=actor, person=pk, post=pk, since=today()),
    lambda actor, pk: actions.end_holding(actor=actor, holding=pk, until=today()),
    lambda actor, pk: actions.load_divisions(actor=actor, rows=[]),
)


@pytest.mark.parametrize("call", CALLS)
def test_only_the_system_officer_changes_anything(bureau: Unit, call: Callable[[Actor, int], object]) -> None:
    strangers = (ANONYMOUS, Actor(8, "sec", officer="security"), Actor(9, "aud", officer="audit"), Actor(10, "局长"))
    for actor in strangers:
        with refused(NotSystemOfficer):
            call(actor, bureau.pk)


class TestUnits:
    def test_a_change_is_kept_before_and_after_and_the_chain_holds(self, bureau: Unit) -> None:
        actions.change_unit(actor=OFFICER, unit=bureau.pk, facts=facts("林业和草原局", kind="bureau"))
        entry = Entry.objects.latest("pk")
        assert (entry.verb, entry.author) == ("unit.changed", OFFICER.account)
        assert entry.facts["changes"]["name"] == ["林业局", "林业和草原局"]
        assert list(verify_chains()) == []

    def test_saving_the_same_again_records_nothing(self, bureau: Unit) -> None:
        before = Entry.objects.count()
        actions.change_unit(actor=OFFICER, unit=bureau.pk, facts=facts("林业局", kind="bureau"))
        assert Entry.objects.count() == before

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"name": " "}, "name"),
            ({"name": "长" * 101}, "name"),
            ({"name": "换\n行"}, "name"),
            ({"short_name": ""}, "short_name"),
            ({"kind": "gang"}, "kind"),
            ({"level": 9}, "level"),
            ({"division": "99"}, "division"),
            ({"credit_code": "91350100M000100Y44"}, "credit_code"),
            ({"address": "长" * 201}, "address"),
        ],
    )
    def test_what_cannot_be_stored_is_refused_at_its_field(
        self, bureau: Unit, more: dict[str, Any], field: str
    ) -> None:
        for call in (
            partial(actions.change_unit, actor=OFFICER, unit=bureau.pk, facts=facts(**more)),
            partial(actions.found_unit, actor=OFFICER, facts=facts(**more), parent=bureau.pk, node=1),
        ):
            with refused(InvalidInput, field=field):
                call()

    def test_a_unit_in_use_is_not_closed_and_the_numbers_are_named(self, bureau: Unit, post: Post) -> None:
        actions.found_unit(actor=OFFICER, facts=facts(), parent=bureau.pk, node=bureau.node_id)
        actions.appoint(actor=OFFICER, person=person().pk, post=post.pk, since=today() + DAY)
        with refused(UnitInUse, "下级单位 1 个、任职 1 个"):
            actions.close_unit(actor=OFFICER, unit=bureau.pk, reason="机构改革")
        with refused(InvalidInput):
            actions.close_unit(actor=OFFICER, unit=bureau.pk, reason=" ")

    def test_a_closed_unit_takes_nothing_until_it_is_opened_again(self, bureau: Unit, post: Post) -> None:
        who = person()
        actions.close_unit(actor=OFFICER, unit=bureau.pk, reason="机构改革")
        for call in (
            lambda: actions.open_post(actor=OFFICER, unit=bureau.pk, role="clerk", name="岗"),
            lambda: actions.appoint(actor=OFFICER, person=who.pk, post=post.pk, since=today()),
            lambda: actions.found_unit(actor=OFFICER, facts=facts(), parent=bureau.pk, node=bureau.node_id),
            lambda: actions.close_unit(actor=OFFICER, unit=bureau.pk, reason="再撤"),
        ):
            with refused(UnitIsClosed):
                call()
        actions.reopen_unit(actor=OFFICER, unit=bureau.pk, reason="撤错了")
        assert actions.appoint(actor=OFFICER, person=who.pk, post=post.pk, since=today()).post_id == post.pk

    @pytest.mark.parametrize("role", ["", "A", "审查", "a", "x" * 41, "a b"])
    def test_a_role_that_no_diagram_can_name_is_refused(self, bureau: Unit, role: str) -> None:
        with refused(InvalidInput):
            actions.open_post(actor=OFFICER, unit=bureau.pk, role=role, name="岗")

    def test_nothing_is_found_where_there_is_nothing(self, bureau: Unit) -> None:
        with refused(NotFound):
            actions.close_unit(actor=OFFICER, unit=10**12, reason="撤")


class TestPeople:
    def test_a_number_belongs_to_one_person(self) -> None:
        first, second = person("甲", "QS1"), person("乙", "QS2")
        with refused(NumberTaken):
            person("丙", " QS1 ")
        with refused(NumberTaken):
            actions.change_person(actor=OFFICER, person=second.pk, facts=actions.PersonFacts("乙", "QS1"))
        actions.change_person(actor=OFFICER, person=first.pk, facts=actions.PersonFacts("甲二", "QS1"))
        assert Entry.objects.latest("pk").facts["changes"] == {"name": ["甲", "甲二"]}

    def test_a_telephone_never_stands_in_the_ledger(self) -> None:
        who = person()
        actions.change_person(actor=OFFICER, person=who.pk, facts=actions.PersonFacts("陈雨晴", phone="13800002607"))
        assert Person.objects.get(pk=who.pk).phone == "13800002607"
        assert Entry.objects.latest("pk").facts == {"changes": {"phone": []}}

    def test_an_officer_holds_no_business_post(self, post: Post) -> None:
        who = person()
        Account.objects.create(username="both", person=who, officer="system")
        with refused(OfficerHoldsNoPost):
            actions.appoint(actor=OFFICER, person=who.pk, post=post.pk, since=today())

    def test_a_start_that_cannot_be_meant_is_refused(self, post: Post) -> None:
        who = person()
        for since in (date(1900, 1, 1), date(9999, 12, 31)):
            with refused(InvalidInput):
                actions.appoint(actor=OFFICER, person=who.pk, post=post.pk, since=since)


class TestEnding:
    def test_the_last_day_is_kept_and_may_be_moved_while_it_is_ahead(self, post: Post) -> None:
        row = actions.appoint(actor=OFFICER, person=person().pk, post=post.pk, since=today())
        actions.end_holding(actor=OFFICER, holding=row.pk, until=today() + 5 * DAY, reason="退休")
        actions.end_holding(actor=OFFICER, holding=row.pk, until=today() + 2 * DAY)
        assert Holding.objects.get(pk=row.pk).until == today() + 2 * DAY
        told = Entry.objects.filter(verb="holding.ended").latest("pk").facts["until"]
        assert told == [(today() + 5 * DAY).isoformat(), (today() + 2 * DAY).isoformat()]

    def test_the_past_is_not_rewritten(self, post: Post) -> None:
        row = actions.appoint(actor=OFFICER, person=person().pk, post=post.pk, since=today() - 9 * DAY)
        with refused(InvalidInput):
            actions.end_holding(actor=OFFICER, holding=row.pk, until=today() - 2 * DAY)
        actions.end_holding(actor=OFFICER, holding=row.pk, until=today() - DAY)
        with refused(HoldingEnded):
            actions.end_holding(actor=OFFICER, holding=row.pk, until=today())

    def test_only_a_colleague_in_the_post_takes_over(self, post: Post) -> None:
        first, second = person("甲"), person("乙")
        row = actions.appoint(actor=OFFICER, person=first.pk, post=post.pk, since=today())
        for successor in (first.pk, second.pk, 10**12):
            with refused(SuccessorNeeded):
                actions.end_holding(actor=OFFICER, holding=row.pk, until=today(), successor=successor)
        actions.appoint(actor=OFFICER, person=second.pk, post=post.pk, since=today() + DAY)
        ended = actions.end_holding(actor=OFFICER, holding=row.pk, until=today(), successor=second.pk)
        assert ended.successor_id == second.pk

    def test_the_platform_itself_may(self, post: Post) -> None:
        row = actions.appoint(actor=SYSTEM, person=person().pk, post=post.pk, since=today())
        assert actions.end_holding(actor=SYSTEM, holding=row.pk, until=today()).until == today()


DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@given(since=DAYS, until=st.none() | DAYS, last=DAYS, day=DAYS)
def test_a_last_day_that_is_let_through_is_within_bounds(
    since: date, until: date | None, last: date, day: date
) -> None:
    try:
        require_end(since, until, last, day)
    except Refusal:
        return
    assert since <= last
    assert last >= day - DAY
    assert until is None or until >= day


@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 2)),
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 2)),
)
def test_changes_are_exactly_what_differs(before: dict[str, int], after: dict[str, int]) -> None:
    whole = {**after, **before}
    told = changes(whole, after)
    assert {**whole, **{name: pair[1] for name, pair in told.items()}} == {**whole, **after}
    assert all(old != new for old, new in told.values())
