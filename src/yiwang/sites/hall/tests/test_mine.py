"""One's own pages: list, case, corrections, withdrawal, drafts; nobody else's."""

from django.db import transaction

from tests.browsing import signed_in
from yiwang.kernel.access.principals import of_party
from yiwang.kernel.base.moments import now, today
from yiwang.kernel.cases.actions.decisions import Decision, decide_step
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.tests.world import KEY
from yiwang.kernel.files.limits import default_limits
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.files.services import attach, store
from yiwang.kernel.files.staging import stage
from yiwang.kernel.forms.models import Draft, Evidence
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.notify.models import Message
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Account
from yiwang.kernel.org.queries import actor_of
from yiwang.kernel.outputs.models import Document
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.registers.services import Change, Issue, issue_entry
from yiwang.sites.hall.queries.correcting import typed_again
from yiwang.sites.hall.tests.world import HallCase, staff_account


class Mine(HallCase):
    def test_the_list_shows_drafts_running_and_closed(self) -> None:
        self.begin()
        case, number, _code = self.apply()
        text = self.client.get("/mine/").content.decode()
        assert "没填完的" in text
        assert "正在办的" in text
        assert number in text
        self.client.post(f"/mine/{case}/withdraw/", {"reason": "不砍了"})
        text = self.client.get("/mine/").content.decode()
        assert "办完的" in text
        assert "申请人撤回" in text

    def test_an_empty_list_says_what_to_do(self) -> None:
        assert "还没有办件" in self.client.get("/mine/").content.decode()

    def test_a_case_shows_what_was_handed_in_in_full_to_its_owner(self) -> None:
        case, number, _code = self.apply()
        text = self.client.get(f"/mine/{case}/").content.decode()
        assert number in text
        assert self.party.id_number in text

    def test_somebody_elses_case_does_not_exist(self) -> None:
        case, _number, _code = self.apply()
        other = signed_in(Account.objects.get(party=self.other))
        before = Entry.objects.count()
        for address in (f"/mine/{case}/", f"/mine/{case}/withdraw/", f"/mine/{case}/corrections/", f"/receipt/{case}/"):
            assert other.get(address).status_code == 404, address
        assert other.post(f"/mine/{case}/withdraw/", {"reason": "x"}).status_code == 404
        assert Case.objects.get(pk=case).is_open
        assert Entry.objects.count() == before

    def test_staff_who_see_the_case_do_not_see_it_as_their_own(self) -> None:
        case, _number, _code = self.apply()
        assert signed_in(staff_account("陈晓梅")).get(f"/mine/{case}/").status_code == 404

    def test_withdrawing_asks_once_more_and_ends_the_case(self) -> None:
        case, _number, _code = self.apply()
        assert "要撤回这件申请吗" in self.client.get(f"/mine/{case}/withdraw/").content.decode()
        assert Case.objects.get(pk=case).is_open
        self.client.post(f"/mine/{case}/withdraw/", {"reason": "不砍了"})
        assert Case.objects.get(pk=case).result == "withdrawn"
        assert self.client.post(f"/mine/{case}/withdraw/", {"reason": "again"}).status_code == 409

    def test_opening_a_case_reads_its_messages_and_no_others(self) -> None:
        case, _number, _code = self.apply()
        mine = Message.objects.create(key=of_party(self.party.pk), subject_id=case, cause=1, title="甲", text="甲")
        other = Message.objects.create(key=of_party(self.other.pk), subject_id=case, cause=2, title="乙", text="乙")
        assert ">甲</a>" in self.client.get("/mine/").content.decode()
        self.client.get(f"/mine/{case}/")
        mine.refresh_from_db()
        other.refresh_from_db()
        assert (mine.read is not None, other.read) == (True, None)

    def test_a_draft_can_be_thrown_away(self) -> None:
        token = self.begin()
        self.client.post(f"/mine/drafts/{token}/discard/")
        assert not Draft.objects.exists()


