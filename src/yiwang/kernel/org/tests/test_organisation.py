"""Divisions, units, posts, appointments, parties: loading, finding, refusing."""

from datetime import timedelta

import pytest

from yiwang.kernel.base.moments import as_of, now, today
from yiwang.kernel.base.refusals import InvalidInput
from yiwang.kernel.org.actions import (
    MOST_POSTS,
    DivisionRow,
    UnitFacts,
    appoint,
    found_unit,
    load_divisions,
    open_post,
    take_on,
)
from yiwang.kernel.org.actors import SYSTEM, Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Account, Division, Holding, Node, Party, Post, Unit
from yiwang.kernel.org.queries import actor_of, holders_of, is_certified, party_tag, phone_tag
from yiwang.kernel.org.rules import parent_code

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = ("36", "3607", "360725", "360725100", "360725100001", "360724", "360724100")


def divisions(*codes: str) -> None:
    """Load these codes, named by themselves."""
    load_divisions(actor=SYSTEM, rows=[DivisionRow(n, code, f"区{code}") for n, code in enumerate(codes, start=2)])


def unit(kind: str, level: int, division: str, parent: Unit | None = None, name: str = "") -> Unit:
    """A unit under another or as a root."""
    node = Node.objects.get_or_create(code="n", defaults={"name": "节点"})[0].pk
    facts = UnitFacts(name or f"{kind}{division}", kind, kind, level, division)
    return found_unit(actor=SYSTEM, facts=facts, parent=parent.pk if parent else None, node=node)


def post(of: Unit, role: str = "intake") -> Post:
    """A post of a unit."""
    return open_post(actor=SYSTEM, unit=of.pk, role=role, name="岗")


@pytest.fixture
def tree() -> dict[str, Unit]:
    """A city with two counties; one has a section, a window and a station; a farm beside the tree."""
    divisions(*ROWS)
    city = unit("bureau", 3, "3607")
    county = unit("bureau", 4, "360725", city)
    return {
        "city": city,
        "county": county,
        "other": unit("bureau", 4, "360724", city),
        "section": unit("section", 4, "360725", county),
        "window": unit("window", 4, "360725", county),
        "station": unit("station", 5, "360725100", county),
        "farm": unit("farm", 4, "360725"),
    }


class TestDivisions:
    @pytest.mark.parametrize(
        ("code", "name", "line"), [("3", "省", "4"), ("36a7", "市", "4"), ("3607", "  ", "4"), ("3709", "市", "4")]
    )
    def test_an_error_names_its_line_and_nothing_is_taken(self, code: str, name: str, line: str) -> None:
        rows = [DivisionRow(2, "36", "江西省"), DivisionRow(3, "3601", "南昌市"), DivisionRow(4, code, name)]
        with pytest.raises(InvalidInput) as refused:
            load_divisions(actor=SYSTEM, rows=rows)
        assert f"第 {line} 行" in str(refused.value.message)
        assert refused.value.field == code
        assert not Division.objects.exists()

    def test_order_does_not_matter_and_a_second_load_renames_and_leaves_the_rest(self) -> None:
        divisions(*reversed(ROWS))
        assert Division.objects.count() == len(ROWS)
        load_divisions(actor=SYSTEM, rows=[DivisionRow(2, "360725", " 崇义县 ")])
        assert Division.objects.get(pk="360725").name == "崇义县"
        assert Division.objects.count() == len(ROWS)
        assert directory().divisions["360725"] == "崇义县"

    @pytest.mark.parametrize(("code", "above"), [("36", ""), ("3607", "36"), ("360725100001", "360725100")])
    def test_the_division_above_is_read_off_the_code(self, code: str, above: str) -> None:
        assert parent_code(code) == above


