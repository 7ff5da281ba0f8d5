"""Papers of a case under the seals of its unit: signed, refused in time, waiting for a signer, thrown away."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache

import pytest
from django.test import override_settings

from yiwang.kernel.base.moments import now, today
from yiwang.kernel.cases.actions.keeping import keep_certificate
from yiwang.kernel.cases.board import REACTION
from yiwang.kernel.cases.drawing import decision_on, draw_certificate, draw_letter, made_of, staged_of
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.papers import certificate_paper, entry_of
from yiwang.kernel.cases.tests.world import COUNTY, SIGNER, CaseWorld, ledger_holds, staff, unchanged, verbs
from yiwang.kernel.crypto.authority import EC, Issued, issue, make_root
from yiwang.kernel.files.services import open_stream
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.ledger.models import Entry as LedgerEntry
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Unit
from yiwang.kernel.outputs.actions import NewSeal, keep_authority, open_seal, resume_seal, suspend_seal
from yiwang.kernel.outputs.models import Document, Seal, SealUse
from yiwang.kernel.outputs.queries import latest_document
from yiwang.kernel.outputs.refusals import SealSuspended
from yiwang.kernel.outputs.signatures import State, check
from yiwang.kernel.process.models import WorkItem

SPECIAL = "行政审批专用章"
DOWN = override_settings(SEAL_SIGNER="yiwang.kernel.outputs.tests.sealing.Dead")


@cache
def root() -> Issued:
    """One root for all tests."""
    return make_root("试验", EC, now() - timedelta(days=1))


def opened(line: str) -> Seal:
    """A seal of the county, in use."""
    keep_authority(actor=SYSTEM, name="试验", root=root())
    issued = issue(root(), COUNTY, f"{COUNTY}{line or '公章'}", EC, now(), 5)
    new = NewSeal(Unit.objects.get(name=COUNTY).pk, line, f"{COUNTY}{line}", today())
    return open_seal(actor=SYSTEM, new=new, issued=issued)


def waiting_item(case: int) -> int:
    """The step that waits for the certificate."""
    return WorkItem.objects.get(subject=case, node="render", state=WorkItem.State.WAITING).pk


class Sealed(CaseWorld):
    seal: Seal

    @classmethod
    def setUpTestData(cls) -> None:
        """The county with its official seal."""
        super().setUpTestData()
        cls.seal = opened("")

    def granted(self) -> tuple[int, int]:
        """A case that was just signed, and the step that waits for its certificate."""
        case = self.county.at("sign")
        self.county.decide(SIGNER, case, "sign", "grant", "同意")
        return case, waiting_item(case)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """While the seal is suspended."""
        suspend_seal(actor=SYSTEM, seal=self.seal.pk, reason="保管人离岗")
        yield
        resume_seal(actor=SYSTEM, seal=self.seal.pk, reason="新的保管人到岗")

    def certificate(self, case: int) -> Document:
        """The latest certificate of a case."""
        found = latest_document(entry_of(case).subject_id, "certificate")
        assert found is not None
        return found

    def test_the_certificate_is_signed_and_its_use_names_the_signer_and_his_post(self) -> None:
        case, item = self.granted()
        draw_certificate(case, item, "certificate")
        assert self.county.waiting(case) == ["deliver"]
        document = self.certificate(case)
        with open_stream(document.attachment.blob) as stream:
            found = check(stream.read())
        assert (found.state, found.signatures[0].signer) == (State.VALID, f"{COUNTY}公章")
        signer = staff(SIGNER)
        use = SealUse.objects.get(document=document)
        assert (use.decided_by, use.decided_post) == (signer.account, signer.post)
        assert use.sha256 == document.sha256
        issued = LedgerEntry.objects.get(subject=case, verb="certificate.issued")
        assert issued.facts["sha256"] == document.sha256
        assert verbs(self.seal.pk) == ["seal.opened", "seal.used"]
        assert ledger_holds()
        draw_certificate(case, item, "certificate")
        assert SealUse.objects.count() == 1

    def test_whoever_signs_is_told_that_the_seal_is_suspended(self) -> None:
        case = self.county.at("sign")
        with self.suspended(), unchanged(), pytest.raises(SealSuspended):
            self.county.decide(SIGNER, case, "sign", "grant", "同意")
        self.county.decide(SIGNER, case, "sign", "grant", "同意")

    def test_a_seal_suspended_after_the_decision_holds_the_certificate_back(self) -> None:
        case, item = self.granted()
        with self.suspended(), unchanged(), pytest.raises(SealSuspended):
            draw_certificate(case, item, "certificate")
        assert not Document.objects.exists()
        draw_certificate(case, item, "certificate")
        assert self.county.waiting(case) == ["deliver"]

    def test_a_seal_suspended_while_the_certificate_was_drawn_holds_it_back_too(self) -> None:
        case, item = self.granted()
        row, entry = Case.objects.select_related("unit", "party").get(pk=case), entry_of(case)
        made = made_of(row, certificate_paper(row, entry, "certificate"), decision_on(case))
        staged = staged_of(made.rendered)
        with self.suspended(), unchanged(), pytest.raises(SealSuspended):
            keep_certificate(
                actor=SYSTEM, case=case, item=item, entry=entry.pk, rendered=made.rendered, staged=staged, use=made.use
            )
        assert (Document.objects.count(), SealUse.objects.count()) == (0, 0)

    def test_while_the_signer_is_down_the_certificate_waits_and_is_not_issued(self) -> None:
        case, item = self.granted()
        before = Job.objects.filter(kind=REACTION).count()
        with DOWN:
            draw_certificate(case, item, "certificate")
        assert self.certificate(case).signature == Document.Signature.WAITING
        assert waiting_item(case) == item
        assert "certificate.issued" not in verbs(case)
        again = Job.objects.filter(kind=REACTION).latest("pk")
        assert Job.objects.filter(kind=REACTION).count() == before + 1
        assert (again.ref, again.due > now()) == (item, True)
        draw_certificate(int(again.args["case"]), again.ref or 0, str(again.args["parameters"]["output"]))
        document = self.certificate(case)
        assert (document.version, document.signature) == (2, Document.Signature.SIGNED)
        assert self.county.waiting(case) == ["deliver"]
        assert SealUse.objects.count() == 1

    def test_a_certificate_signed_for_what_was_returned_meanwhile_is_thrown_away_and_told(self) -> None:
        case, item = self.granted()
        row, entry = Case.objects.select_related("unit", "party").get(pk=case), entry_of(case)
        made = made_of(row, certificate_paper(row, entry, "certificate"), decision_on(case))
        draw_certificate(case, item, "certificate")
        staged = staged_of(made.rendered)
        keep_certificate(
            actor=SYSTEM, case=case, item=item, entry=entry.pk, rendered=made.rendered, staged=staged, use=made.use
        )
        assert verbs(self.seal.pk) == ["seal.opened", "seal.used", "seal.use_discarded"]
        assert (Document.objects.filter(key="certificate").count(), SealUse.objects.count()) == (1, 1)
        assert not staged.path.exists()


class Letters(CaseWorld):
    def test_letters_carry_the_special_seal_and_wait_for_it_as_certificates_do(self) -> None:
        seal, case = opened(SPECIAL), self.county.file()
        cause = LedgerEntry.objects.get(subject=case, verb="case.opened")
        with DOWN:
            draw_letter(cause)
            draw_letter(cause)
        letter = latest_document(case, "receipt")
        assert letter is not None
        assert (letter.version, letter.signature) == (1, Document.Signature.WAITING)
        draw_letter(cause)
        draw_letter(cause)
        letter = latest_document(case, "receipt")
        assert letter is not None
        assert (letter.version, letter.signature) == (2, Document.Signature.SIGNED)
        use = SealUse.objects.get(seal=seal)
        assert (use.decided_by, use.decided_post) == (cause.author, cause.post)
        assert verbs(case).count("output.made") == 2
        suspend_seal(actor=SYSTEM, seal=seal.pk, reason="x")
        with unchanged(), pytest.raises(SealSuspended):
            draw_letter(cause)
