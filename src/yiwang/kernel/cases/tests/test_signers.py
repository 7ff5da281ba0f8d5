"""A panel reviews, named people sign, opinions are asked for, steps are taken back: through the real actions."""

from functools import partial

import pytest

from yiwang.kernel.access.queries import sees
from yiwang.kernel.base.refusals import NotFound, NotPermitted
from yiwang.kernel.cases.actions.decisions import Decision, claim_item, decide_step, judge_finding, transfer_item
from yiwang.kernel.cases.actions.life import read_item, suspend_case, withdraw_case
from yiwang.kernel.cases.actions.signers import ask_opinion, give_opinion, take_back_question
from yiwang.kernel.cases.actions.withdrawing import withdraw_step
from yiwang.kernel.cases.models import Case, Opinion
from yiwang.kernel.cases.refusals import ApplicantTold, NotYourItem, OpinionNeeded, StrangerAsked
from yiwang.kernel.cases.tests.panels import CHECKER, OTHER_CHECKER, load_panels, person, signature
from yiwang.kernel.cases.tests.world import (
    APPROVER,
    CLERK,
    OFFICER,
    OTHER_CLERK,
    REVIEWER,
    SIGNER,
    CaseWorld,
    citizen,
    ledger_holds,
    quota,
    staff,
    unchanged,
    verbs,
)
from yiwang.kernel.clock.services import PauseOrder
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.refusals import (
    AlreadyFollowed,
    ItemNotOpen,
    NoSigners,
    NotWhoDidIt,
    OpinionOnly,
    OpinionsAwaited,
    SamePersonRefused,
    WrongPersonAsked,
)
from yiwang.kernel.registers.models import Entry

BEFORE, BESIDE = WorkItem.Asking.BEFORE, WorkItem.Asking.BESIDE


class Panels(CaseWorld):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        load_panels()

    def sign(self, case: int, name: str, move: str, opinion: str = "同意") -> None:
        item = signature(self.county, case, name)
        decide_step(actor=staff(name), case=case, item=item, decision=Decision(move, opinion))

    def question(self, case: int, name: str) -> int:
        return WorkItem.objects.filter(subject=case, asking__gt=0, person=person(name)).latest("pk").pk

    def ask(self, case: int, by: str, *names: str, manner: WorkItem.Asking = BEFORE) -> None:
        item = WorkItem.objects.filter(subject=case, state=WorkItem.State.OPEN, asking=0).earliest("pk")
        wanted = [person(name) for name in names]
        ask_opinion(actor=staff(by), case=case, item=item.pk, persons=wanted, manner=manner, question="怎么看？")


class Signing(Panels):
    def test_every_holder_of_the_post_signs_with_his_opinion(self) -> None:
        case = self.county.at("review")
        rows = WorkItem.objects.filter(subject=case, node="review")
        assert {row.person for row in rows} == {person(CHECKER), person(OTHER_CHECKER)}
        self.sign(case, CHECKER, "agree")
        assert self.county.waiting(case) == ["review"]
        self.sign(case, OTHER_CHECKER, "agree")
        assert self.county.waiting(case) == ["approve"]
        assert Opinion.objects.filter(subject=case, node="review").count() == 2
        assert ledger_holds()

    def test_a_refusal_needs_a_reason_and_ends_it_for_all(self) -> None:
        case = self.county.at("review")
        item = signature(self.county, case, CHECKER)
        with unchanged(), pytest.raises(OpinionNeeded):
            decide_step(actor=staff(CHECKER), case=case, item=item, decision=Decision("refuse"))
        with unchanged(), pytest.raises(NotYourItem):
            decide_step(actor=staff(OTHER_CHECKER), case=case, item=item, decision=Decision("agree"))
        self.sign(case, CHECKER, "refuse", "材料不全")
        assert self.county.waiting(case) == ["approve"]
        spared = WorkItem.objects.get(subject=case, node="review", person=person(OTHER_CHECKER))
        assert spared.state == WorkItem.State.CANCELLED

    def test_the_approver_names_who_signs_and_only_the_last_signature_grants(self) -> None:
        case = self.county.at("approve")
        item = self.county.item(case, "approve")
        decide = partial(decide_step, actor=staff(APPROVER), case=case, item=item)
        with unchanged(), pytest.raises(NoSigners):
            decide(decision=Decision("agree", "同意"))
        with unchanged(), pytest.raises(StrangerAsked):
            decide(decision=Decision("agree", "同意", signers=(person(SIGNER), person(OFFICER))))
        decide(decision=Decision("agree", "同意", signers=(person(REVIEWER), person(SIGNER))))
        assert sees(staff(REVIEWER), case)
        self.sign(case, REVIEWER, "grant")
        assert not Entry.objects.exists()
        assert quota().used == 0
        assert "case.granted" not in verbs(case)
        self.sign(case, SIGNER, "grant")
        assert Entry.objects.filter(source=case).count() == 1
        assert verbs(case).count("case.granted") == 1

    def test_while_one_has_signed_the_application_is_not_decided(self) -> None:
        case = self.county.at("approve")
        self.county.decide(APPROVER, case, "approve", "agree", signers=(person(REVIEWER), person(SIGNER)))
        self.sign(case, REVIEWER, "grant")
        withdraw_case(actor=citizen(), case=case, reason="不砍了")
        assert self.case(case).result == "withdrawn"

    def test_a_signature_is_not_handed_to_another_signer(self) -> None:
        case = self.county.at("review")
        item = signature(self.county, case, CHECKER)
        with unchanged(), pytest.raises(SamePersonRefused):
            transfer_item(actor=staff(CHECKER), case=case, item=item, person=person(OTHER_CHECKER), reason="出差")


