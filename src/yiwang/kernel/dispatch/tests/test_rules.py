"""The pure rules, by their invariants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.dispatch.refusals import BehindFloor, ReceiptContradicts
from yiwang.kernel.dispatch.rules import (
    FINAL,
    Floor,
    Standing,
    State,
    Verb,
    admit,
    follow,
    settled_up_to,
    step,
)

VERBS = st.lists(st.sampled_from(list(Verb)), max_size=8)


def history(verbs: list[Verb]) -> list[Standing]:
    """Every standing a leg takes on; refused verbs change nothing."""
    found = [Standing()]
    for verb in verbs:
        try:
            after = step(found[-1], verb)
        except Refusal:
            continue
        if after != found[-1]:
            found.append(after)
    return found


@given(VERBS)
def test_each_change_has_the_next_number_and_nothing_follows_an_end(verbs: list[Verb]) -> None:
    found = history(verbs)
    assert [one.version for one in found] == list(range(len(found)))
    assert not [one for one in found[:-1] if one.state in FINAL]
    states = [one.state for one in found]
    assert not (State.OPENED in states and State.WITHDRAWN in states)


@given(VERBS, st.randoms(use_true_random=False))
def test_receipts_in_any_order_and_any_number_lead_to_the_same_end(verbs: list[Verb], rng: object) -> None:
    found = history(verbs)
    told = [*found[1:], *found[1:]]
    rng.shuffle(told)  # type: ignore[attr-defined]
    known = Standing()
    for one in told:
        known = follow(known, one)
    assert known == found[-1]


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (Standing(State.SIGNED, 2), Standing(State.REFUSED, 2)),
        (Standing(State.SIGNED, 2), Standing(State.OPENED, 3)),
        (Standing(), Standing(State.UNDERWAY, 1)),
        (Standing(), Standing(State.ARRIVED, 0)),
    ],
)
def test_a_lie_is_told_from_a_late_receipt(known: Standing, told: Standing) -> None:
    with pytest.raises(ReceiptContradicts):
        follow(known, told)


@given(st.lists(st.integers(1, 12), max_size=40), st.randoms(use_true_random=False))
def test_the_floor_never_sinks_and_never_shuts_out_what_is_not_settled(numbers: list[int], rng: object) -> None:
    """A sender that settles as it is answered, a line that repeats and overtakes: each number is taken in once."""
    floor, waiting, taken = Floor(1, 0), set(range(1, 13)), set[int]()
    for number in numbers:
        settled = settled_up_to(12, waiting)
        try:
            after = admit(floor, 1, number, min(settled, number - 1))
        except BehindFloor:
            assert number not in waiting
            continue
        assert after.number >= floor.number
        floor = after
        taken.add(number)
        waiting.discard(number)
    assert taken | waiting == set(range(1, 13))


def test_an_ended_epoch_stays_ended_and_a_new_one_begins_at_nought() -> None:
    assert admit(Floor(1, 90), 2, 1, 0) == Floor(2, 0)
    for epoch, number, settled in ((1, 500, 0), (2, 0, 0), (2, 7, 7)):
        with pytest.raises(BehindFloor):
            admit(Floor(2, 0), epoch, number, settled)
    with pytest.raises(BehindFloor):
        admit(Floor(2, 4), 2, 4, 0)
    assert admit(Floor(2, 4), 2, 5, 0) == Floor(2, 4)
