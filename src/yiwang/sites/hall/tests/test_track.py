"""Tracking and verification by strangers: right, wrong, too often, and what is never shown."""

import hashlib
import io
from datetime import timedelta
from urllib.parse import quote

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from yiwang.kernel.base.moments import as_of, now, today
from yiwang.kernel.crypto.digests import sm3_hex
from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.files.limits import default_limits
from yiwang.kernel.files.services import attach, store
from yiwang.kernel.files.staging import stage
from yiwang.kernel.ledger.models import AccessEntry
from yiwang.kernel.ledger.services import lock
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Unit
from yiwang.kernel.outputs.models import Authority, Document
from yiwang.kernel.outputs.pades import Order, sign_pdf
from yiwang.kernel.outputs.signers import Identity, OwnSigner, key_context
from yiwang.kernel.outputs.tests.sealing import UNIT, certified, root
from yiwang.kernel.registers.models import Entry
from yiwang.kernel.registers.services import (
    Change,
    Issue,
    Issued,
    cancel_entry,
    issue_entry,
    replace_entry,
    revoke_entry,
)
from yiwang.kernel.registers.verification import verification_tag
from yiwang.sites.hall.tests.world import Answer, HallCase

WRONG = "AAAA-AAAA-AAAA"


class Tracking(HallCase):
    def test_unknown_and_wrong_get_the_same_answer(self) -> None:
        _case, number, code = self.apply()
        wrong = self.stranger.post("/track/", {"number": number, "code": WRONG})
        unknown = self.stranger.post("/track/", {"number": "没有这个号", "code": code})
        assert (wrong.status_code, unknown.status_code) == (404, 404)
        assert self.told(wrong) == self.told(unknown)

    def told(self, answer: Answer) -> str:
        return answer.content.decode().split('class="yw-errsum"')[1].split("</div>")[0]

    def test_codes_are_taken_as_people_type_them(self) -> None:
        _case, number, code = self.apply()
        assert self.stranger.post("/track/", {"number": f" {number} ", "code": code.lower()}).status_code == 200

    def test_the_code_is_never_in_an_address_nor_in_the_logs(self) -> None:
        _case, number, code = self.apply()
        assert self.stranger.get("/track/", {"number": number, "code": code}).status_code == 200
        assert "等待受理" not in self.stranger.get("/track/", {"number": number, "code": code}).content.decode()
        self.stranger.post("/track/", {"number": number, "code": WRONG})
        assert WRONG not in str(list(AccessEntry.objects.values_list("facts", flat=True)))

    def test_five_failures_lock_the_number_for_a_quarter_of_an_hour(self) -> None:
        _case, number, code = self.apply()
        for _attempt in range(5):
            assert self.stranger.post("/track/", {"number": number, "code": WRONG}).status_code == 404
        assert self.stranger.post("/track/", {"number": number, "code": code}).status_code == 429
        with as_of(now() + timedelta(minutes=16)):
            assert self.stranger.post("/track/", {"number": number, "code": code}).status_code == 200

    def test_thirty_failures_lock_the_address_whatever_the_number(self) -> None:
        for attempt in range(30):
            self.stranger.post("/track/", {"number": f"n{attempt}", "code": WRONG})
        assert self.stranger.post("/track/", {"number": "another", "code": WRONG}).status_code == 429
        elsewhere = self.client_class(REMOTE_ADDR="10.9.8.7")
        assert elsewhere.post("/track/", {"number": "another", "code": WRONG}).status_code == 404

    def test_an_empty_form_says_what_is_missing(self) -> None:
        answer = self.stranger.post("/track/", {"number": "", "code": ""})
        assert answer.status_code == 400
        assert "请输入查询码" in answer.content.decode()

    def test_nothing_personal_is_shown_to_strangers(self) -> None:
        _case, number, code = self.apply()
        text = self.stranger.post("/track/", {"number": number, "code": code}).content.decode()
        for private in (self.party.name, self.party.id_number, self.party.phone):
            assert private not in text