class Asking(Panels):
    def test_who_asked_whom_and_why_is_kept_and_the_step_waits(self) -> None:
        case = self.county.at("review")
        self.ask(case, CHECKER, REVIEWER, CLERK)
        asked = Opinion.objects.get(subject=case, move="ask")
        assert (asked.name, asked.text, asked.label) == (CHECKER, "怎么看？", f"向{REVIEWER}等2人征求意见")
        assert WorkItem.objects.get(pk=self.question(case, CLERK)).note == f"{CHECKER}征求意见"
        with unchanged(), pytest.raises(OpinionsAwaited):
            self.sign(case, CHECKER, "agree")
        for name in (REVIEWER, CLERK):
            give_opinion(actor=staff(name), case=case, item=self.question(case, name), opinion="可以")
        self.sign(case, CHECKER, "agree")
        assert verbs(case).count("case.opinion_given") == 2
        assert ledger_holds()

    def test_the_asked_get_no_power_over_the_case(self) -> None:
        case = self.county.at("review")
        self.ask(case, CHECKER, CLERK)
        item, clerk = self.question(case, CLERK), staff(CLERK)
        with unchanged(), pytest.raises(OpinionOnly):
            decide_step(actor=clerk, case=case, item=item, decision=Decision("agree", "同意"))
        with unchanged(), pytest.raises(OpinionOnly):
            claim_item(actor=clerk, case=case, item=item)
        with unchanged(), pytest.raises(OpinionOnly):
            ask_opinion(actor=clerk, case=case, item=item, persons=[person(REVIEWER)], manner=BESIDE, question="您看呢")
        with unchanged(), pytest.raises(NotPermitted):
            suspend_case(actor=clerk, case=case, order=PauseOrder("expert_review", "专家评审", "1号"))
        with unchanged(), pytest.raises(NotPermitted):
            judge_finding(actor=clerk, case=case, check="steep", answer="measures")
        with unchanged(), pytest.raises(NotYourItem):
            give_opinion(actor=staff(OTHER_CLERK), case=case, item=item, opinion="我来说")
        with unchanged(), pytest.raises(OpinionNeeded):
            give_opinion(actor=clerk, case=case, item=item, opinion=" ")
        assert read_item(actor=clerk, case=case, item=item)
        assert WorkItem.objects.get(pk=item).reader == person(CLERK)

    def test_only_colleagues_of_the_unit_or_of_a_role_the_step_names_are_asked(self) -> None:
        case = self.county.at("approve")
        item = self.county.item(case, "approve")
        ask = partial(ask_opinion, actor=staff(APPROVER), case=case, item=item, manner=BEFORE)
        with unchanged(), pytest.raises(StrangerAsked):
            ask(persons=[person("解秋阳")], question="怎么看")
        with unchanged(), pytest.raises(WrongPersonAsked):
            ask(persons=[], question="怎么看")
        with unchanged(), pytest.raises(WrongPersonAsked):
            ask(persons=[person(APPROVER)], question="怎么看")
        with unchanged(), pytest.raises(OpinionNeeded):
            ask(persons=[person(REVIEWER)], question="")
        with unchanged(), pytest.raises(NotFound):
            ask_opinion(
                actor=citizen(2), case=case, item=item, persons=[person(REVIEWER)], manner=BEFORE, question="怎么看"
            )

    def test_only_who_holds_the_step_takes_a_question_back(self) -> None:
        case = self.county.at("review")
        self.ask(case, CHECKER, CLERK)
        item = self.question(case, CLERK)
        with unchanged(), pytest.raises(NotYourItem):
            take_back_question(actor=staff(OTHER_CHECKER), case=case, item=item)
        take_back_question(actor=staff(CHECKER), case=case, item=item)
        with unchanged(), pytest.raises(ItemNotOpen):
            give_opinion(actor=staff(CLERK), case=case, item=item, opinion="可以")
        self.sign(case, CHECKER, "agree")


