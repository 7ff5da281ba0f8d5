"""Findings, signing in one transaction, the certificate, and every return, also after signing."""

from unittest.mock import patch

import pytest

from yiwang.kernel.base.refusals import InvalidInput, NotFound, NotPermitted
from yiwang.kernel.cases.actions.decisions import Decision, decide_step, judge_finding, return_step
from yiwang.kernel.cases.actions.keeping import keep_certificate
from yiwang.kernel.cases.drawing import draw_certificate, staged_of
from yiwang.kernel.cases.findings import GrantBarred, findings_of
from yiwang.kernel.cases.models import Case, Judgement, Notice
from yiwang.kernel.cases.papers import certificate_paper, entry_of
from yiwang.kernel.cases.refusals import JudgementMissing, NotYourItem, OpinionNeeded
from yiwang.kernel.cases.tests.world import (
    APPROVER,
    CHECKER,
    CLERK,
    LIMIT,
    REVIEWER,
    SIGNER,
    TOWNSHIP,
    CaseWorld,
    citizen,
    clock_of,
    leave,
    ledger_holds,
    quota,
    staff,
    unchanged,
    verbs,
)
from yiwang.kernel.cases.types import offer_of
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.outputs.models import Document
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.refusals import NotAnEarlierStep
from yiwang.kernel.registers.models import Entry, QuotaEntry, Series, VoidNumber
from yiwang.kernel.registers.refusals import QuotaExceeded
from yiwang.project.demo.answers import Stand

STEEP = Stand(1, township=TOWNSHIP, slope=31)
EXEMPT = Stand(1, township=TOWNSHIP, quota_kind="exempt")
VOLUME = Stand(1).volume


class Torn(Exception):
    """Something breaks at the very end."""


def keep_again(case: int, item: int, entry: Entry) -> None:
    """What a second worker does that began to draw before the first had finished."""
    row = Case.objects.select_related("unit", "party").get(pk=case)
    rendered = certificate_paper(row, entry_of(case), "certificate").drawn()
    staged = staged_of(rendered)
    keep_certificate(actor=SYSTEM, case=case, item=item, entry=entry.pk, rendered=rendered, staged=staged)


class Findings(CaseWorld):
    def test_a_finding_without_judgement_holds_the_check_and_the_latest_answer_counts(self) -> None:
        case = self.county.at("rule_check", stand=STEEP)
        item = self.county.item(case, "rule_check")
        with unchanged(), pytest.raises(JudgementMissing) as refused:
            decide_step(actor=staff(CHECKER), case=case, item=item, decision=Decision("done", "符合"))
        assert refused.value.facts["checks"] == ["坡度"]
        for answer, reason in (("none", "没有"), ("measures", "设计里有水保措施")):
            judge_finding(actor=staff(CHECKER), case=case, check="steep", answer=answer, reason=reason)
        assert Judgement.objects.filter(subject=case).count() == 2
        found = {one.key: one for one in findings_of(offer_of(self.case(case).version_id), case, self.unit(case))}
        assert found["steep"].answered is not None
        assert (found["steep"].answered.key, found["steep"].judge) == ("measures", CHECKER)
        decide_step(actor=staff(CHECKER), case=case, item=item, decision=Decision("done", "符合"))
        assert "rule_check" not in self.county.waiting(case)

    def test_a_judgement_that_forbids_lets_the_check_pass_and_bars_the_signer(self) -> None:
        case = self.county.at("rule_check", stand=STEEP)
        judge_finding(actor=staff(CHECKER), case=case, check="steep", answer="none")
        self.to_sign(case)
        with unchanged(), pytest.raises(GrantBarred) as refused:
            self.county.decide(SIGNER, case, "sign", "grant")
        assert refused.value.rule == "水土保持法第二十二条"
        with unchanged(), pytest.raises(OpinionNeeded):
            self.county.decide(SIGNER, case, "sign", "deny")
        self.county.decide(SIGNER, case, "sign", "deny", "坡度过大，没有水土保持措施")
        row = self.case(case)
        assert (row.status, row.result) == (Case.Status.CLOSED, "denied")
        assert Notice.objects.filter(subject=case, kind=Notice.Type.DENIAL).exists()
        assert not Entry.objects.exists()
        assert quota().used == 0

    def test_judging_is_for_whoever_has_the_case_in_hand_and_only_what_is_asked(self) -> None:
        case = self.county.at("rule_check", stand=STEEP)
        for actor in (staff(SIGNER), citizen()):
            with unchanged(), pytest.raises(NotPermitted):
                judge_finding(actor=actor, case=case, check="steep", answer="measures")
        with unchanged(), pytest.raises(NotFound):
            judge_finding(actor=citizen(2), case=case, check="steep", answer="measures")
        for check, answer in (("steep", "perhaps"), ("quota", "measures"), ("nonsense", "measures")):
            with unchanged(), pytest.raises(InvalidInput):
                judge_finding(actor=staff(CHECKER), case=case, check=check, answer=answer)

    def to_sign(self, case: int) -> None:
        while self.county.waiting(case) != ["sign"]:
            self.county.player.decide(case, self.county.waiting(case)[0])

    def unit(self, case: int) -> int:
        return self.case(case).unit_id


