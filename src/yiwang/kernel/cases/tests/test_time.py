"""Suspend, resume, extend, withdraw; hand over and take on."""

from datetime import timedelta

import pytest

from yiwang.kernel.base.moments import now, today
from yiwang.kernel.base.refusals import InvalidInput, NotFound, NotPermitted
from yiwang.kernel.cases.actions.decisions import Decision, claim_item, decide_step, transfer_item
from yiwang.kernel.cases.actions.life import extend_case, read_item, resume_case, suspend_case, withdraw_case
from yiwang.kernel.cases.models import Case, Notice
from yiwang.kernel.cases.refusals import (
    AlreadyDecided,
    CaseClosed,
    CertificateNeeded,
    ColleagueNeeded,
    NotYourItem,
    OpinionNeeded,
)
from yiwang.kernel.cases.tests.world import (
    APPROVER,
    CHECKER,
    CITY_APPROVER,
    CLERK,
    OFFICER,
    OTHER_OFFICER,
    OTHER_REVIEWER,
    REVIEWER,
    SIGNER,
    CaseWorld,
    citizen,
    clock_of,
    later,
    staff,
    unchanged,
    verbs,
)
from yiwang.kernel.cases.types import Offer, offer_of
from yiwang.kernel.clock.models import Clock
from yiwang.kernel.clock.refusals import AlreadyExtended, ExtensionNotPermitted, NothingToPause, PauseKindRefused
from yiwang.kernel.clock.services import PauseOrder
from yiwang.kernel.org.models import Holding, Person
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.refusals import InstanceSuspended, ItemNotOpen, SamePersonRefused

APPRAISAL = PauseOrder("appraisal", "权属界线委托鉴定", "崇林告1号")


class Suspended(CaseWorld):
    def test_limits_stop_steps_are_held_and_dues_move_by_the_days_that_passed(self) -> None:
        with later(now() - timedelta(days=20)):
            case = self.county.at("review")
            before = clock_of(case, "statutory").due_at
            item = WorkItem.objects.get(subject=case, node="review")
        with later(now() - timedelta(days=19)):
            suspend_case(actor=staff(REVIEWER), case=case, order=APPRAISAL)
        assert self.case(case).status == Case.Status.SUSPENDED
        assert Notice.objects.get(subject=case, kind=Notice.Type.SUSPENSION).body["kind"] == "appraisal"
        with unchanged(), pytest.raises(InstanceSuspended):
            decide_step(actor=staff(REVIEWER), case=case, item=item.pk, decision=Decision("agree", "同意"))
        with unchanged(), pytest.raises(InstanceSuspended):
            transfer_item(actor=staff(REVIEWER), case=case, item=item.pk, person=self.pk(OTHER_REVIEWER), reason="忙")
        resume_case(actor=staff(REVIEWER), case=case)
        row = self.case(case)
        assert row.status == Case.Status.ACCEPTED
        assert clock_of(case, "statutory").due_at > before
        assert row.due == min(clock_of(case, name).due_at for name in ("statutory", "promised"))
        moved = WorkItem.objects.get(pk=item.pk).due
        assert item.due is not None
        assert moved is not None
        assert moved > item.due
        decide_step(actor=staff(REVIEWER), case=case, item=item.pk, decision=Decision("agree", "同意"))

    def test_only_kinds_the_law_names_and_only_once(self) -> None:
        case = self.county.at("review")
        for kind in ("field_check", "holiday", ""):
            with unchanged(), pytest.raises(PauseKindRefused):
                suspend_case(actor=staff(REVIEWER), case=case, order=PauseOrder(kind, "太忙"))
        suspend_case(actor=staff(REVIEWER), case=case, order=APPRAISAL)
        with unchanged(), pytest.raises((InstanceSuspended, NothingToPause)):
            suspend_case(actor=staff(REVIEWER), case=case, order=PauseOrder("hearing", "听证"))

    def test_not_before_acceptance_nor_after_the_decision(self) -> None:
        case = self.county.file()
        with unchanged(), pytest.raises(NothingToPause):
            suspend_case(actor=staff(CLERK), case=case, order=APPRAISAL)

    def test_only_by_whoever_has_the_case_in_hand(self) -> None:
        case = self.county.at("review")
        for actor in (staff(SIGNER), staff(CHECKER), citizen()):
            with unchanged(), pytest.raises(NotPermitted):
                suspend_case(actor=actor, case=case, order=APPRAISAL)
        with unchanged(), pytest.raises(NotFound):
            suspend_case(actor=citizen(2), case=case, order=APPRAISAL)

    def pk(self, name: str) -> int:
        return Person.objects.get(name=name).pk


