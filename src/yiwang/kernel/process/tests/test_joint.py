"""Joint sign on the tables: who signs, when it is decided, what a return and a second thought do to it."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from tests.queries import CountQueries
from yiwang.kernel.base.moments import now
from yiwang.kernel.process import services
from yiwang.kernel.process.board import Assignment
from yiwang.kernel.process.graph import Joint, Rule
from yiwang.kernel.process.joint import needed, outcome
from yiwang.kernel.process.models import Instance, WorkItem
from yiwang.kernel.process.queries import flow_view, return_targets
from yiwang.kernel.process.refusals import (
    ItemNotOpen,
    NoSigners,
    NotAnEarlierStep,
    SamePersonRefused,
    SignersNotAsked,
    TooManySigners,
)
from yiwang.kernel.process.tests.boards import Person, Run, publish
from yiwang.kernel.process.tests.diagrams import Drawing
from yiwang.kernel.process.tests.permits import fire, refused

pytestmark = pytest.mark.django_db
MOVES = "agree:同意,refuse:不同意,abstain:弃权"
VOTES = {"agree": "同意", "refuse": "不同意", "abstain": "弃权"}


def panel(sequential: bool = False, first: str = "draft", **said: str) -> Drawing:
    """Draft, a joint step beside a check, then what its result asks for."""
    drawing = Drawing()
    split, join = drawing.plain("parallel", "split"), drawing.plain("parallel", "join")
    gate = drawing.plain("choice", "gate", default="f_no")
    drawing.chain(drawing.plain("start", "start"), drawing.task(first), split)
    drawing.chain(split, drawing.joint("panel", MOVES, sequential, **said), drawing.plain("choice", "signed"), join)
    drawing.chain(split, drawing.task("check"), join, drawing.step("tests.book", "book"), gate)
    drawing.flow(gate, drawing.task("issue"), "panel == 'agree'")
    drawing.flow(gate, drawing.task("deny"), "", "f_no")
    drawing.chain("issue", drawing.plain("end", "end"))
    drawing.flow("deny", "end")
    return drawing


def begun(signers: tuple[int, ...] = (1, 2, 3), drawing: Drawing | None = None, **said: str) -> Run:
    """A case whose joint step is open."""
    run = Run(publish((drawing or panel(False, "draft", **said)).xml(), "panel"))
    run.board.panel = signers
    run.start()
    run.take("draft")
    return run


def states(run: Run) -> dict[int, str]:
    """State of each signer's latest item."""
    rows = WorkItem.objects.filter(subject=run.subject, node="panel", asking=0).order_by("pk")
    return {item.person or 0: WorkItem.State(item.state).name for item in rows}


def test_everybody_has_an_item_of_one_group_in_order() -> None:
    run = begun(limit="3d")
    rows = WorkItem.objects.filter(subject=run.subject, node="panel").order_by("order")
    assert [(row.person, row.order, row.due == rows[0].due) for row in rows] == [
        (1, 1, True),
        (2, 2, True),
        (3, 3, True),
    ]
    assert len({row.group for row in rows}) == 1
    assert run.instance().marking["live"] == ["panel", "check"]


def test_all_hears_everybody_and_asks_for_agreement_of_each() -> None:
    run = begun()
    outcome = run.sign("panel", 2, "refuse")
    assert (outcome.decided, outcome.is_joint, outcome.entered) == ("", True, ())
    assert "panel" not in run.instance().values
    run.sign("panel", 1, "agree")
    assert run.sign("panel", 3, "agree").decided == "refuse"
    assert run.instance().values["panel"] == "refuse"
    run.take("check")
    assert list(run.items()) == ["deny"]
    parents = WorkItem.objects.get(pk=run.items()["deny"]).parents
    assert len(parents) == 4


def test_a_ratio_ends_as_soon_as_it_is_reached_and_says_why_the_rest_is_closed() -> None:
    run = begun(complete="ratio", ratio="2/3")
    run.sign("panel", 3, "agree")
    ended = run.sign("panel", 1, "agree")
    assert (ended.decided, ended.facts()["decided"]) == ("agree", "agree")
    spared = WorkItem.objects.get(subject=run.subject, node="panel", person=2)
    assert (spared.state, spared.note) == (WorkItem.State.CANCELLED, "会签已有结果：同意")
    refused(ItemNotOpen, run, lambda: run.take_item(spared.pk, "refuse", 2))


def test_a_ratio_ends_as_soon_as_it_cannot_be_reached() -> None:
    run = begun(complete="ratio", ratio="2/3")
    run.sign("panel", 3, "abstain")
    assert run.sign("panel", 1, "refuse").decided == "refuse"


