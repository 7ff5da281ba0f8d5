"""Somebody leaves his post: what is open in his own name goes to the pool or to a successor, and nothing else moves."""

from datetime import timedelta

import pytest

from yiwang.kernel.base.moments import now, today
from yiwang.kernel.cases.actions.decisions import claim_item
from yiwang.kernel.cases.actions.handover import hand_over_item, plan_hand_over
from yiwang.kernel.cases.actions.life import suspend_case
from yiwang.kernel.cases.tests.test_time import APPRAISAL
from yiwang.kernel.cases.tests.world import COUNTY, OTHER_REVIEWER, REVIEWER, CaseWorld, later, staff, unchanged, verbs
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import QUICK
from yiwang.kernel.jobs.worker import drain
from yiwang.kernel.org.actions import appoint, close_unit, end_holding
from yiwang.kernel.org.actors import SYSTEM, Actor
from yiwang.kernel.org.models import Account, Holding, Person, Unit
from yiwang.kernel.org.refusals import UnitInUse
from yiwang.kernel.process.models import Instance, WorkItem

OPEN, HANDED = WorkItem.State.OPEN, WorkItem.State.HANDED


def officer() -> Actor:
    """The system officer."""
    account = Account.objects.get_or_create(username="system", defaults={"officer": "system"})[0]
    return Actor(account.pk, "system", officer="system")


def holding_of(name: str) -> Holding:
    """The one post of somebody."""
    return Holding.objects.get(person__name=name)


class HandOver(CaseWorld):
    def claimed(self, number: int = 1) -> WorkItem:
        """A case at review that the reviewer has taken out of the pool."""
        case = self.county.at("review", number)
        item = self.county.item(case, "review")
        if WorkItem.objects.get(pk=item).person is None:
            claim_item(actor=staff(REVIEWER), case=case, item=item)
        return WorkItem.objects.get(pk=item)

    def ended(self, successor: str = "", days: int = -1) -> Holding:
        """The reviewer's post ends."""
        until = today() + timedelta(days=days)
        person = Person.objects.get(name=successor).pk if successor else None
        return end_holding(actor=officer(), holding=holding_of(REVIEWER).pk, until=until, successor=person)

    def test_his_items_go_back_to_the_pool_and_others_keep_theirs(self) -> None:
        mine, pooled = [self.claimed(n) for n in (1, 2)], self.county.item(self.county.at("review", 3), "review")
        WorkItem.objects.filter(pk=pooled).update(person=None)
        handed = WorkItem.objects.filter(state=HANDED, person=staff(REVIEWER).person)
        before = handed.count()
        self.ended()
        drain(QUICK)
        for item in mine:
            after = WorkItem.objects.get(pk=item.pk)
            assert (after.state, after.person, after.post, after.due) == (OPEN, None, item.post, item.due)
            assert "case.item_handed_over" in verbs(item.subject_id)
        assert handed.count() == before + 2
        assert WorkItem.objects.get(pk=pooled).person is None
        assert not Job.objects.filter(kind__startswith="cases.hand_over").exists()

    def test_a_successor_who_holds_the_post_gets_them_and_can_go_on(self) -> None:
        item, post = self.claimed(), holding_of(REVIEWER).post_id
        other = Person.objects.get(name=OTHER_REVIEWER).pk
        if not Holding.objects.filter(person=other, post=post, until=None).exists():
            appoint(actor=officer(), person=other, post=post, since=today())
        self.ended(OTHER_REVIEWER)
        drain(QUICK)
        assert WorkItem.objects.get(pk=item.pk).person == other
        self.county.decide(OTHER_REVIEWER, item.subject_id, "review", "agree", "同意")

    def test_before_the_day_nothing_moves_and_on_the_day_after_it_does(self) -> None:
        item = self.claimed()
        self.ended(days=3)
        drain(QUICK)
        assert WorkItem.objects.get(pk=item.pk).person == item.person
        with later(now() + timedelta(days=3)):
            drain(QUICK)
            assert WorkItem.objects.get(pk=item.pk).person == item.person
        with later(now() + timedelta(days=4)):
            drain(QUICK)
            assert WorkItem.objects.get(pk=item.pk).person is None

    def test_a_last_day_that_was_moved_is_obeyed(self) -> None:
        item = self.claimed()
        self.ended(days=1)
        self.ended(days=5)
        with later(now() + timedelta(days=2)):
            drain(QUICK)
            assert WorkItem.objects.get(pk=item.pk).person == item.person
        with later(now() + timedelta(days=6)):
            drain(QUICK)
            assert WorkItem.objects.get(pk=item.pk).person is None

    def test_suspended_work_goes_over_too_and_stays_suspended(self) -> None:
        item = self.claimed()
        suspend_case(actor=staff(REVIEWER), case=item.subject_id, order=APPRAISAL)
        self.ended()
        drain(QUICK)
        assert WorkItem.objects.get(pk=item.pk).person is None
        assert Instance.objects.get(pk=item.instance_id).status == Instance.Status.SUSPENDED

    def test_a_second_delivery_changes_nothing(self) -> None:
        item = self.claimed()
        row = self.ended()
        drain(QUICK)
        with unchanged():
            assert plan_hand_over(actor=SYSTEM, holding=row.pk) == 0
            assert hand_over_item(actor=SYSTEM, case=item.subject_id, item=item.pk, holding=row.pk) is None

    def test_a_bureau_with_open_cases_names_how_many_when_it_is_to_be_closed(self) -> None:
        self.claimed()
        unit = Unit.objects.get(name=COUNTY)
        with unchanged(), pytest.raises(UnitInUse, match="在办的件 1 件"):
            close_unit(actor=officer(), unit=unit.pk, reason="机构改革")
        assert Unit.objects.get(pk=unit.pk).is_active
