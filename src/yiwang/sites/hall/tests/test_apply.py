"""Applying without script, from the guide to the receipt, and what must not break it."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.browsing import signed_in
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.tests.world import KEY
from yiwang.kernel.cases.types import current_offer
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.forms.models import Draft
from yiwang.kernel.forms.queries import typed_in
from yiwang.kernel.ledger.models import AccessEntry, Entry
from yiwang.kernel.org.models import Account, Unit
from yiwang.sites.hall.tests.posting import posted
from yiwang.sites.hall.tests.world import Answer, HallCase, staff_account

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82"
)

TYPED = "鹰嘴岩背后"


class Applying(HallCase):
    def test_a_whole_application_gives_number_and_code_and_can_be_tracked(self) -> None:
        case, number, code = self.apply()
        row = Case.objects.get(pk=case)
        assert row.number == number
        assert row.party_id == self.party.pk
        assert row.status == Case.Status.RECEIVED
        page = self.stranger.post("/track/", {"number": number, "code": code})
        assert page.status_code == 200
        text = page.content.decode()
        assert self.party.name not in text
        assert self.party.name[0] + "**" in text
        assert "等待受理" in text

    def test_a_second_click_makes_no_second_case_and_still_shows_the_code(self) -> None:
        token = self.begin()
        self.fill(token)
        first = self.client.post(f"/apply/{KEY}/{token}/", {"agreed": "yes"})
        again = self.client.post(f"/apply/{KEY}/{token}/", {"agreed": "yes"})
        assert first["Location"] == again["Location"]
        assert Case.objects.count() == 1
        assert 'id="receipt-code"' in self.client.get(again["Location"]).content.decode()

    def test_the_back_button_after_handing_in_leads_to_the_receipt(self) -> None:
        token = self.begin()
        self.fill(token)
        receipt = self.client.post(f"/apply/{KEY}/{token}/", {"agreed": "yes"})["Location"]
        assert self.client.get(f"/apply/{KEY}/{token}/")["Location"] == receipt
        assert self.client.get(f"/apply/{KEY}/{token}/applicant/").status_code == 404

    def test_without_the_promise_nothing_is_handed_in(self) -> None:
        token = self.begin()
        self.fill(token)
        answer = self.client.post(f"/apply/{KEY}/{token}/", {})
        assert answer.status_code == 400
        assert "打勾" in answer.content.decode()
        assert not Case.objects.exists()
        assert Draft.objects.filter(token=token).exists()

    def test_an_unfinished_form_is_led_to_the_first_page_that_is_wrong(self) -> None:
        token = self.begin()
        self.fill(token, steps=["applicant", "rights"])
        answer = self.client.post(f"/apply/{KEY}/{token}/", {"agreed": "yes"})
        assert answer["Location"] == f"/apply/{KEY}/{token}/stand/"
        assert not Case.objects.exists()

    def test_wrong_answers_are_kept_and_named_beside_the_field_and_in_the_summary(self) -> None:
        token = self.begin()
        raw = self.answers() | {"age": "很久以前"}
        step = current_offer(KEY).form.step("stand")
        address = f"/apply/{KEY}/{token}/stand/"
        answer = self.client.post(address, posted(step, raw) | {"_next": "1", "_revision": "9"})
        assert answer["Location"] == f"{address}?again=1"
        page = self.client.get(answer["Location"]).content.decode()
        assert "很久以前" in page
        assert 'href="#f-age"' in page
        assert 'aria-invalid="true"' in page
        assert page.split("<title>")[1].startswith("有 1 处需要修改")

    def test_a_page_only_saved_for_later_shows_no_errors_when_it_is_opened_again(self) -> None:
        token = self.begin()
        address = f"/apply/{KEY}/{token}/stand/"
        answer = self.client.post(address, {"age": "28", "_later": "1", "_revision": "9"})
        assert answer["Location"] == "/mine/"
        page = self.client.get(address).content.decode()
        assert 'value="28"' in page
        assert "yw-errsum" not in page

    def test_the_station_of_the_place_offers_help_as_soon_as_it_is_known(self) -> None:
        token = self.begin()
        address = f"/apply/{KEY}/{token}/cutting/"
        assert "林业工作站" not in self.client.get(address).content.decode()
        raw = self.answers()
        self.fill(token, raw, steps=["stand"])
        place = raw["place"]
        township = str(place["township"]) if isinstance(place, dict) else ""
        station = Unit.objects.get(division=township, kind="station")
        assert station.name in self.client.get(address).content.decode()

    def test_autosave_answers_with_the_new_revision(self) -> None:
        token = self.begin()
        data = {"age": "31", "_autosave": "1", "_revision": "1", "_window": "w"}
        answer = self.client.post(f"/apply/{KEY}/{token}/stand/", data, headers={"X-Requested-With": "XMLHttpRequest"})
        assert answer.json()["revision"] == 2
        assert typed_in(Draft.objects.get(token=token))["age"] == "31"

    def test_another_window_does_not_overwrite_what_it_has_not_seen(self) -> None:
        token = self.begin()
        address = f"/apply/{KEY}/{token}/stand/"
        self.client.post(address, {"age": "31", "_later": "1", "_revision": "1", "_window": "a"})
        answer = self.client.post(address, {"age": "99", "_later": "1", "_revision": "1", "_window": "b"})
        assert answer.status_code == 409
        assert 'value="99"' in answer.content.decode()
        assert typed_in(Draft.objects.get(token=token))["age"] == "31"

    def test_somebody_elses_draft_does_not_exist(self) -> None:
        token = self.begin()
        other = signed_in(Account.objects.get(party=self.other))
        before = typed_in(Draft.objects.get(token=token))
        assert other.get(f"/apply/{KEY}/{token}/stand/").status_code == 404
        assert other.post(f"/apply/{KEY}/{token}/stand/", {"age": "1", "_next": "1"}).status_code == 404
        assert other.post(f"/mine/drafts/{token}/discard/").status_code == 404
        assert typed_in(Draft.objects.get(token=token)) == before
        assert AccessEntry.objects.filter(verb="refused", success=False).count() == 3

    def test_scripts_in_every_text_field_come_back_as_text(self) -> None:
        token = self.begin()
        evil = '"><script>alert(1)</script>{{ 7 }}'
        data = {"place_name": evil, "east": evil, "age": evil, "_later": "1", "_revision": "9"}
        self.client.post(f"/apply/{KEY}/{token}/stand/", data)
        for address in (f"/apply/{KEY}/{token}/stand/", f"/apply/{KEY}/{token}/", "/mine/"):
            assert "<script>alert" not in self.client.get(address).content.decode()

    def test_strangers_are_led_to_sign_in_and_back(self) -> None:
        answer = self.stranger.get(f"/apply/{KEY}/")
        assert answer.status_code == 302
        assert f"next=/apply/{KEY}/" in answer["Location"]
        assert not Draft.objects.exists()

    def test_an_unknown_step_or_item_is_not_found(self) -> None:
        token = self.begin()
        assert self.client.get(f"/apply/{KEY}/{token}/nonsense/").status_code == 404
        assert self.client.get("/apply/forestry.nonsense/").status_code in (404, 409)
        assert self.client.get("/apply/..%2f..%2fetc/").status_code in (404, 409)


class Losing(HallCase):
    def test_a_page_sent_after_the_session_had_gone_is_given_back_after_sign_in(self) -> None:
        token = self.begin()
        address = f"/apply/{KEY}/{token}/stand/"
        answer = self.stranger.post(address, {"place_name": TYPED, "_next": "1", "_revision": "1"})
        assert answer.status_code == 302
        assert f"next={address}" in answer["Location"]
        assert "place_name" not in typed_in(Draft.objects.get(token=token))
        held = self.stranger.session["hall.stash"]
        assert TYPED not in str(held["sealed"])
        self.carry_over(held)
        self.client.get(address)
        assert typed_in(Draft.objects.get(token=token))["place_name"] == TYPED
        assert "hall.stash" not in self.client.session

    def test_it_is_given_to_nobody_else(self) -> None:
        token = self.begin()
        address = f"/apply/{KEY}/{token}/stand/"
        self.stranger.post(address, {"place_name": TYPED, "_next": "1", "_revision": "1"})
        thief = signed_in(Account.objects.get(party=self.other))
        session = thief.session
        session["hall.stash"] = self.stranger.session["hall.stash"]
        session.save()
        assert thief.get(address).status_code == 404
        assert TYPED not in thief.get("/mine/").content.decode()

    def carry_over(self, held: object) -> None:
        """What signing in does with an anonymous session: its contents stay."""
        session = self.client.session
        session["hall.stash"] = held
        session.save()


class Materials(HallCase):
    def upload(self, token: str, name: str, content: bytes, slot: str = "site_photos") -> Answer:
        file = SimpleUploadedFile(name, content, "application/octet-stream")
        address = f"/apply/{KEY}/{token}/materials/"
        return self.client.post(address, {f"file-{slot}": file, "_upload": slot, "_revision": "9"})

    def test_a_plain_upload_puts_the_file_into_its_slot_and_it_can_be_opened(self) -> None:
        token = self.begin()
        answer = self.upload(token, "全景.png", PNG)
        assert answer["Location"].endswith("#f-site_photos")
        file = Attachment.objects.get(draft=token, slot="site_photos")
        opened = self.client.get(f"/files/{file.pk}/")
        assert b"".join(opened.streaming_content) == PNG  # type: ignore[attr-defined]
        assert "sandbox" in opened["Content-Security-Policy"]

    def test_a_wrong_type_behind_a_right_name_is_refused_in_place(self) -> None:
        token = self.begin()
        answer = self.upload(token, "照片.png", b"<html><script>alert(1)</script></html>")
        assert answer.status_code >= 400
        assert "yw-errsum" in answer.content.decode()
        assert not Attachment.objects.exists()

    def test_an_empty_file_is_refused(self) -> None:
        token = self.begin()
        assert self.upload(token, "空.png", b"").status_code >= 400
        assert not Attachment.objects.exists()

    def test_script_gets_the_refusal_as_json(self) -> None:
        token = self.begin()
        file = SimpleUploadedFile("a.png", b"not a picture", "image/png")
        answer = self.client.post(
            f"/apply/{KEY}/{token}/materials/",
            {"file-site_photos": file, "_upload": "site_photos", "_revision": "9"},
            headers={"X-Requested-With": "XMLHttpRequest"},
        )
        assert answer.status_code >= 400
        assert answer.json()["message"]

    def test_more_files_than_the_slot_holds_are_refused(self) -> None:
        token = self.begin()
        for number in range(4):
            assert self.upload(token, f"{number}.png", PNG + bytes([number]), "identity_paper").status_code == 302
        assert self.upload(token, "5.png", PNG + b"5", "identity_paper").status_code >= 400
        assert Attachment.objects.filter(draft=token).count() == 4

    def test_a_file_can_be_taken_out_again_but_not_by_others(self) -> None:
        token = self.begin()
        self.upload(token, "全景.png", PNG)
        file = Attachment.objects.get(draft=token)
        other = signed_in(Account.objects.get(party=self.other))
        assert other.get(f"/files/{file.pk}/").status_code == 404
        self.client.post(f"/apply/{KEY}/{token}/materials/", {"_detach": str(file.pk), "_revision": "99"})
        assert not Attachment.objects.filter(draft=token, removed=None).exists()

    def test_files_go_with_the_case_and_the_owner_opens_them_there(self) -> None:
        token = self.begin()
        self.fill(token)
        self.upload(token, "全景.png", PNG)
        location = self.client.post(f"/apply/{KEY}/{token}/", {"agreed": "yes"})["Location"]
        case = int(location.split("/")[2])
        file = Attachment.objects.get(subject=case)
        assert self.client.get(f"/files/{file.pk}/").status_code == 200
        assert signed_in(Account.objects.get(party=self.other)).get(f"/files/{file.pk}/").status_code == 404


class Counter(HallCase):
    def test_a_clerk_files_for_a_villager_he_has_seen(self) -> None:
        clerk = signed_in(staff_account("陈晓梅"))
        case = self.apply_for(clerk)
        row = Case.objects.get(pk=case)
        assert (row.party_id, row.channel, row.agent) == (self.party.pk, Case.Channel.COUNTER, "陈晓梅")
        assert self.client.get(f"/mine/{case}/").status_code == 200

    def test_the_clerk_names_the_villager_by_the_paper_in_his_hand(self) -> None:
        clerk = signed_in(staff_account("陈晓梅"))
        assert "替谁申请" in clerk.get(f"/apply/{KEY}/").content.decode()
        answer = clerk.post(f"/apply/{KEY}/", {"id_number": self.party.id_number})
        assert answer["Location"] == f"/apply/{KEY}/?party={self.party.pk}"
        unknown = clerk.post(f"/apply/{KEY}/", {"id_number": "11010519491231002X"})
        assert unknown.status_code == 400
        assert "还没有当面核验过" in unknown.content.decode()
        assert not Draft.objects.exists()

    def test_not_for_a_party_that_nobody_has_seen(self) -> None:
        self.party.level = 1
        self.party.save()
        clerk = signed_in(staff_account("陈晓梅"))
        assert clerk.get(f"/apply/{KEY}/?party={self.party.pk}").status_code == 403

    def test_not_by_staff_without_a_counter(self) -> None:
        signer = signed_in(staff_account("罗文斌"))
        assert signer.get(f"/apply/{KEY}/?party={self.party.pk}").status_code == 403
        assert signer.post(f"/apply/{KEY}/", {"party": str(self.party.pk)}).status_code == 403
        assert not Draft.objects.exists()

    def test_not_by_another_citizen(self) -> None:
        assert self.client.get(f"/apply/{KEY}/?party={self.other.pk}").status_code == 403

    def apply_for(self, clerk: Client) -> int:
        token = self.begin(clerk, str(self.party.pk))
        self.fill(token, client=clerk)
        location = clerk.post(f"/apply/{KEY}/{token}/", {"agreed": "yes"})["Location"]
        return int(location.split("/")[2])


class Identity(HallCase):
    def test_an_unconfirmed_party_is_refused_and_nothing_is_opened(self) -> None:
        token = self.begin()
        self.fill(token)
        self.party.level = 0
        self.party.save()
        before = Entry.objects.count()
        assert self.client.post(f"/apply/{KEY}/{token}/", {"agreed": "yes"}).status_code == 403
        assert not Case.objects.exists()
        assert Entry.objects.count() == before
        assert Draft.objects.filter(token=token).exists()