class TestUnits:
    def test_what_is_wrong_is_refused_and_nothing_founded(self) -> None:
        node = Node.objects.create(code="n", name="节点").pk
        for facts in (
            UnitFacts("局", "局", "bureau", 4, "999999"),
            UnitFacts("局", "局", "bureau", 4, credit_code="91350100M000100Y44"),
        ):
            with pytest.raises(InvalidInput):
                found_unit(actor=SYSTEM, facts=facts, parent=None, node=node)
        with pytest.raises(InvalidInput):
            found_unit(actor=SYSTEM, facts=UnitFacts("局", "局", "bureau", 4), parent=10**9, node=node)
        assert not Unit.objects.exists()

    def test_a_post_is_found_inside_first_then_in_the_nearest_unit_above(self, tree: dict[str, Unit]) -> None:
        above, inside = post(tree["city"]), post(tree["window"])
        assert directory().post_of(tree["county"], "intake") == inside
        assert directory().post_of(tree["other"], "intake") == above
        assert directory().post_of(tree["station"], "intake") == above  # a window beside it is not its own
        own = post(tree["county"])
        assert directory().post_of(tree["county"], "intake") == own
        assert directory().post_of(tree["station"], "intake") == own
        assert directory().post_of(tree["farm"], "intake") is None
        assert directory().post_of(tree["county"], "signer") is None

    def test_the_directory_follows_every_change(self, tree: dict[str, Unit]) -> None:
        assert directory().post_of(tree["county"], "intake") is None
        made = post(tree["window"])
        assert directory().post_of(tree["county"], "intake") == made
        Unit.objects.filter(pk=tree["window"].pk).update(is_active=False)
        assert directory().post_of(tree["county"], "intake") is None

    def test_the_unit_in_charge_is_the_nearest_and_of_the_level_asked(self, tree: dict[str, Unit]) -> None:
        known = directory()
        assert known.unit_for("station", "360725100001") == tree["station"]
        assert known.unit_for("bureau", "360725100") == tree["county"]
        assert known.unit_for("bureau", "3607") == tree["city"]
        assert known.unit_for("station", "360724100") is None
        assert known.unit_at("bureau", 3, "360725100") == tree["city"]
        assert known.unit_at("bureau", 4, "360724") == tree["other"]
        assert known.unit_at("bureau", 4, "36") is None

    def test_a_unit_beside_the_tree_has_nobody_above_it(self, tree: dict[str, Unit]) -> None:
        known = directory()
        assert known.above(tree["farm"]) == []
        assert known.above(tree["station"]) == [tree["county"], tree["city"]]
        assert known.unit_for("farm", "360725100") == tree["farm"]

    def test_one_post_of_a_role_in_a_unit(self, tree: dict[str, Unit]) -> None:
        post(tree["county"])
        with pytest.raises(InvalidInput):
            post(tree["county"])
        assert Post.objects.count() == 1


class TestPeople:
    def test_a_holding_counts_from_its_first_to_its_last_day(self, tree: dict[str, Unit]) -> None:
        person, at = take_on(actor=SYSTEM, name=" 某人 "), post(tree["county"])
        account = Account.objects.create(username="a", person=person)
        appoint(actor=SYSTEM, person=person.pk, post=at.pk, since=today() + timedelta(days=1))
        assert not actor_of(account).is_staff
        with as_of(now() + timedelta(days=1)):
            assert actor_of(account).holds(at.pk)
            assert [one.name for one in holders_of(at.pk)] == ["某人"]
        Holding.objects.update(since=today() - timedelta(days=9), until=today())
        assert actor_of(account).has_role("intake", tree["county"].pk)
        with as_of(now() + timedelta(days=1)):
            assert not actor_of(account).is_staff

    def test_not_twice_into_one_post_and_into_no_more_than_a_list_can_ask_for(self, tree: dict[str, Unit]) -> None:
        person = take_on(actor=SYSTEM, name="某人")
        posts = [post(tree["county"], f"role{n}") for n in range(MOST_POSTS + 1)]
        for one in posts[:MOST_POSTS]:
            appoint(actor=SYSTEM, person=person.pk, post=one.pk, since=today())
        for wrong in (posts[0], posts[-1]):
            with pytest.raises(InvalidInput):
                appoint(actor=SYSTEM, person=person.pk, post=wrong.pk, since=today())
        assert Holding.objects.count() == MOST_POSTS

    def test_nobody_without_a_name(self) -> None:
        with pytest.raises(InvalidInput):
            take_on(actor=SYSTEM, name="  ")

    def test_an_enforcement_certificate_runs_out(self) -> None:
        valid = take_on(actor=SYSTEM, name="甲", certificate="1", certificate_until=today())
        assert is_certified(valid)
        with as_of(now() + timedelta(days=1)):
            assert not is_certified(valid)
        assert is_certified(take_on(actor=SYSTEM, name="乙", certificate="2"))
        assert not is_certified(take_on(actor=SYSTEM, name="丙"))

    def test_one_acts_only_in_a_post_one_holds(self, tree: dict[str, Unit]) -> None:
        person, first, second = take_on(actor=SYSTEM, name="某人"), post(tree["county"]), post(tree["city"])
        account = Account.objects.create(username="a", person=person)
        for one in (first, second):
            appoint(actor=SYSTEM, person=person.pk, post=one.pk, since=today())
        actor = actor_of(account)
        assert (actor.post, actor.acting_in(second.pk).unit) == (first.pk, tree["city"].pk)
        assert actor.acting_in(10**9) == actor

    def test_a_party_is_found_by_a_tag_that_does_not_give_the_number_away(self) -> None:
        number = "11010519491231002x"
        party = Party.objects.create(kind="person", name="某人", id_number=number, id_tag=party_tag(number), level=1)
        account = Account.objects.create(username="p", party=party)
        assert party_tag(" 11010519491231002X ") == party.id_tag
        assert "11010519491231002" not in party.id_tag
        assert phone_tag("13800000000") != party_tag("13800000000")
        assert actor_of(account) == Actor(account.pk, "某人", party=party.pk, level=1)