class Extended(CaseWorld):
    def test_once_with_a_reason_and_only_by_the_approver_of_this_organ(self) -> None:
        case = self.county.at("approve")
        before = clock_of(case, "statutory").due
        with unchanged(), pytest.raises(InvalidInput):
            extend_case(actor=staff(APPROVER), case=case, reason="  ")
        for name in (REVIEWER, SIGNER, CITY_APPROVER):
            with unchanged(), pytest.raises(ExtensionNotPermitted):
                extend_case(actor=staff(name), case=case, reason="连续降雨")
        with unchanged(), pytest.raises(NotFound):
            extend_case(actor=citizen(2), case=case, reason="连续降雨")
        extend_case(actor=staff(APPROVER), case=case, reason="连续降雨，山路中断")
        clock = clock_of(case, "statutory")
        assert clock.extension == 10
        assert clock.due > before
        notice = Notice.objects.get(subject=case, kind=Notice.Type.EXTENSION)
        assert notice.body == {"reason": "连续降雨，山路中断", "due": str(clock.due)}
        with unchanged(), pytest.raises(AlreadyExtended):
            extend_case(actor=staff(APPROVER), case=case, reason="再延")

    def test_the_applicant_withdraws_before_it_is_decided_and_nobody_else(self) -> None:
        case = self.county.at("review")
        for actor in (staff(REVIEWER), staff(SIGNER)):
            with unchanged(), pytest.raises(NotPermitted):
                withdraw_case(actor=actor, case=case, reason="")
        with unchanged(), pytest.raises(NotFound):
            withdraw_case(actor=citizen(2), case=case, reason="")
        withdraw_case(actor=citizen(), case=case, reason="今年不砍了")
        row = self.case(case)
        assert (row.status, row.result) == (Case.Status.CLOSED, "withdrawn")
        assert not Clock.objects.filter(subject=case, stopped_at=None).exists()
        assert self.county.waiting(case) == []
        assert verbs(case)[-2:] == ["case.withdrawn", "case.closed"]
        with unchanged(), pytest.raises(CaseClosed):
            withdraw_case(actor=citizen(), case=case, reason="")

    def test_a_suspended_case_can_be_withdrawn_a_granted_one_cannot(self) -> None:
        case = self.county.at("review")
        suspend_case(actor=staff(REVIEWER), case=case, order=APPRAISAL)
        withdraw_case(actor=citizen(), case=case, reason="")
        assert self.case(case).result == "withdrawn"
        granted = self.county.at("sign", 2)
        self.county.decide(SIGNER, granted, "sign", "grant")
        with unchanged(), pytest.raises(AlreadyDecided):
            withdraw_case(actor=citizen(), case=granted, reason="不要了")
        with unchanged(), pytest.raises(NotPermitted):
            suspend_case(actor=staff(SIGNER), case=granted, order=APPRAISAL)


