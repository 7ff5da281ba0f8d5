"""Intake: accept, ask once for corrections, refuse, and what silence does (行政许可法 art. 32)."""

from datetime import timedelta

import pytest

from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import InvalidInput, NotFound
from yiwang.kernel.cases.actions.decisions import Decision, decide_step, return_step, supplement_case
from yiwang.kernel.cases.actions.life import fire_timer
from yiwang.kernel.cases.models import Case, Notice, Opinion
from yiwang.kernel.cases.refusals import (
    AlreadyAccepted,
    AlreadyCorrected,
    CaseClosed,
    NothingToCorrect,
    NotYourItem,
    OpinionNeeded,
)
from yiwang.kernel.cases.tests.world import (
    CHECKER,
    CLERK,
    OTHER_CLERK,
    SIGNER,
    CaseWorld,
    citizen,
    clock_of,
    later,
    ledger_holds,
    staff,
    unchanged,
    verbs,
)
from yiwang.kernel.cases.types import current_offer
from yiwang.kernel.clock.models import Clock
from yiwang.kernel.forms.context import Attached
from yiwang.kernel.forms.models import Evidence
from yiwang.kernel.forms.queries import context_for
from yiwang.kernel.forms.refusals import FormIncomplete
from yiwang.kernel.forms.rules import Outcome, judge
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.refusals import ItemNotOpen, MoveUnknown
from yiwang.project.demo.answers import Stand, raw_answers
from yiwang.project.demo.people import villager
from yiwang.project.demo.player import TYPE

WORDS = "四至没有写明西边到哪里"


def corrected() -> Outcome:
    """A right form as the applicant sends it again."""
    who, form = villager(1), current_offer(TYPE).form
    files = [
        Attached(id=n, slot=slot, name="a.jpg", size=9, mime="image/jpeg")
        for n, slot in enumerate(("identity_paper", "site_photos"), start=1)
    ]
    raw = raw_answers(Stand(1, township="360725100"), who.name, who.identity, who.phone, now().date())
    raw = raw | {file.slot: [file.id] for file in files}
    return judge(form, raw, context_for(form, attachments=files))


class Intake(CaseWorld):
    def test_accepting_starts_the_limits_and_gives_a_dated_paper(self) -> None:
        case = self.county.file()
        self.county.decide(CLERK, case, "intake", "accept")
        row = self.case(case)
        assert row.status == Case.Status.ACCEPTED
        assert sorted(self.county.waiting(case)) == ["field_check", "rule_check"]
        running = set(Clock.objects.filter(subject=case, stopped_at=None).values_list("name", flat=True))
        assert running == {"statutory", "promised"}
        assert clock_of(case, "acceptance").stopped_at is not None
        assert row.due == clock_of(case, "promised").due_at
        assert Notice.objects.get(subject=case).kind == Notice.Type.ACCEPTANCE
        assert verbs(case) == ["case.opened", "case.step_decided", "case.accepted"]
        opinion = Opinion.objects.get(subject=case)
        assert (opinion.name, opinion.label) == (CLERK, "受理")
        assert opinion.post.endswith("窗口受理岗")

    def test_somebody_else_cannot_accept(self) -> None:
        case = self.county.file()
        item = self.county.item(case, "intake")
        for actor in (staff(SIGNER), citizen(1)):
            with unchanged(), pytest.raises(NotYourItem):
                decide_step(actor=actor, case=case, item=item, decision=Decision("accept"))
        for actor in (citizen(2), staff("解秋阳"), staff(CHECKER)):  # who does not see it learns nothing
            with unchanged(), pytest.raises(NotFound):
                decide_step(actor=actor, case=case, item=item, decision=Decision("accept"))

    def test_an_unknown_move_and_a_second_click_change_nothing(self) -> None:
        case = self.county.file()
        item = self.county.item(case, "intake")
        with unchanged(), pytest.raises(MoveUnknown):
            decide_step(actor=staff(CLERK), case=case, item=item, decision=Decision("grant"))
        decide_step(actor=staff(CLERK), case=case, item=item, decision=Decision("accept"))
        for who in (CLERK, OTHER_CLERK):
            with unchanged(), pytest.raises(ItemNotOpen):
                decide_step(actor=staff(who), case=case, item=item, decision=Decision("accept"))

    def test_refusing_needs_a_ground_and_a_reason_and_ends_the_case(self) -> None:
        case = self.county.file()
        with unchanged(), pytest.raises(OpinionNeeded):
            self.county.decide(CLERK, case, "intake", "refuse", "  ", ground="not_needed")
        for ground in ("", "because"):
            with unchanged(), pytest.raises(InvalidInput):
                self.county.decide(CLERK, case, "intake", "refuse", "不需要许可", ground=ground)
        self.county.decide(CLERK, case, "intake", "refuse", "不需要许可", ground="not_needed")
        row = self.case(case)
        assert (row.status, row.result) == (Case.Status.CLOSED, "refused")
        assert Notice.objects.get(subject=case).body["ground"] == "not_needed"
        assert not Clock.objects.filter(subject=case, stopped_at=None).exists()
        assert not WorkItem.objects.filter(subject=case, state__lte=WorkItem.State.WAITING).exists()
        assert verbs(case)[-2:] == ["case.refused", "case.closed"]
        with unchanged(), pytest.raises(CaseClosed):
            decide_step(actor=staff(CLERK), case=case, item=1, decision=Decision("accept"))