def test_one_veto_ends_it_at_once() -> None:
    run = begun(complete="one_veto")
    run.sign("panel", 1, "agree")
    assert run.sign("panel", 2, "refuse").decided == "refuse"
    assert states(run) == {1: "DONE", 2: "DONE", 3: "CANCELLED"}


def test_one_after_the_other() -> None:
    run = begun(drawing=panel(sequential=True))
    for person in (1, 2, 3):
        assert list(run.signers("panel")) == [person]
        run.sign("panel", person, "agree")
    assert run.instance().values["panel"] == "agree"
    orders = WorkItem.objects.filter(subject=run.subject, node="panel").values_list("person", "order")
    assert sorted(orders) == [(1, 1), (2, 2), (3, 3)]


def test_pools_sign_by_whoever_takes_the_item_but_nobody_twice() -> None:
    run = begun(drawing=panel(signers="posts"))
    items = run.signers("panel")
    assert list(items) == [101, 102, 103]
    run.take_item(items[101], "agree", 7)
    refused(SamePersonRefused, run, lambda: run.take_item(items[102], "agree", 7))


def test_a_step_without_signers_does_not_open() -> None:
    run = Run(publish(panel().xml(), "panel"))
    run.board.panel = ()
    run.start()
    assert "岗位" in str(refused(NoSigners, run, lambda: run.take("draft")).remedy)
    run.board.panel = tuple(range(1, 52))
    refused(TooManySigners, run, lambda: run.take("draft"))


def test_named_signers_are_those_named_at_the_step_before() -> None:
    run = Run(publish(panel(signers="named:draft", role="").xml(), "named"))
    run.board.panel = ()
    run.start()
    item = run.items()["draft"]
    assert "指定" in str(refused(NoSigners, run, lambda: run.take_item(item)).remedy)
    run.take_item(item, named=(5, 6, 5))
    assert list(run.signers("panel")) == [5, 6]
    refused(SignersNotAsked, run, lambda: run.take_item(run.items()["check"], named=(5,)))
    run.back(run.latest("draft"))
    refused(NoSigners, run, lambda: run.take("draft"))


def test_who_did_a_separate_step_is_left_out_by_rule_and_refused_by_name() -> None:
    run = begun((1, 2), panel(separate="draft"))
    assert list(run.signers("panel")) == [2]
    named = Run(publish(panel(signers="named:draft", separate="draft").xml(), "named"))
    named.start()
    item = named.items()["draft"]
    told = refused(SamePersonRefused, named, lambda: named.take_item(item, named=(1, 2)))
    assert "第1号" in str(told.message)


def test_a_step_separate_from_a_joint_one_refuses_every_signer() -> None:
    run = begun((1, 2), panel(separate="issue"))
    run.sign("panel", 1, "agree")
    run.sign("panel", 2, "agree")
    run.take("check")
    for person in (1, 2):
        refused(SamePersonRefused, run, partial(run.take, "issue", "", person))
    run.back(run.latest("check"))
    run.take("check")
    refused(SamePersonRefused, run, lambda: run.take("issue", "", 2))
    run.take("issue", "", 3)


def hand(run: Run, item: int, person: int) -> None:
    with transaction.atomic():
        to = Assignment(person=person)
        services.transfer(subject_id=run.subject, item_id=item, actor=Person(), to=to, board=run.board)


def test_a_signature_is_handed_over_but_not_to_another_signer() -> None:
    run = begun(drawing=panel())
    item = run.signers("panel")[1]
    refused(SamePersonRefused, run, lambda: hand(run, item, 2))
    hand(run, item, 9)
    run.sign("panel", 9, "agree")
    refused(SamePersonRefused, run, lambda: hand(run, run.signers("panel")[2], 9))


def test_a_return_treats_the_group_as_one_step() -> None:
    run = begun((1, 2))
    first = run.signers("panel")[1]
    run.sign("panel", 1, "agree")
    refused(NotAnEarlierStep, run, lambda: run.back(first))
    run.sign("panel", 2, "agree")
    run.take("check")
    assert [item.node for item in return_targets(run.items()["issue"])] == ["draft", "panel", "check"]
    run.back(first)
    assert sorted(run.signers("panel")) == [1, 2]
    assert "panel" not in run.instance().values
    assert (run.board.booked, len(run.instance().marking["joins"]["join"])) == ([], 1)
    for person in (1, 2):
        run.sign("panel", person, "refuse")
    assert list(run.items()) == ["deny"]


def test_a_return_before_a_group_takes_its_signatures_with_it() -> None:
    run = begun((1, 2))
    run.sign("panel", 1, "agree")
    run.back(run.latest("draft"))
    assert states(run) == {1: "ROLLED", 2: "ROLLED"}
    assert "groups" not in run.instance().marking
    run.take("draft")
    assert sorted(run.signers("panel")) == [1, 2]


