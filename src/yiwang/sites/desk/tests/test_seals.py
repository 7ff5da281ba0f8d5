"""The register of seals on the desk: who sees it, who moves a seal, the log of uses and its table."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.test import Client

from tests.queries import CountQueries
from yiwang.kernel.base.moments import now, today
from yiwang.kernel.crypto.authority import EC, issue, make_root
from yiwang.kernel.ledger.models import AccessEntry, Entry
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Account, Unit
from yiwang.kernel.org.queries import actor_of
from yiwang.kernel.outputs.actions import NewSeal, keep_authority, open_seal
from yiwang.kernel.outputs.models import Seal, SealUse
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.desk.tests.world import World

COUNTY, KEEPER, SIGNER, STRANGER, CLERK = "崇义县林业局", "骆守信", "罗文斌", "解秋阳", "陈晓梅"


@pytest.fixture
def seal(world: World) -> Seal:
    """The official seal of the county."""
    root = make_root("试验", EC, now() - timedelta(days=1))
    keep_authority(actor=SYSTEM, name="试验", root=root)
    issued = issue(root, COUNTY, f"{COUNTY}公章", EC, now(), 5)
    new = NewSeal(Unit.objects.get(name=COUNTY).pk, "", f"{COUNTY}公章", today())
    return open_seal(actor=SYSTEM, new=new, issued=issued)


def used(world: World) -> SealUse:
    """A certificate signed and sealed."""
    item = world.case("sign")
    world.player.decide(item.subject_id, "sign")
    world.player.draw(item.subject_id)
    return SealUse.objects.latest("pk")


def move(client: Client, seal: Seal, what: str, reason: str = "保管人离岗") -> int:
    return client.post(f"/desk/seals/{seal.pk}/", {"move": what, "reason": reason}).status_code


def test_list_log_and_table_tell_each_use_in_few_queries(world: World, seal: Seal, count_queries: CountQueries) -> None:
    used(world)
    client = world.client(SIGNER)
    client.get("/desk/seals/")
    with count_queries() as queries:
        page = client.get("/desk/seals/").content.decode()
    assert queries.count <= 10, str(queries)
    assert all(word in page for word in ("公章", "在用", "印章保管岗"))
    the_log_and_its_table(world, seal)
    assert "公章" not in world.client(STRANGER).get("/desk/seals/").content.decode().split("h-s")[1]


def the_log_and_its_table(world: World, seal: Seal) -> None:
    use = SealUse.objects.get()
    client = world.client(KEEPER)
    page = client.get(f"/desk/seals/{seal.pk}/").content.decode()
    assert all(word in page for word in (use.document.number, "罗文斌", "局长", use.sha256))
    plain = client.get(f"/desk/seals/{seal.pk}/uses/").content.decode("utf-8-sig")
    assert use.sha256 in plain
    sheet = client.get(f"/desk/seals/{seal.pk}/uses/?format=xlsx").content
    with zipfile.ZipFile(io.BytesIO(sheet)) as archive:
        assert use.sha256 in archive.read("xl/worksheets/sheet1.xml").decode()
    taken = AccessEntry.objects.filter(verb="seal_uses.exported")
    assert [(row.subject, row.facts) for row in taken] == [(seal.pk, {"lines": 1})] * 2


def test_the_keeper_suspends_resumes_and_destroys(world: World, seal: Seal) -> None:
    client = world.client(KEEPER)
    for what, state in (("suspend", 1), ("resume", 0), ("suspend", 1), ("destroy", 2)):
        assert move(client, seal, what) == 302
        seal.refresh_from_db()
        assert seal.state == state
    page = client.get(f"/desk/seals/{seal.pk}/").content.decode()
    assert "已销毁" in page
    assert 'name="move"' not in page
    verbs = list(Entry.objects.filter(subject=seal.pk).order_by("seq").values_list("verb", flat=True))
    assert verbs[-4:] == ["seal.suspended", "seal.resumed", "seal.suspended", "seal.destroyed"]


def test_wrong_moves_change_nothing_and_strangers_learn_of_no_seal(world: World, seal: Seal) -> None:
    keeper = world.client(KEEPER)
    asked = [
        (keeper, "suspend", " ", 400),
        (keeper, "melt", "x", 400),
        (keeper, "resume", "x", 409),
        (keeper, "destroy", "x", 409),
        (world.client(SIGNER), "suspend", "x", 403),
        (world.client(CLERK), "suspend", "x", 404),
        (world.client(STRANGER), "suspend", "x", 404),
    ]
    before = Entry.objects.count()
    for client, what, reason, status in asked:
        assert move(client, seal, what, reason) == status, (what, reason)
    assert Seal.objects.get(pk=seal.pk).state == Seal.State.IN_USE
    assert Entry.objects.count() == before
    for client in (world.client(STRANGER), world.client(CLERK)):
        for path in (f"/desk/seals/{seal.pk}/", f"/desk/seals/{seal.pk}/uses/", "/desk/seals/999999/"):
            assert client.get(path).status_code == 404
    typed = keeper.post(
        f"/desk/seals/{seal.pk}/", {"move": "resume", "reason": '"><script>1</script>'}
    ).content.decode()
    assert "<script>1" not in typed
    assert "&lt;script&gt;1" in typed
    assert 'name="move"' not in world.client(SIGNER).get(f"/desk/seals/{seal.pk}/").content.decode()


def test_the_signer_reads_on_the_page_why_he_cannot_sign(world: World, seal: Seal) -> None:
    item = world.case("sign")
    assert move(world.client(KEEPER), seal, "suspend") == 302
    signer = actor_of(Account.objects.get(person__name=SIGNER))
    answer = world.client(SIGNER).post(f"/desk/items/{item.pk}/decide/", {"do": "grant", "opinion": "同意"})
    assert answer.status_code in (200, 409)
    assert "印章已经停用" in answer.content.decode()
    assert WorkItem.objects.get(pk=item.pk).state == WorkItem.State.OPEN
    assert signer.has_role("signer")