class Certificates(HallCase):
    def issued(self, case: int) -> Attachment:
        """A certificate that came of a case, with its paper."""
        row = Case.objects.get(pk=case)
        order = Issue("felling_certificate", row.unit_id, self.party.name, today(), values={"word": "崇林"})
        with transaction.atomic():
            entry = issue_entry(order, Change(SYSTEM, now(), case=case)).entry
            blob = store(stage([b"%PDF-1.7 paper"], default_limits()), unit=row.unit_id, mime="application/pdf")
            file = attach(blob, subject=entry.subject, slot="certificate", name="许可证.pdf", by=0)
            marks = {"template_hash": "", "data_hash": "", "sha256": "", "sm3": "", "pages": 1, "version": 1}
            Document.objects.create(
                subject=entry.subject, key="certificate", title="林木采伐许可证", attachment=file, **marks
            )
        return file

    def test_the_holder_downloads_it_from_his_case(self) -> None:
        case, _number, _code = self.apply()
        file = self.issued(case)
        assert f"/files/{file.pk}/" in self.client.get(f"/mine/{case}/").content.decode()
        answer = self.client.get(f"/files/{file.pk}/")
        assert answer.status_code == 200
        assert "attachment" in answer["Content-Disposition"]

    def test_nobody_else_does(self) -> None:
        case, _number, _code = self.apply()
        file = self.issued(case)
        other = signed_in(Account.objects.get(party=self.other))
        assert other.get(f"/files/{file.pk}/").status_code == 404
        assert self.stranger.get(f"/files/{file.pk}/").status_code == 302
        assert other.get("/files/999999/").status_code == 404


class Corrections(HallCase):
    def asked(self) -> int:
        """A case whose clerk has asked for corrections."""
        case, _number, _code = self.apply()
        clerk = actor_of(staff_account("陈晓梅"))
        item = WorkItem.objects.get(subject=case, state=WorkItem.State.OPEN)
        words = ("年龄和伐区调查对不上，请核对", "补一张现场照片")
        decide_step(actor=clerk, case=case, item=item.pk, decision=Decision("correct", "请一次补齐", corrections=words))
        return case

    def test_the_notice_shows_everything_at_once_and_the_list_says_so_first(self) -> None:
        case = self.asked()
        assert "等您办的" in self.client.get("/mine/").content.decode()
        text = self.client.get(f"/mine/{case}/corrections/").content.decode()
        for words in ("年龄和伐区调查对不上", "补一张现场照片", "请一次补齐"):
            assert words in text

    def test_the_answers_come_back_and_only_what_changed_has_to_be_typed(self) -> None:
        case = self.asked()
        review = self.client.post(f"/mine/{case}/corrections/")["Location"]
        token = review.split("/")[3]
        assert "还有" not in self.client.get(review).content.decode().split("yw-ans")[1].split("</section>")[0]
        raw = typed_again(case, "form") | {"age": "33"}
        self.fill(token, raw, steps=["stand"])
        answer = self.client.post(review, {"agreed": "yes"})
        assert answer["Location"] == f"/mine/{case}/"
        assert Case.objects.count() == 1
        assert Evidence.objects.filter(subject=case).count() == 2
        assert typed_again(case, "form")["age"] == "33"
        assert not Draft.objects.exists()
        assert "已补正" in self.client.get(f"/mine/{case}/").content.decode()

    def test_a_second_answer_is_refused(self) -> None:
        case = self.asked()
        review = self.client.post(f"/mine/{case}/corrections/")["Location"]
        assert self.client.post(review, {"agreed": "yes"}).status_code == 302
        assert self.client.post(review, {"agreed": "yes"}).status_code == 404
        assert self.client.get(f"/mine/{case}/corrections/").status_code == 409
        assert Evidence.objects.filter(subject=case).count() == 2

    def test_nobody_else_corrects(self) -> None:
        case = self.asked()
        other = signed_in(Account.objects.get(party=self.other))
        assert other.post(f"/mine/{case}/corrections/").status_code == 404
        assert not Draft.objects.exists()

    def test_nothing_to_correct_is_told(self) -> None:
        case, _number, _code = self.apply()
        answer = self.client.get(f"/mine/{case}/corrections/")
        assert answer.status_code == 409
        assert "现在没有要补正的" in answer.content.decode()

    def test_the_guide_of_the_item_is_one_click_away(self) -> None:
        case = self.asked()
        assert f"/items/{KEY}/" in self.client.get(f"/mine/{case}/").content.decode()