def test_a_return_in_another_branch_leaves_the_group_alone() -> None:
    run = begun((1, 2))
    run.sign("panel", 1, "agree")
    run.take("check")
    before = run.instance().marking["groups"]
    run.back(run.latest("check"))
    assert run.instance().marking["groups"] == before
    run.sign("panel", 2, "agree")
    run.take("check")
    assert list(run.items()) == ["issue"]


def test_a_timer_ends_the_whole_step_whoever_has_signed() -> None:
    drawing = panel()
    drawing.chain(drawing.timer("panel", "late"), drawing.task("chase"), "signed")
    run = begun((1, 2), drawing)
    first = run.signers("panel")[1]
    assert run.board.alarms[-1].item == first
    run.sign("panel", 1, "agree")
    assert not fire(run, first, "late", timedelta(days=3)).ignored
    assert sorted(run.items()) == ["chase", "check"]
    assert run.instance().values["panel"] == "late"
    assert fire(run, first, "late", timedelta(days=4)).ignored


def test_suspended_signatures_and_timers_move_once() -> None:
    drawing = panel(limit="3d")
    drawing.chain(drawing.timer("panel", "late"), drawing.task("chase"), "signed")
    run = begun((1, 2), drawing)
    due = WorkItem.objects.get(pk=run.signers("panel")[2]).due
    assert due is not None
    with transaction.atomic():
        services.suspend(subject_id=run.subject)
    since = run.instance().suspended
    assert since is not None
    alarms = len(run.board.alarms)
    with transaction.atomic():
        services.resume(subject_id=run.subject, board=run.board)
    assert len(run.board.alarms) == alarms + 1
    assert {row.due for row in WorkItem.objects.filter(subject=run.subject, node="panel")} != {due}
    assert now() - since < timedelta(minutes=5)


def test_a_terminate_end_and_a_cancelled_case_close_every_signature() -> None:
    run = begun((1, 2))
    run.sign("panel", 1, "agree")
    with transaction.atomic():
        services.cancel_all(subject_id=run.subject)
    assert states(run) == {1: "DONE", 2: "CANCELLED"}
    assert run.instance().status == Instance.Status.CANCELLED


def test_a_signature_costs_no_more_statements_in_an_old_case(count_queries: CountQueries) -> None:
    run = begun((1, 2, 3))
    counts = []
    for _round in range(4):
        with count_queries() as queries:
            run.take_item(run.signers("panel")[2], "agree", 2)
        counts.append(queries.count - 1)
        run.back(run.latest("draft"))
        run.take("draft")
    assert len(set(counts)) == 1
    run = begun((1, 2, 3), complete="one_veto")
    item = run.signers("panel")[1]
    with count_queries() as queries:
        run.take_item(item, "refuse", 1)
    assert max(*counts, queries.count) <= 7


def test_the_view_of_the_diagram_shows_a_group_as_one() -> None:
    run = begun((1, 2, 3), complete="one_veto")
    run.sign("panel", 1, "agree")
    assert "panel" in flow_view(run.subject).now
    run.sign("panel", 2, "refuse")
    view = flow_view(run.subject)
    assert "panel" in view.done
    assert "panel" not in view.now


@given(st.integers(1, 99), st.integers(1, 99), st.lists(st.sampled_from(sorted(VOTES)), max_size=40), st.data())
def test_a_ratio_is_decided_when_no_further_vote_can_change_it(
    over: int, under: int, votes: list[str], data: st.DataObject
) -> None:
    over, under = min(over, under), max(over, under)
    joint = Joint(Rule.RATIO, share=over / under)  # type: ignore[arg-type]
    size = data.draw(st.integers(max(1, len(votes)), 45))
    wanted, agreed, left = needed(joint, size), votes.count("agree"), size - len(votes)
    sure = {"agree" if agreed >= wanted else "", "refuse" if agreed + left < wanted else ""} - {""}
    assert {outcome(joint, VOTES, size, votes)} - {""} == sure
    assert outcome(joint, VOTES, size, votes + ["agree"] * left) in ("agree", "refuse")


@given(st.lists(st.sampled_from(sorted(VOTES)), min_size=1, max_size=12))
def test_all_and_veto_follow_their_words(votes: list[str]) -> None:
    size = len(votes)
    assert outcome(Joint(Rule.ALL), VOTES, size, votes) == ("agree" if set(votes) == {"agree"} else "refuse")
    assert outcome(Joint(Rule.ALL), VOTES, size + 1, votes) == ""
    vetoed = outcome(Joint(Rule.VETO), VOTES, size, votes)
    assert vetoed == ("agree" if "refuse" not in votes and "agree" in votes else "refuse")
    early = outcome(Joint(Rule.VETO), VOTES, size + 1, votes)
    assert early == ("refuse" if "refuse" in votes else "")