class Hands(CaseWorld):
    def test_a_colleague_of_the_same_post_gets_it_and_the_former_holder_has_it_no_more(self) -> None:
        case, item, other = self.review()
        transfer_item(actor=staff(REVIEWER), case=case, item=item, person=other.pk, reason="本周外出")
        row = WorkItem.objects.get(pk=item)
        assert (row.person, row.state) == (other.pk, WorkItem.State.OPEN)
        assert WorkItem.objects.filter(subject=case, node="review", state=WorkItem.State.HANDED).count() == 1
        with unchanged(), pytest.raises(NotYourItem):
            decide_step(actor=staff(REVIEWER), case=case, item=item, decision=Decision("agree", "同意"))
        decide_step(actor=staff(OTHER_REVIEWER), case=case, item=item, decision=Decision("agree", "同意"))
        assert self.county.waiting(case) == ["approve"]

    def test_not_to_a_stranger_nor_without_a_reason_nor_by_a_stranger(self) -> None:
        case, item, other = self.review()
        for name in (SIGNER, CHECKER, CITY_APPROVER, "解秋阳", "穆青野"):
            person = Person.objects.get(name=name).pk
            with unchanged(), pytest.raises(ColleagueNeeded):
                transfer_item(actor=staff(REVIEWER), case=case, item=item, person=person, reason="忙")
        with unchanged(), pytest.raises(ColleagueNeeded):
            transfer_item(actor=staff(REVIEWER), case=case, item=item, person=10**9, reason="忙")
        with unchanged(), pytest.raises(OpinionNeeded):
            transfer_item(actor=staff(REVIEWER), case=case, item=item, person=other.pk, reason=" ")
        with unchanged(), pytest.raises(NotYourItem):
            transfer_item(actor=staff(SIGNER), case=case, item=item, person=other.pk, reason="忙")
        gone = self.county.done(case, "intake")
        with unchanged(), pytest.raises(ItemNotOpen):
            transfer_item(actor=staff(CLERK), case=case, item=gone, person=other.pk, reason="忙")

    def test_not_to_a_colleague_who_has_left_or_not_begun(self) -> None:
        case, item, other = self.review()
        holding = Holding.objects.filter(person=other)
        for changes in ({"until": today() - timedelta(days=1)}, {"until": None, "since": today() + timedelta(days=9)}):
            holding.update(**changes)
            with unchanged(), pytest.raises(ColleagueNeeded):
                transfer_item(actor=staff(REVIEWER), case=case, item=item, person=other.pk, reason="忙")

    def test_claiming_takes_it_out_of_the_pool(self) -> None:
        case, item, _other = self.review()
        claim_item(actor=staff(REVIEWER), case=case, item=item)
        row = WorkItem.objects.get(pk=item)
        assert (row.person, row.post) == (staff(REVIEWER).person, staff(REVIEWER).post)
        for name in (OTHER_REVIEWER, SIGNER):
            with unchanged(), pytest.raises(NotYourItem):
                claim_item(actor=staff(name), case=case, item=item)
        with unchanged(), pytest.raises(NotYourItem):
            decide_step(actor=staff(OTHER_REVIEWER), case=case, item=item, decision=Decision("agree", "同意"))

    def test_read_is_noted_once_and_only_by_whose_work_it_is(self) -> None:
        case, item, _other = self.review()
        for actor in (staff(SIGNER), staff(CLERK), citizen()):
            with unchanged():
                assert read_item(actor=actor, case=case, item=item) is False
        assert read_item(actor=staff(OTHER_REVIEWER), case=case, item=item) is True
        assert read_item(actor=staff(REVIEWER), case=case, item=item) is False

    def test_two_officers_are_two_certified_persons(self) -> None:
        case = self.county.at("field_check")
        player, item = self.county.player, self.county.player.item(case, "field_check")
        token, answers = player.form(staff(OFFICER), self.offer(case), "field_check")
        decision = Decision("done", answers=answers, draft=token)
        Person.objects.filter(name=OFFICER).update(certificate_until=today() - timedelta(days=1))
        with unchanged(), pytest.raises(CertificateNeeded):
            decide_step(actor=staff(OFFICER), case=case, item=item.pk, decision=decision)
        Person.objects.filter(name=OFFICER).update(certificate_until=None)
        decide_step(actor=staff(OFFICER), case=case, item=item.pk, decision=decision)
        second = player.item(case, "field_confirm")
        token, answers = player.form(staff(OTHER_OFFICER), self.offer(case), "field_confirm")
        confirmed = Decision("done", answers=answers, draft=token)
        with unchanged(), pytest.raises(SamePersonRefused):
            decide_step(actor=staff(OFFICER), case=case, item=second.pk, decision=confirmed)
        claim = Person.objects.get(name=OFFICER).pk
        with unchanged(), pytest.raises(SamePersonRefused):
            transfer_item(actor=staff(OTHER_OFFICER), case=case, item=second.pk, person=claim, reason="忙")
        decide_step(actor=staff(OTHER_OFFICER), case=case, item=second.pk, decision=confirmed)
        assert self.county.waiting(case) == ["rule_check"]

    def offer(self, case: int) -> Offer:
        return offer_of(self.case(case).version_id)

    def review(self) -> tuple[int, int, Person]:
        case = self.county.at("review")
        return case, self.county.item(case, "review"), Person.objects.get(name=OTHER_REVIEWER)
