"""Filing for a villager: seen at the counter, the same form as in the hall, his signature, the receipt told once."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from yiwang.kernel.base.moments import today
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.types import current_offer
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.forms.models import Draft
from yiwang.project.demo.answers import Stand, raw_answers
from yiwang.project.demo.people import villager
from yiwang.sites.desk.tests.world import TOWNSHIP, World
from yiwang.sites.hall.tests.posting import posted

KEY = "forestry.felling"


def picture(name: str = "签字.jpg") -> SimpleUploadedFile:
    """A small photograph."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (240, 240, 230)).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def filled(client: Client, **identify: str) -> str:
    """Identify the villager, fill in every page, and give the address of the last one."""
    who = villager(0)
    client.post(f"/desk/new/{KEY}/", {"id_number": who.identity, "paper": "id_card", **identify})
    token, offer = Draft.objects.latest("pk").token, current_offer(KEY)
    raw = raw_answers(Stand(3, township=TOWNSHIP), who.name, who.identity, who.phone, today())
    for step in offer.form.steps:
        client.post(f"/desk/new/{KEY}/{token}/{step.key}/", {**posted(step, raw), "_revision": "99", "_next": "1"})
    return f"/desk/new/{KEY}/{token}/review/"


def test_a_villager_without_a_telephone_gets_a_receipt(world: World) -> None:
    client = world.client("陈晓梅")
    review = filled(client)
    assert "提交申请" in client.get(review).content.decode()
    answer = client.post(review, {"consent": picture()})
    assert answer.headers["Location"] == "/desk/new/receipt/"
    case = Case.objects.latest("pk")
    assert (case.channel, case.party_id) == (Case.Channel.COUNTER, world.party.pk)
    assert Attachment.objects.get(subject=case.pk, slot="signed_application").removed is None
    told = client.get("/desk/new/receipt/").content.decode()
    assert case.number in told
    assert "查询码" in told
    again = client.get("/desk/new/receipt/", follow=True).content.decode()
    assert "查询码只显示这一次" not in again
    assert case.number in client.get("/desk/?list=started").content.decode()


def test_without_his_signature_nothing_is_filed(world: World) -> None:
    client = world.client("陈晓梅")
    review = filled(client)
    answer = client.post(review, {})
    assert answer.status_code == 400
    assert "签字的申请书" in answer.content.decode()
    assert not Case.objects.exists()


def test_the_same_draft_is_filed_once(world: World) -> None:
    client = world.client("陈晓梅")
    review = filled(client)
    client.post(review, {"consent": picture()})
    client.post(review, {"consent": picture()})
    assert Case.objects.count() == 1


def test_only_a_counter_files_for_others(world: World) -> None:
    answer = world.client("罗文斌").get("/desk/new/")
    assert answer.status_code == 403
    assert 'role="alert"' in answer.content.decode()


def test_a_draft_is_its_clerks_alone(world: World) -> None:
    review = filled(world.client("陈晓梅"))
    other = world.client("温佳怡").post(review, {"consent": picture()})
    assert other.status_code == 404
    assert not Case.objects.exists()