class Signed(CaseWorld):
    def test_quota_entry_and_number_come_together(self) -> None:
        case = self.county.at("sign")
        self.county.decide(SIGNER, case, "sign", "grant", "同意")
        entry = Entry.objects.get(source=case)
        assert entry.number == f"崇林采字〔{self.case(case).opened.year}〕第000001号"
        assert quota().used == VOLUME
        assert QuotaEntry.objects.get(case=case).amount == VOLUME
        statutory, delivery = clock_of(case, "statutory"), clock_of(case, "delivery")
        assert statutory.stopped_at is not None
        assert self.case(case).due == delivery.due_at
        assert {"quota.booked", "certificate.granted", "case.granted"} <= set(verbs(case))
        assert ledger_holds()

    def test_a_case_that_draws_on_no_quota_books_none(self) -> None:
        case = self.county.at("sign", stand=EXEMPT)
        self.county.decide(SIGNER, case, "sign", "grant", "同意")
        assert quota().used == 0
        assert Entry.objects.filter(source=case).count() == 1

    def test_if_the_quota_ran_out_in_between_the_signer_sees_it_and_nothing_is_decided(self) -> None:
        case = self.county.at("sign")
        leave(VOLUME - 1)
        with unchanged(), pytest.raises(GrantBarred) as refused:
            self.county.decide(SIGNER, case, "sign", "grant", "同意")
        assert "95.5" in str(refused.value.message)
        with (
            unchanged(),
            patch("yiwang.kernel.cases.actions.decisions.refuse_open_findings"),
            pytest.raises(QuotaExceeded),
        ):
            self.county.decide(SIGNER, case, "sign", "grant", "同意")
        assert self.county.waiting(case) == ["sign"]
        leave(VOLUME)
        self.county.decide(SIGNER, case, "sign", "grant", "同意")
        assert quota().left == 0
        assert Entry.objects.get(source=case).seq == 1

    def test_a_failure_after_the_number_was_taken_takes_everything_back(self) -> None:
        case = self.county.at("sign")
        with unchanged(), patch("yiwang.kernel.cases.actions.decisions.finish", side_effect=Torn), pytest.raises(Torn):
            self.county.decide(SIGNER, case, "sign", "grant", "同意")
        self.county.decide(SIGNER, case, "sign", "grant", "同意")
        assert Series.objects.get(key__contains="felling_certificate").last == 1

    def test_the_certificate_is_kept_once_and_its_reaction_may_run_again(self) -> None:
        case = self.county.at("sign")
        self.county.decide(SIGNER, case, "sign", "grant", "同意")
        waiting = WorkItem.objects.get(subject=case, node="render", state=WorkItem.State.WAITING).pk
        draw_certificate(case, waiting, "certificate")
        assert self.county.waiting(case) == ["deliver"]
        entry = Entry.objects.get(source=case)
        with unchanged():
            draw_certificate(case, waiting, "certificate")
            keep_again(case, waiting, entry)
        assert Document.objects.filter(subject=entry.subject_id).count() == 1
        self.county.player.decide(case, "deliver")
        assert (self.case(case).status, self.case(case).result) == (Case.Status.CLOSED, "granted")


