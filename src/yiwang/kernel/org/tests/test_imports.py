"""Importing people and posts: what each line is judged to be, taken whole or in its good lines, and undone."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.queries import CountQueries
from yiwang.kernel.base.moments import today
from yiwang.kernel.base.refusals import InvalidInput, NotFound
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.ledger.verification import verify_chains
from yiwang.kernel.org import actions
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.imports import CHANGED, COLUMNS, MOST_ROWS, NEW, UNCHANGED, WRONG, Row, judge
from yiwang.kernel.org.models import Account, Holding, Person, Post, StaffImport, Unit
from yiwang.kernel.org.refusals import BuiltUpon, ImportFaulty, ImportSettled, NotSystemOfficer
from yiwang.kernel.org.tests.test_changes import OFFICER, bureau, person, post, refused

pytestmark = pytest.mark.django_db
__all__ = ["bureau", "post"]


def row(line: int, number: str, name: str, unit: str = "林业局", post: str = "审查岗", **more: str) -> Row:
    """A line of the table."""
    return Row(line, {"staff_number": number, "name": name, "unit": unit, "post": post, **more})


def prepared(*rows: Row) -> int:
    """A draft."""
    return actions.prepare_import(actor=OFFICER, name="人员.xlsx", rows=rows).pk


class TestJudging:
    def test_new_changed_and_unchanged_are_told_apart(self, post: Post) -> None:
        known, idle = person("甲", "1"), person("乙", "2")
        actions.appoint(actor=OFFICER, person=known.pk, post=post.pk, since=today())
        rows = [row(2, "1", "甲"), row(3, "2", idle.name), row(4, "1", "甲一"), row(5, "9", "丙")]
        assert [one.state for one in judge(rows[:2] + rows[3:])] == [UNCHANGED, CHANGED, NEW]
        assert judge(rows[2:3])[0].changes == {"name": ["甲", "甲一"]}

    @pytest.mark.parametrize(
        ("bad", "column"),
        [
            (row(2, "", "甲"), "staff_number"),
            (row(2, "1", ""), "name"),
            (row(2, "x" * 31, "甲"), "staff_number"),
            (row(2, "\0", "甲"), "staff_number"),
            (row(2, "1", "甲\n乙"), "name"),
            (row(2, "1", "甲", unit="没有局"), "unit"),
            (row(2, "1", "甲", post="没有岗"), "post"),
            (row(2, "1", "甲", unit="", post="审查岗"), "unit"),
            (row(2, "1", "甲", unit="", post="", since="2026-01-01"), "post"),
            (row(2, "1", "甲", since="昨天"), "since"),
            (row(2, "1", "甲", since="2026-02-30"), "since"),
            (row(2, "1", "甲", since="1900-01-01"), "since"),
            (row(2, "1", "甲", certificate_until="2029-12-31"), "certificate"),
        ],
    )
    def test_what_is_wrong_is_named_by_line_and_column(self, post: Post, bad: Row, column: str) -> None:
        (one,) = judge([bad])
        assert (one.state, one.row.line) == (WRONG, 2)
        assert column in [where for where, _words in one.problems]

    def test_lines_of_one_person_must_agree_and_name_a_post_once(self, post: Post) -> None:
        judged = judge([row(2, "1", "甲"), row(3, "1", "乙", unit="", post=""), row(4, "1", "甲")])
        assert [[where for where, _words in one.problems] for one in judged] == [[], ["staff_number"], ["post"]]

    def test_any_number_of_lines_takes_the_same_queries(self, post: Post, count_queries: CountQueries) -> None:
        with count_queries() as few:
            judge([row(2, "1", "甲")])
        with count_queries() as many:
            judge([row(n, str(n), f"人{n}") for n in range(2, 200)])
        assert few.count == many.count


class TestTaking:
    def test_people_posts_and_changes_are_made_and_recorded_each(self, post: Post) -> None:
        known = person("甲", "1")
        batch = prepared(
            row(2, "1", "甲一", certificate="赣1", certificate_until="2029-12-31"),
            row(3, "2", "乙", since="2026-01-05"),
            row(4, "2", "乙", unit="", post=""),
        )
        actions.take_import(actor=OFFICER, batch=batch)
        assert Person.objects.get(pk=known.pk).certificate_until == date(2029, 12, 31)
        second = Holding.objects.get(person__staff_number="2")
        assert (second.post_id, second.since, Person.objects.count()) == (post.pk, date(2026, 1, 5), 2)
        verbs = list(Entry.objects.filter(facts__import=batch).order_by("pk").values_list("verb", flat=True))
        assert verbs == ["person.taken_on", "person.changed", "holding.begun", "holding.begun"]
        assert list(verify_chains()) == []

    def test_nothing_is_taken_while_a_line_is_wrong_unless_the_good_ones_are_asked_for(self, post: Post) -> None:
        batch = prepared(row(2, "1", "甲"), row(3, "2", "乙", post="没有岗"))
        with refused(ImportFaulty):
            actions.take_import(actor=OFFICER, batch=batch)
        actions.take_import(actor=OFFICER, batch=batch, only_good=True)
        assert list(Person.objects.values_list("staff_number", flat=True)) == ["1"]

    def test_a_second_press_a_stranger_and_an_empty_table_change_nothing(self, post: Post) -> None:
        batch = prepared(row(2, "1", "甲"))
        with refused(NotSystemOfficer):
            actions.take_import(actor=Actor(8, "sec", officer="security"), batch=batch)
        actions.take_import(actor=OFFICER, batch=batch)
        for again in (actions.take_import,):
            with refused(ImportSettled):
                again(actor=OFFICER, batch=batch)
        with refused(NotFound):
            actions.take_import(actor=OFFICER, batch=10**12)
        for rows in ([], [row(n, str(n), "甲") for n in range(MOST_ROWS + 1)], [row(2, "\0", "甲")]):
            with refused(InvalidInput):
                actions.prepare_import(actor=OFFICER, name="x", rows=rows)

    def test_lines_are_judged_anew_when_they_are_taken(self, post: Post) -> None:
        batch = prepared(row(2, "1", "甲"))
        actions.close_unit(actor=OFFICER, unit=post.unit_id, reason="机构改革")
        with refused(ImportFaulty):
            actions.take_import(actor=OFFICER, batch=batch)


class TestUndoing:
    def taken(self) -> int:
        """An import of one changed and one new person."""
        batch = prepared(row(2, "1", "甲一"), row(3, "2", "乙"))
        actions.take_import(actor=OFFICER, batch=batch)
        return batch

    def test_everything_is_as_before_and_the_chains_hold(self, post: Post) -> None:
        person("甲", "1")
        people = list(Person.objects.values_list("name", "staff_number", "certificate", "certificate_until"))
        batch = self.taken()
        actions.undo_import(actor=OFFICER, batch=batch, reason="传错了表")
        assert list(Person.objects.values_list("name", "staff_number", "certificate", "certificate_until")) == people
        assert not Holding.objects.exists()
        assert StaffImport.objects.get(pk=batch).state == StaffImport.State.UNDONE
        assert list(verify_chains()) == []
        with refused(ImportSettled):
            actions.undo_import(actor=OFFICER, batch=batch, reason="再撤")

    @pytest.mark.parametrize("what", ["account", "ended", "renamed", "appointed"])
    def test_what_was_built_on_is_not_torn_away(self, bureau: Unit, post: Post, what: str) -> None:
        first = person("甲", "1")
        batch = self.taken()
        second = Person.objects.get(staff_number="2")
        if what == "account":
            Account.objects.create(username="b", person=second)
        elif what == "ended":
            actions.end_holding(actor=OFFICER, holding=Holding.objects.earliest("pk").pk, until=today())
        elif what == "renamed":
            actions.change_person(actor=OFFICER, person=first.pk, facts=actions.PersonFacts("甲二", "1"))
        else:
            other = actions.open_post(actor=OFFICER, unit=bureau.pk, role="clerk", name="办事岗")
            actions.appoint(actor=OFFICER, person=second.pk, post=other.pk, since=today())
        with refused(BuiltUpon):
            actions.undo_import(actor=OFFICER, batch=batch, reason="撤")


CELL = st.text(max_size=45) | st.sampled_from(["1", "甲", "林业局", "审查岗", "2026-01-01"])
LINES = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS, CELL)), max_size=6)


class Properties(TestCase):
    @given(LINES)
    def test_any_table_is_judged_line_by_line_without_a_fault_of_the_program(self, lines: list[dict[str, str]]) -> None:
        rows = [Row(number, cells) for number, cells in enumerate(lines, start=2)]
        judged = judge(rows)
        assert [one.row for one in judged] == rows
        assert all(one.problems or (one.row.text("name") and one.row.text("staff_number")) for one in judged)