class Corrections(CaseWorld):
    def test_one_notice_with_everything_and_a_second_is_refused(self) -> None:
        case = self.county.file()
        with unchanged(), pytest.raises((NothingToCorrect, OpinionNeeded)):
            self.county.decide(CLERK, case, "intake", "correct", "", corrections=("  ",))
        self.county.decide(CLERK, case, "intake", "correct", WORDS, corrections=("林权证看不清", " "))
        notice = Notice.objects.get(subject=case)
        assert (notice.kind, notice.body["items"]) == (Notice.Type.CORRECTIONS, ["林权证看不清"])
        assert self.case(case).due is None
        assert self.county.waiting(case) == ["supplement"]
        self.supplement(case)
        with unchanged(), pytest.raises(AlreadyCorrected):
            self.county.decide(CLERK, case, "intake", "correct", WORDS, corrections=("还有一项",))

    def test_the_five_days_begin_anew_with_the_supplement(self) -> None:
        with later(now() - timedelta(days=30)):
            case = self.county.file()
            first = clock_of(case, "acceptance").due_at
            self.county.decide(CLERK, case, "intake", "correct", WORDS)
        self.supplement(case)
        row = self.case(case)
        assert row.due is not None
        assert row.due > first
        assert row.due == clock_of(case, "acceptance").due_at
        assert clock_of(case, "acceptance").stopped_at is None
        assert now() - row.received < timedelta(minutes=5)
        assert self.county.waiting(case) == ["intake"]
        assert Evidence.objects.filter(subject=case).count() == 2
        assert verbs(case)[-1] == "case.supplemented"

    def test_only_the_applicant_or_the_window_supplements_and_only_with_a_form(self) -> None:
        case = self.county.file()
        self.county.decide(CLERK, case, "intake", "correct", WORDS)
        item = self.county.item(case, "supplement")
        for actor in (citizen(2), staff(SIGNER), staff(CHECKER)):
            with unchanged(), pytest.raises((NotYourItem, NotFound)):
                supplement_case(actor=actor, case=case, item=item, answers=corrected())
        empty = judge(current_offer(TYPE).form, {}, context_for(current_offer(TYPE).form))
        with unchanged(), pytest.raises(FormIncomplete):
            supplement_case(actor=citizen(), case=case, item=item, answers=empty)
        with unchanged(), pytest.raises(FormIncomplete):
            decide_step(actor=citizen(), case=case, item=item, decision=Decision("done"))
        supplement_case(actor=staff(OTHER_CLERK), case=case, item=item, answers=corrected())
        assert self.county.waiting(case) == ["intake"]

    def test_what_is_no_supplement_cannot_be_supplemented(self) -> None:
        case = self.county.file()
        item = self.county.item(case, "intake")
        with unchanged(), pytest.raises(NotYourItem):
            supplement_case(actor=staff(CLERK), case=case, item=item, answers=corrected())

    def supplement(self, case: int) -> None:
        item = self.county.item(case, "supplement")
        supplement_case(actor=citizen(), case=case, item=item, answers=corrected())