class Returned(CaseWorld):
    def test_before_signing_to_every_step_that_was_done(self) -> None:
        case = self.county.at("approve")
        for target in ("review", "rule_check", "field_check", "intake"):
            item = self.county.item(case, "approve")
            back = self.county.done(case, target)
            return_step(actor=staff(APPROVER), case=case, item=item, target=back, opinion="请补充")
            assert target in self.county.waiting(case)
            assert self.case(case).status == Case.Status.ACCEPTED
            self.onward(case, "approve")
        assert verbs(case).count("case.step_returned") == 4
        assert ledger_holds()

    def test_after_signing_quota_and_number_are_given_up_and_the_limit_runs_on(self) -> None:
        case = self.county.at("deliver")
        before = clock_of(case, "statutory").due_at
        first = Entry.objects.get(source=case)
        for target in ("sign", "review", "rule_check"):
            live = Entry.objects.get(source=case, state=Entry.State.ISSUED)
            self.give_back(case, target)
            assert quota().used == 0
            live.refresh_from_db()
            assert live.state == Entry.State.VOID
            assert VoidNumber.objects.filter(entry=live).exists()
            statutory = clock_of(case, "statutory")
            assert (statutory.stopped_at, statutory.due_at) == (None, before)
            assert clock_of(case, "delivery").stopped_at is not None
            row = self.case(case)
            assert (row.status, row.due) == (Case.Status.ACCEPTED, clock_of(case, "promised").due_at)
            self.onward(case, "deliver")
            assert quota().used == VOLUME
        assert first.seq == 1
        assert Entry.objects.get(source=case, state=Entry.State.ISSUED).seq == 4
        assert quota().left == LIMIT - VOLUME
        assert ledger_holds()

    def test_a_certificate_drawn_for_what_was_returned_meanwhile_is_thrown_away(self) -> None:
        case = self.county.at("deliver")
        old = WorkItem.objects.get(subject=case, node="render", state=WorkItem.State.DONE).pk
        self.give_back(case, "sign")
        self.county.decide(SIGNER, case, "sign", "grant", "同意")
        entry = Entry.objects.get(source=case, state=Entry.State.ISSUED)
        papers = Document.objects.count()
        with unchanged():
            keep_again(case, old, entry)
        assert Document.objects.count() == papers

    def test_never_without_words_by_strangers_or_to_what_is_no_earlier_step(self) -> None:
        case = self.county.at("review")
        item, target = self.county.item(case, "review"), self.county.done(case, "intake")
        with unchanged(), pytest.raises(OpinionNeeded):
            return_step(actor=staff(REVIEWER), case=case, item=item, target=target, opinion=" ")
        for actor in (staff(SIGNER), staff(CLERK), citizen()):
            with unchanged(), pytest.raises(NotYourItem):
                return_step(actor=actor, case=case, item=item, target=target, opinion="退")
        for wrong in (item, 10**9, self.county.done(self.county.at("review", 2), "intake")):
            with unchanged(), pytest.raises(NotAnEarlierStep):
                return_step(actor=staff(REVIEWER), case=case, item=item, target=wrong, opinion="退")

    def test_a_step_comes_back_to_the_person_who_did_it(self) -> None:
        case = self.county.at("approve")
        done = WorkItem.objects.get(pk=self.county.done(case, "review"))
        item = self.county.item(case, "approve")
        return_step(actor=staff(APPROVER), case=case, item=item, target=done.pk, opinion="请补充")
        assert self.county.player.item(case, "review").person == done.person

    def give_back(self, case: int, target: str) -> None:
        item = self.county.player.item(case, "deliver")
        actor, back = self.county.player.doer(item), self.county.done(case, target)
        return_step(actor=actor, case=case, item=item.pk, target=back, opinion="签错了")

    def onward(self, case: int, node: str) -> None:
        while self.county.waiting(case) != [node]:
            waiting = self.county.waiting(case)
            self.county.player.decide(case, waiting[0]) if waiting else self.county.player.draw(case)
