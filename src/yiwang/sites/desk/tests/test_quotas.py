"""Keeping quotas on the desk: entering, adjusting, correcting; what is refused has no effect."""

from collections.abc import Mapping
from decimal import Decimal

import pytest
from django.test import Client

from yiwang.kernel.base.moments import today
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.org.models import Unit
from yiwang.kernel.registers.models import Quota, QuotaEntry
from yiwang.sites.desk.tests.world import World

KEEPER, CLERK = "宋知节", "陈晓梅"
NEW = "/desk/registers/quotas/new/"


def county(name: str = "崇义县林业局") -> int:
    return Unit.objects.get(name=name).pk


def sheet(**changed: str) -> dict[str, str]:
    next_year = str(today().year + 1)
    right = {
        "scheme": "felling_volume",
        "unit": str(county()),
        "year": next_year,
        "limit": "９，８００.5",
        "source": "赣林字〔2026〕9号",
    }
    return right | changed


def traces() -> tuple[int, int, list[tuple[Decimal, Decimal]]]:
    figures = list(Quota.objects.order_by("pk").values_list("limit", "used"))
    return QuotaEntry.objects.count(), Entry.objects.count(), figures


def refused(client: Client, path: str, sent: Mapping[str, str], words: str, status: int = 400) -> None:
    before = traces()
    answer = client.post(path, sent)
    assert answer.status_code == status, answer.content.decode()[:400]
    assert words in answer.content.decode()
    assert traces() == before


def test_a_keeper_enters_a_quota_and_changes_it(world: World) -> None:
    keeper = world.client(KEEPER)
    assert NEW in keeper.get("/desk/registers/").content.decode()
    page = keeper.get(NEW).content.decode()
    assert "崇义县林业局" in page
    assert "上犹县林业局" not in page  # not in his keeping
    at = keeper.post(NEW, sheet(opening="100"))["Location"]
    quota = Quota.objects.latest("pk")
    assert (quota.limit, quota.used, quota.year) == (Decimal("9800.5"), Decimal(100), today().year + 1)
    for what, by, expected in (
        ("limit", "-800.5", (Decimal(9000), Decimal(100))),
        ("used", "25", (Decimal(9000), Decimal(125))),
    ):
        done = keeper.post(f"{at}change/", {"what": what, "by": by, "reason": "赣林字〔2026〕12号"})
        assert done["Location"] == at
        quota.refresh_from_db()
        assert (quota.limit, quota.used) == expected
    assert "赣林字〔2026〕12号" in keeper.get(at).content.decode()
    verbs = list(Entry.objects.filter(subject=quota.subject_id).order_by("pk").values_list("verb", flat=True))
    assert verbs == ["quota.set", "quota.adjusted", "quota.corrected"]


WRONG = [
    ({"limit": "很多"}, "数量要写数字"),
    ({"limit": "1e999999"}, "数量要写数字"),
    ({"limit": "NaN"}, "数量要写数字"),
    ({"limit": "10.00001"}, "数量要写数字"),
    ({"limit": "10", "opening": "11"}, "期初已用数"),
    ({"limit": "-1"}, "期初已用数"),
    ({"source": " "}, "文件和文号"),
    ({"year": "0"}, "年份不对"),
    ({"year": "9999"}, "年份不对"),
    ({"valid_from": "2027-13-01"}, "日期要写成"),
    ({"valid_from": "2027-12-31", "valid_to": "2027-01-01"}, "截止日早于起始日"),
]


@pytest.mark.parametrize(("changed", "words"), WRONG)
def test_a_wrong_sheet_is_refused_and_kept(world: World, changed: dict[str, str], words: str) -> None:
    refused(world.client(KEEPER), NEW, sheet(**changed), words)


def test_what_is_typed_comes_back_as_text(world: World) -> None:
    page = world.client(KEEPER).post(NEW, sheet(limit="x", source="<script>alert(1)</script>")).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_a_quota_is_entered_once(world: World) -> None:
    keeper = world.client(KEEPER)
    keeper.post(NEW, sheet())
    refused(keeper, NEW, sheet(), "已有同一分项的限额", 409)


def test_only_the_keeper_of_the_unit_may(world: World) -> None:
    keeper, clerk = world.client(KEEPER), world.client(CLERK)
    refused(clerk, NEW, sheet(), "", 403)
    refused(keeper, NEW, sheet(unit=str(county("上犹县林业局"))), "", 403)
    refused(keeper, NEW, sheet(unit="99999999"), "", 404)
    refused(keeper, NEW, sheet(scheme="none"), "", 404)
    own = Quota.objects.filter(unit=county()).latest("pk")
    refused(clerk, f"/desk/registers/quotas/{own.pk}/change/", {"what": "limit", "by": "1", "reason": "x"}, "", 403)
    assert 'id="h-k"' not in clerk.get(f"/desk/registers/quotas/{own.pk}/").content.decode()
    other = Quota.objects.filter(unit=county("上犹县林业局")).latest("pk")
    refused(keeper, f"/desk/registers/quotas/{other.pk}/change/", {"what": "limit", "by": "1", "reason": "x"}, "", 404)


CHANGES = [
    ({"what": "limit", "by": "-99999"}, "低于已经使用的数量", 409),
    ({"what": "used", "by": "99999"}, "限额不足", 409),
    ({"what": "limit", "by": "0"}, "数量不能是零", 400),
    ({"what": "limit", "by": ""}, "数量要写数字", 400),
    ({"what": "all", "by": "1"}, "请选择", 400),
    ({"what": "limit", "by": "1", "reason": ""}, "依据的文件", 400),
]


@pytest.mark.parametrize(("sent", "words", "status"), CHANGES)
def test_a_wrong_change_is_refused(world: World, sent: dict[str, str], words: str, status: int) -> None:
    quota = Quota.objects.filter(unit=county(), year=today().year).get()
    refused(
        world.client(KEEPER), f"/desk/registers/quotas/{quota.pk}/change/", {"reason": "更正", **sent}, words, status
    )