class Silence(CaseWorld):
    def overdue(self) -> tuple[int, int]:
        """A case filed three weeks ago that nobody looked at."""
        with later(now() - timedelta(days=21)):
            case = self.county.file()
        return case, self.county.item(case, "intake")

    def test_the_case_is_accepted_from_the_day_its_papers_came_and_only_once(self) -> None:
        case, item = self.overdue()
        received = self.case(case).received
        fire_timer(actor=SYSTEM, case=case, item=item, timer="silence")
        row = self.case(case)
        assert (row.status, row.accepted) == (Case.Status.ACCEPTED, received)
        assert clock_of(case, "statutory").started_at == received
        assert Notice.objects.get(subject=case).body["by_silence"] is True
        assert sorted(self.county.waiting(case)) == ["field_check", "rule_check"]
        assert verbs(case) == ["case.opened", "process.timer_fired", "case.accepted"]
        with unchanged():
            fire_timer(actor=SYSTEM, case=case, item=item, timer="silence")

    def test_before_its_time_it_does_nothing(self) -> None:
        case = self.county.file()
        with unchanged():
            fire_timer(actor=SYSTEM, case=case, item=self.county.item(case, "intake"), timer="silence")

    def test_after_the_clerk_it_does_nothing(self) -> None:
        case, item = self.overdue()
        self.county.decide(CLERK, case, "intake", "accept")
        with unchanged():
            fire_timer(actor=SYSTEM, case=case, item=item, timer="silence")

    def test_on_a_closed_case_or_for_an_unknown_timer_it_does_nothing(self) -> None:
        case, item = self.overdue()
        with unchanged():
            fire_timer(actor=SYSTEM, case=case, item=item, timer="nonsense")
        self.county.decide(CLERK, case, "intake", "refuse", "不需要", ground="not_needed")
        with unchanged():
            fire_timer(actor=SYSTEM, case=case, item=item, timer="silence")

    def test_its_job_waits_until_the_five_working_days_are_over(self) -> None:
        case = self.county.file()
        job = Job.objects.get(kind="cases.timer", ref=self.county.item(case, "intake"))
        assert job.due == clock_of(case, "acceptance").due_at

    def test_an_accepted_case_that_came_back_to_intake_is_neither_refused_nor_asked_again(self) -> None:
        case = self.county.file()
        self.county.decide(CLERK, case, "intake", "accept")
        accepted, due = self.case(case).accepted, clock_of(case, "statutory").due_at
        item, target = self.county.item(case, "rule_check"), self.county.done(case, "intake")
        return_step(actor=staff(CHECKER), case=case, item=item, target=target, opinion="请核对申请人")
        assert self.county.waiting(case) == ["intake"]
        for move in ("correct", "refuse"):
            with unchanged(), pytest.raises(AlreadyAccepted):
                self.county.decide(CLERK, case, "intake", move, WORDS, ground="not_needed")
        self.county.decide(CLERK, case, "intake", "accept")
        assert (self.case(case).accepted, clock_of(case, "statutory").due_at) == (accepted, due)
        assert sorted(self.county.waiting(case)) == ["field_check", "rule_check"]
        assert ledger_holds()
