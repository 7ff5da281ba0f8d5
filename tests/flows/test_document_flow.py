"""An official document 发文 on kernel primitives only: drafts, countersigning, signing, a number, three addressees.

The exchange between nodes is a later package; here a port at the test's own edge stands for it, fed by the ledger
entry of the number as a reaction would be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from tests.flows.house import COUNTY, OFFICE, House
from yiwang.kernel.base.moments import as_of, now, today
from yiwang.kernel.cases.actions.decisions import return_step
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.refusals import NotYourItem, OpinionNeeded
from yiwang.kernel.cases.tests.world import ledger_holds, unchanged, verbs
from yiwang.kernel.forms.definition import Raw
from yiwang.kernel.forms.queries import evidence_of, opened
from yiwang.kernel.forms.refusals import EvidenceSealed, FormIncomplete
from yiwang.kernel.jobs.worker import drain
from yiwang.kernel.ledger.models import Entry as LedgerEntry
from yiwang.kernel.registers.models import Entry, Series, VoidNumber

DRAFT: Raw = {"subject": "关于做好春季造林的通知", "body": "第一稿"}
ADDRESSEES = ("甲镇", "乙镇", "丙镇")


@dataclass
class Exchange:
    """What stands for the exchange: each addressee gets a number once, and signs or rejects it."""

    rejecting: dict[str, str] = field(default_factory=dict)
    held: dict[tuple[str, str], str] = field(default_factory=dict)

    def carry(self, cause: LedgerEntry) -> None:
        """Take the numbered document to everybody who has not signed for it; may be called again."""
        number = str(cause.facts["number"])
        for unit in ADDRESSEES:
            if self.held.get((number, unit)) != "signed":
                self.held[number, unit] = "rejected" if unit in self.rejecting else "signed"

    def receipts(self, number: str) -> Raw:
        """The form of receipts as the sender fills it in."""
        rows: list[Mapping[str, str]] = [
            {"addressee": unit, "outcome": self.held[number, unit], "reason": self.rejecting.get(unit, "")}
            for unit in ADDRESSEES
        ]
        return {"receipts": [dict(row) for row in rows]}


class DocumentFlow(House):
    folder = "document"
    posts = (
        (OFFICE, "drafter", 2), (OFFICE, "countersigner_a", 1), (OFFICE, "countersigner_b", 1), (COUNTY, "signer", 1),
        (OFFICE, "sender", 1),
    )  # fmt: skip

    def composed(self) -> int:
        """A document on its way to be countersigned."""
        case = self.open(self.holder("drafter"), DRAFT)
        self.decide(self.holder("drafter"), case, "compose", "submit", DRAFT)
        return case

    def countersigned(self) -> int:
        """A document that waits for its signature."""
        case = self.composed()
        for one in ("a", "b"):
            self.decide(self.holder(f"countersigner_{one}"), case, f"countersign_{one}", "agree", words="同意")
        return case

    def numbered(self) -> tuple[int, Entry]:
        """A signed document."""
        case = self.countersigned()
        self.decide(self.holder("signer"), case, "sign", "grant", words="发")
        return case, Entry.objects.get(source=case, state=Entry.State.ISSUED)

    def test_it_belongs_to_the_bureau_of_its_drafter_and_needs_no_acceptance(self) -> None:
        case = Case.objects.get(pk=self.open(self.holder("drafter"), DRAFT))
        assert (case.unit.name, case.status, case.party) == (COUNTY, Case.Status.ACCEPTED, None)

    def test_every_draft_stays_as_it_was_handed_on(self) -> None:
        case = self.countersigned()
        signer, target = self.holder("signer"), self.done(case, "compose")
        return_step(actor=signer, case=case, item=self.item(case, "sign"), target=target, opinion="标题要改")
        assert self.waiting(case) == ["compose"]
        self.decide(self.holder("drafter"), case, "compose", "submit", {**DRAFT, "body": "第二稿"})
        assert self.waiting(case) == ["countersign_a", "countersign_b"]
        versions = [opened(row).values["body"] for row in evidence_of(case, "revision")]
        assert versions == ["第二稿", "第一稿"]
        with pytest.raises(EvidenceSealed):
            evidence_of(case, "revision").update(digest="0")

    def test_nobody_signs_before_both_countersigned_and_only_in_his_post(self) -> None:
        case = self.composed()
        assert self.waiting(case) == ["countersign_a", "countersign_b"]
        self.decide(self.holder("countersigner_a"), case, "countersign_a", "agree")
        assert self.waiting(case) == ["countersign_b"]
        with unchanged(), pytest.raises(NotYourItem):
            self.decide(self.holder("countersigner_a"), case, "countersign_b", "agree")
        self.decide(self.holder("countersigner_b"), case, "countersign_b", "agree")
        with unchanged(), pytest.raises(NotYourItem):
            self.decide(self.holder("drafter"), case, "sign", "grant")
        with unchanged(), pytest.raises(OpinionNeeded):
            self.decide(self.holder("signer"), case, "sign", "deny")

    def test_a_number_only_after_the_signature_and_without_gaps(self) -> None:
        waiting = self.countersigned()
        assert not Series.objects.filter(key="register:trial_outgoing").exists()
        denied = self.countersigned()
        self.decide(self.holder("signer"), denied, "sign", "deny", words="不发")
        year = today().year
        assert [self.numbered()[1].number for _document in range(3)] == [f"崇义发〔{year}〕{n}号" for n in (1, 2, 3)]
        assert not Entry.objects.filter(source__in=(waiting, denied)).exists()

    def test_next_year_it_begins_with_one_again(self) -> None:
        self.numbered()
        with as_of(now() + timedelta(days=366)):
            assert self.numbered()[1].seq == 1

    def test_a_number_taken_back_is_void_and_never_given_again(self) -> None:
        case, entry = self.numbered()
        target = self.done(case, "sign")
        sender = self.holder("sender")
        return_step(actor=sender, case=case, item=self.item(case, "send"), target=target, opinion="附件漏了")
        assert VoidNumber.objects.get().number == entry.number
        self.decide(self.holder("signer"), case, "sign", "grant")
        assert Entry.objects.get(source=case, state=Entry.State.ISSUED).seq == entry.seq + 1

    def test_of_three_addressees_one_rejects_and_gets_it_again(self) -> None:
        case, entry = self.numbered()
        drain()
        exchange, sender = Exchange({"丙镇": "缺附件"}), self.holder("sender")
        cause = LedgerEntry.objects.get(subject=entry.subject_id, verb="entry.issued")
        exchange.carry(cause)
        bad: Raw = {"receipts": [{"addressee": "丙镇", "outcome": "rejected"}]}
        with unchanged(), pytest.raises(FormIncomplete):
            self.decide(sender, case, "send", "again", bad)
        self.decide(sender, case, "send", "again", exchange.receipts(entry.number))
        assert (self.waiting(case), Case.objects.get(pk=case).is_open) == (["send"], True)
        exchange.rejecting.clear()
        exchange.carry(cause)
        self.decide(sender, case, "send", "done", exchange.receipts(entry.number))
        drain()
        assert Case.objects.get(pk=case).result == "granted"
        first, second = (opened(row).values["receipts"] for row in reversed(evidence_of(case, "receipts")))
        assert isinstance(first, list)
        assert isinstance(second, list)
        assert [row["outcome"] for row in first if isinstance(row, dict)] == ["signed", "signed", "rejected"]
        assert [row["outcome"] for row in second if isinstance(row, dict)] == ["signed"] * 3
        assert verbs(case)[-1] == "case.closed"
        assert ledger_holds()
