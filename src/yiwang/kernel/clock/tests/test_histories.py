"""Random histories of a case: whatever was paused, resumed and extended in whatever order, a clerk agrees."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.clock import queries, services
from yiwang.kernel.clock.limits import Unit
from yiwang.kernel.clock.models import Clock
from yiwang.kernel.clock.rules import Span, Stretch
from yiwang.kernel.clock.services import PauseOrder
from yiwang.kernel.clock.standing import Phase
from yiwang.kernel.clock.tests.calendars import MARKS, at
from yiwang.kernel.clock.tests.conftest import DIRECTOR, PROMISED, STATUTORY
from yiwang.kernel.clock.tests.naive import Naive
from yiwang.kernel.ledger.services import create_subject

KINDS = ("hearing", "appraisal")
MOVES = st.sampled_from([(verb, kind) for verb in ("pause", "resume") for kind in KINDS] + [("extend", "")])
HISTORIES = st.lists(st.tuples(st.integers(0, 6), MOVES), max_size=10)
ONE = timedelta(days=1)


@dataclass
class Paper:
    """What the clerk writes down: when each kind of pause began and ended."""

    start: date
    open: dict[str, date] = field(default_factory=dict)
    closed: dict[str, list[Stretch]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    extension: int = 0

    def pauses(self, kinds: tuple[str, ...]) -> list[Stretch]:
        return [stretch for kind in kinds if kind in self.closed for stretch in self.closed[kind]]

    def due(self, amount: int, kinds: tuple[str, ...]) -> date:
        return Naive(MARKS).due(Span(Unit.WORKING_DAY, amount, at(self.start)), self.pauses(kinds))


def play(subject: int, paper: Paper, day: date, verb: str, kind: str) -> None:
    """One move, on the tables and on paper; a refused one changes neither."""
    try:
        with transaction.atomic():
            if verb == "pause":
                services.pause(subject, PauseOrder(kind, "x"), at=at(day), actor=DIRECTOR)
                paper.open[kind] = day
            elif verb == "resume":
                services.resume(subject, at=at(day), kind=kind)
                paper.closed[kind].append(Stretch(at(paper.open.pop(kind)), at(day)))
            else:
                services.extend(subject, "statutory", at=at(day), actor=DIRECTOR)
                paper.extension = 10
    except Refusal:
        pass


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(st.dates(date(2025, 1, 1), date(2026, 3, 1)), HISTORIES)
def test_any_history_ends_where_the_clerk_says(start: date, history: list[tuple[int, tuple[str, str]]]) -> None:
    with transaction.atomic():
        subject = create_subject("case:example", unit=1).pk
        services.start(subject, [STATUTORY, PROMISED], at=at(start))
        paper, day = Paper(start), start
        for wait, (verb, kind) in history:
            day += wait * ONE
            play(subject, paper, day, verb, kind)
        for kind in list(paper.open):
            day += ONE
            play(subject, paper, day, "resume", kind)
        statutory, promised = (Clock.objects.get(subject=subject, name=name) for name in ("statutory", "promised"))
        assert not paper.open
        assert statutory.due == paper.due(20 + paper.extension, STATUTORY.pausable_by)
        assert promised.due == paper.due(10, PROMISED.pausable_by)
        for clock in (statutory, promised):
            told = queries.explain(clock, at(day))
            assert queries.state_of(clock, at(day)).phase is Phase.RUNNING
            assert [mark.day for mark in told.days if mark.is_due] == [clock.due]
            assert told.is_recounted is False
        transaction.set_rollback(True)