class Verifying(HallCase):
    def setUp(self) -> None:
        super().setUp()
        self.unit = Unit.objects.get(name="崇义县林业局")
        self.issued = self.issue()

    def issue(self, last: int = 40) -> Issued:
        """A certificate valid for some days."""
        with transaction.atomic():
            return issue_entry(self.order(last), Change(SYSTEM, now()))

    def order(self, last: int = 40) -> Issue:
        begin = today() - timedelta(days=60)
        return Issue(
            register="felling_certificate",
            issuer=self.unit.pk,
            holder_name="陈根发",
            valid_from=begin,
            valid_to=today() + timedelta(days=last),
            values={"word": "崇林"},
            data={"method": "皆伐", "secret": "不公开"},
        )

    def ask(self, issued: Issued, code: str = "") -> Answer:
        return self.stranger.post("/verify/", {"number": issued.entry.number, "code": code or issued.code})

    def test_valid(self) -> None:
        answer = self.ask(self.issued)
        text = answer.content.decode()
        assert answer.status_code == 200
        assert '<h2 id="verdict">有效</h2>' in text
        assert "陈**" in text
        assert "陈根发" not in text
        assert "皆伐" in text
        assert "不公开" not in text

    def test_the_last_day_is_named(self) -> None:
        assert "今天是最后一天" in self.ask(self.issue(last=0)).content.decode()

    def test_expired(self) -> None:
        assert "是真的，但已过期" in self.ask(self.issue(last=-1)).content.decode()

    def test_revoked_cancelled_replaced(self) -> None:
        for words, end in (("已撤销", revoke_entry), ("已注销", cancel_entry)):
            issued = self.issue()
            with transaction.atomic():
                end(lock(issued.entry.subject_id)[issued.entry.subject_id], Change(SYSTEM, now(), reason="测试撤销"))
            text = self.ask(issued).content.decode()
            assert words in text
            assert "失效日期" in text
            assert "测试撤销" in text
        issued = self.issue()
        with transaction.atomic():
            subject = lock(issued.entry.subject_id)[issued.entry.subject_id]
            new, _event = replace_entry(subject, self.order(), Change(SYSTEM, now(), reason="测试"))
        text = self.ask(issued).content.decode()
        assert "已换发新证" in text
        assert new.entry.number in text

    def test_wrong_code_and_unknown_number_look_alike(self) -> None:
        wrong = self.ask(self.issued, WRONG)
        unknown = self.stranger.post("/verify/", {"number": "假的", "code": WRONG})
        assert (wrong.status_code, unknown.status_code) == (404, 404)
        for answer in (wrong, unknown):
            assert "没有查到这张证" in answer.content.decode()

    def test_the_qr_code_leads_to_the_verdict_and_a_forged_tag_does_not(self) -> None:
        entry = Entry.objects.get(pk=self.issued.entry.pk)
        address = f"/v/{quote(entry.number)}/?t={verification_tag(entry)}"
        assert "有效" in self.stranger.get(address).content.decode()
        assert self.stranger.get(f"/v/{quote(entry.number)}/?t=k1.AAAAAAAAAAAAA").status_code == 404
        assert self.stranger.get(f"/v/{quote(entry.number)}/").status_code == 404

    def test_guessing_is_limited(self) -> None:
        for _attempt in range(5):
            self.ask(self.issued, WRONG)
        assert self.ask(self.issued).status_code == 429

    def test_a_file_is_compared_without_being_kept(self) -> None:
        original = b"%PDF-1.7 the original"
        self.keep(original)
        text = self.ask(self.issued).content.decode()
        digest = hashlib.sha256(original).hexdigest()
        assert f'data-digest="{digest}"' in text
        ticket = text.split('name="ticket" value="', 1)[1].split('"', 1)[0]
        same = self.compare(ticket, original)
        assert "一致：这份文件就是签发的原件" in same
        assert sm3_hex(original) in same
        assert "不一致" in self.compare(ticket, original + b"x").split('id="comparison"')[1]
        assert "验不出电子签名" in same
        signed = self.signed()
        told = self.compare(ticket, signed)
        assert "电子签名有效" in told
        assert f"签名：{UNIT}公章" in told
        assert "签名以后被改动过" in self.compare(ticket, signed + b" ")
        assert Document.objects.count() == 1

    def signed(self) -> bytes:
        """A sheet of paper under a seal of this platform."""
        out, mine = io.BytesIO(), certified()
        with pikepdf.new() as sheet:
            sheet.add_blank_page()
            sheet.save(out)
        Authority.objects.create(name="x", kind=mine.kind, certificate=root(mine.kind).certificate, key=b"-")
        sealed = keyring().seal(mine.key, key_context(mine.serial))
        identity = Identity(mine.serial, mine.certificate, (root(mine.kind).certificate,), sealed)
        return sign_pdf(out.getvalue(), OwnSigner(), identity, Order("x", "y"))

    def compare(self, ticket: str, content: bytes) -> str:
        file = SimpleUploadedFile("证.pdf", content, "application/pdf")
        return self.stranger.post("/verify/compare/", {"ticket": ticket, "file": file}).content.decode()

    def test_a_forged_ticket_shows_nothing(self) -> None:
        file = SimpleUploadedFile("证.pdf", b"x", "application/pdf")
        answer = self.stranger.post("/verify/compare/", {"ticket": "1:forged", "file": file})
        assert answer.status_code == 409

    def keep(self, content: bytes) -> None:
        subject = self.issued.entry.subject
        with transaction.atomic():
            blob = store(stage([content], default_limits()), unit=self.unit.pk, mime="application/pdf")
            file = attach(blob, subject=subject, slot="certificate", name="证.pdf", by=0)
            Document.objects.create(
                subject=subject,
                key="certificate",
                version=1,
                title="林木采伐许可证",
                template_hash="",
                data_hash="",
                attachment=file,
                sha256=hashlib.sha256(content).hexdigest(),
                sm3=sm3_hex(content),
                pages=1,
            )