class Withdrawing(Panels):
    def take_back(self, case: int, name: str, node: str) -> None:
        done = WorkItem.objects.filter(subject=case, node=node, person=person(name), state=WorkItem.State.DONE)
        withdraw_step(actor=staff(name), case=case, item=done.latest("pk").pk, reason="写错了")

    def test_a_signed_grant_is_taken_back_with_everything_it_did(self) -> None:
        case = self.county.at("approve")
        self.county.decide(APPROVER, case, "approve", "agree", signers=(person(SIGNER),))
        self.sign(case, SIGNER, "grant")
        assert quota().used > 0
        self.take_back(case, SIGNER, "sign")
        assert quota().used == 0
        assert Entry.objects.get(source=case).state == Entry.State.VOID
        row = self.case(case)
        assert (row.status, self.county.waiting(case)) == (Case.Status.ACCEPTED, ["sign"])
        assert "case.step_withdrawn" in verbs(case)
        assert ledger_holds()

    def test_who_has_opened_what_follows_is_named(self) -> None:
        case = self.county.at("review")
        self.sign(case, CHECKER, "agree")
        self.take_back(case, CHECKER, "review")
        for name in (CHECKER, OTHER_CHECKER):
            self.sign(case, name, "agree")
        read_item(actor=staff(APPROVER), case=case, item=self.county.item(case, "approve"))
        with unchanged(), pytest.raises(AlreadyFollowed) as refused:
            self.take_back(case, OTHER_CHECKER, "review")
        assert APPROVER in str(refused.value.message)

    def test_nobody_takes_back_what_another_did_or_what_the_applicant_was_told(self) -> None:
        case = self.county.at("intake")
        item = self.county.item(case, "intake")
        self.county.decide(CLERK, case, "intake", "correct", "缺图", corrections=("图",))
        with unchanged(), pytest.raises(ApplicantTold):
            withdraw_step(actor=staff(CLERK), case=case, item=item, reason="写错了")
        with unchanged(), pytest.raises(OpinionNeeded):
            withdraw_step(actor=staff(CLERK), case=case, item=item, reason="")
        other = self.county.at("review")
        self.sign(other, CHECKER, "agree")
        done = WorkItem.objects.get(subject=other, node="review", state=WorkItem.State.DONE).pk
        for actor in (staff(OTHER_CHECKER), SYSTEM):
            with unchanged(), pytest.raises(NotWhoDidIt):
                withdraw_step(actor=actor, case=other, item=done, reason="写错了")

    def test_an_acceptance_taken_back_stays_an_acceptance_for_the_clock(self) -> None:
        case = self.county.at("intake")
        self.county.decide(CLERK, case, "intake", "accept")
        before = self.case(case).due
        self.take_back(case, CLERK, "intake")
        assert (self.county.waiting(case), self.case(case).status) == (["intake"], Case.Status.ACCEPTED)
        assert self.case(case).due == before
        self.county.decide(CLERK, case, "intake", "accept")
