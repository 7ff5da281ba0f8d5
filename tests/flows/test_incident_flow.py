"""An incident 突发事件 on kernel primitives only: reports are added, levels are told by the clock, nothing waits."""

from datetime import timedelta

import pytest

from tests.flows.house import CITY, COUNTY, OFFICE, House
from yiwang.kernel.base.moments import as_of, now
from yiwang.kernel.base.refusals import NotFound, NotPermitted
from yiwang.kernel.cases.actions.decisions import claim_item, transfer_item
from yiwang.kernel.cases.models import Case, Notice, Opinion
from yiwang.kernel.cases.refusals import CaseClosed, NotYourItem
from yiwang.kernel.cases.tests.world import ledger_holds, unchanged, verbs
from yiwang.kernel.forms.definition import Raw
from yiwang.kernel.forms.models import Evidence
from yiwang.kernel.forms.queries import evidence_of, opened
from yiwang.kernel.forms.refusals import FormIncomplete
from yiwang.kernel.jobs.worker import drain
from yiwang.kernel.process.models import WorkItem

FIRST: Raw = {"what": "堤防管涌", "where": "小江左岸石桥段", "losses": "没有人员伤亡"}
SUMMARY: Raw = {"course": "十五时发现，十八时控制。", "lessons": "加密巡查。"}


class IncidentFlow(House):
    folder = "incident"
    posts = (
        (OFFICE, "reporter", 2), (COUNTY, "commander", 3), (CITY, "duty_city", 1), ("江西省厅", "duty_province", 1),
    )  # fmt: skip

    def setUp(self) -> None:
        self.start = now()
        with as_of(self.start):
            self.case = self.open(self.holder("reporter"), FIRST)

    def after(self, minutes: int) -> None:
        """Let the worker do what is due so many minutes after the first report."""
        with as_of(self.start + timedelta(minutes=minutes)):
            drain()

    def report(self, news: str, number: int = 0) -> None:
        """Somebody on the spot adds a report."""
        self.decide(self.holder("reporter", number), self.case, "report", "more", {"news": news})

    def test_the_levels_above_are_told_by_the_clock_and_by_nothing_else(self) -> None:
        both = ["command", "report"]
        assert self.waiting(self.case) == both
        for minutes, waiting in ((29, both), (30, [*both[:1], "inform_city", *both[1:]])):
            self.after(minutes)
            assert self.waiting(self.case) == waiting, minutes
        self.report("水位又涨")
        self.decide(self.holder("commander"), self.case, "command", "order", words="转移下游两户")
        self.after(119)
        assert "inform_province" not in self.waiting(self.case)
        self.after(120)
        assert self.waiting(self.case) == ["command", "inform_city", "inform_province", "report"]
        item = WorkItem.objects.get(subject=self.case, node="inform_city")
        assert item.unit == self.holder("duty_city").posts[0].unit
        assert not Notice.objects.filter(subject=self.case).exists()

    def test_reports_are_only_added(self) -> None:
        for number, news in enumerate(("水位又涨", "已铺反滤料", "水位回落")):
            self.report(news, number % 2)
        kept = [opened(row).values["news"] for row in reversed(evidence_of(self.case, "report"))]
        assert kept == ["水位又涨", "已铺反滤料", "水位回落"]
        assert opened(evidence_of(self.case, "form")[0]).values["what"] == "堤防管涌"
        assert [row.number for row in reversed(evidence_of(self.case, "report"))] == [1, 2, 3]
        with unchanged(), pytest.raises(FormIncomplete):
            self.report("")

    def test_the_commander_changes_and_the_former_one_commands_no_more(self) -> None:
        first, second = self.holder("commander", 0), self.holder("commander", 1)
        item = self.item(self.case, "command")
        claim_item(actor=first, case=self.case, item=item)
        with unchanged(), pytest.raises(NotYourItem):
            self.decide(second, self.case, "command", "order")
        transfer_item(actor=first, case=self.case, item=item, person=second.person or 0, reason="换班")
        with unchanged(), pytest.raises(NotYourItem):
            self.decide(first, self.case, "command", "order")
        self.decide(second, self.case, "command", "order", words="继续巡堤")
        claim_item(actor=second, case=self.case, item=self.item(self.case, "command"))
        with unchanged(), pytest.raises(NotYourItem):
            self.decide(first, self.case, "command", "close")
        assert {"case.item_claimed", "case.item_transferred"} <= set(verbs(self.case))

    def test_it_is_closed_with_a_summary_whatever_still_waits(self) -> None:
        self.after(30)
        self.decide(self.holder("commander"), self.case, "command", "close", words="险情解除")
        self.report("现场清理完毕")
        with unchanged(), pytest.raises(FormIncomplete):
            self.decide(self.holder("commander"), self.case, "summarise", "done", {"course": "短"})
        self.decide(self.holder("commander"), self.case, "summarise", "done", SUMMARY)
        row = Case.objects.get(pk=self.case)
        assert (row.status, row.result, self.waiting(self.case)) == (Case.Status.CLOSED, "done", [])
        written = Evidence.objects.filter(subject=self.case).count()
        self.after(200)
        assert (self.waiting(self.case), Evidence.objects.filter(subject=self.case).count()) == ([], written)
        assert ledger_holds()

    def test_after_the_end_nothing_is_added(self) -> None:
        item = self.item(self.case, "report")
        self.decide(self.holder("commander"), self.case, "command", "close")
        self.decide(self.holder("commander"), self.case, "summarise", "done", SUMMARY)
        with unchanged(), pytest.raises(CaseClosed):
            claim_item(actor=self.holder("reporter"), case=self.case, item=item)

    def test_who_has_no_part_in_it_neither_reports_nor_commands(self) -> None:
        with unchanged(), pytest.raises((NotPermitted, NotFound)):
            self.decide(self.holder("duty_city"), self.case, "command", "close")
        with unchanged(), pytest.raises((NotPermitted, NotFound)):
            self.decide(self.holder("commander"), self.case, "report", "more", {"news": "越权"})
        assert not Opinion.objects.filter(subject=self.case).exists()
