"""The whole felling permit on the kernel, from the application to public verification, the worker doing its part."""

from decimal import Decimal

from yiwang.kernel.cases.actions.decisions import return_step
from yiwang.kernel.cases.models import Case, Notice
from yiwang.kernel.cases.queries import track
from yiwang.kernel.cases.tests.world import (
    APPROVER,
    CaseWorld,
    citizen,
    clock_of,
    filing,
    ledger_holds,
    quota,
    staff,
    verbs,
)
from yiwang.kernel.clock.models import Clock
from yiwang.kernel.forms.models import Evidence
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.worker import drain
from yiwang.kernel.notify.queries import messages_for
from yiwang.kernel.outputs.models import Document
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.registers.models import Entry
from yiwang.kernel.registers.queries import find_for_verification, verify
from yiwang.kernel.registers.rules import Status
from yiwang.kernel.registers.verification import verification_tag
from yiwang.kernel.search.queries import Search, find
from yiwang.project.demo.answers import Stand


class Permit(CaseWorld):
    def test_from_the_application_to_verification(self) -> None:
        player = self.county.player
        opened = player.file(filing())
        case, code = opened.case.pk, opened.track_code
        drain()
        assert [one.title for one in messages_for(citizen())] == ["申请已收到"]
        self.walk(case, "approve")
        item, target = self.county.item(case, "approve"), self.county.done(case, "review")
        return_step(actor=staff(APPROVER), case=case, item=item, target=target, opinion="请写明水保措施")
        self.walk(case, "sign")
        player.decide(case, "sign")
        assert self.county.waiting(case) == []
        drain()
        assert self.county.waiting(case) == ["deliver"]
        player.decide(case, "deliver")
        drain()
        self.closed(case)
        self.verified(case)
        tracked = track(opened.case.number, code)
        assert tracked is not None
        assert tracked.result == "granted"
        assert ledger_holds()

    def walk(self, case: int, node: str) -> None:
        while self.county.waiting(case) != [node]:
            self.county.player.decide(case, self.county.waiting(case)[0])
            drain()

    def closed(self, case: int) -> None:
        row = self.case(case)
        assert (row.status, row.result) == (Case.Status.CLOSED, "granted")
        assert not Clock.objects.filter(subject=case, stopped_at=None).exists()
        assert clock_of(case, "statutory").late is False
        assert not WorkItem.objects.filter(subject=case, state__lte=WorkItem.State.WAITING).exists()
        assert {one.form_key for one in Evidence.objects.filter(subject=case)} >= {"field_check", "field_confirm"}
        assert Notice.objects.filter(subject=case, kind=Notice.Type.ACCEPTANCE).count() == 1
        told = verbs(case)
        assert told[0] == "case.opened"
        assert {"case.accepted", "case.step_returned", "quota.booked", "certificate.granted", "case.closed"} <= set(
            told
        )
        assert not Job.objects.filter(state=Job.State.DEAD).exists()
        assert [one.title for one in messages_for(citizen())][:1] == ["已办结"]
        assert case in find(staff(APPROVER), Search(words=row.number, state=1))

    def verified(self, case: int) -> None:
        entry = Entry.objects.get(source=case)
        assert quota().used == Stand(1).volume == Decimal("96.5")
        assert Document.objects.filter(subject=entry.subject_id, key="certificate").count() == 1
        assert [one.pk for one in find_for_verification(f" {entry.number} ")] == [entry.pk]
        good = verify(entry.number, tag=verification_tag(entry))
        assert good is not None
        assert good.status in (Status.VALID, Status.UPCOMING)
        assert good.holder == entry.holder_name[0] + "*" * (len(entry.holder_name) - 1)
        assert verify(entry.number, code=entry.code) is not None
        for wrong in ({"tag": "1.AAAAAAAA"}, {"code": "0000"}, {"code": ""}):
            assert verify(entry.number, **wrong) is None
        assert verify("没有这个号", code=entry.code) is None
