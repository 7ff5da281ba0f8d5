"""Limits read from definitions: every fault is refused by the name of its key."""

from collections.abc import Mapping

import pytest

from yiwang.kernel.clock.law import holiday_law, pause_kinds, refused_kinds
from yiwang.kernel.clock.limits import Limit, Unit, check_promise, limit_of
from yiwang.kernel.clock.refusals import LimitInvalid
from yiwang.kernel.clock.tests.conftest import PROMISED, STATUTORY, STEP

BASIS = {"law": "行政许可法", "article": "第四十二条"}
GOOD: Mapping[str, object] = {
    "name": "statutory",
    "amount": 20,
    "unit": "wd",
    "start_event": "case.accepted",
    "basis": BASIS,
    "pausable_by": ["hearing"],
    "extension": {"amount": 10, "approver": "director", "basis": BASIS},
}


@pytest.mark.parametrize("limit", [STATUTORY, PROMISED, STEP])
def test_what_is_written_is_read_back(limit: Limit) -> None:
    assert limit_of(limit.as_data()) == limit


def test_a_definition_is_read() -> None:
    limit = limit_of(GOOD, kinds=frozenset(pause_kinds()))
    assert (limit.amount, limit.unit, limit.pausable_by) == (20, Unit.WORKING_DAY, ("hearing",))
    assert limit.extension is not None
    assert str(limit.extension.basis) == "行政许可法第四十二条"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": "20"}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": 99999}, "amount"),
        ({"unit": "weeks"}, "unit"),
        ({"unit": None}, "unit"),
        ({"name": " "}, "name"),
        ({"basis": None}, "basis"),
        ({"basis": {"law": ""}}, "basis.law"),
        ({"basis": {"law": "x", "page": 3}}, "basis.page"),
        ({"pausable_by": ["field_check"]}, "pausable_by"),
        ({"pausable_by": "hearing"}, "pausable_by"),
        ({"extension": {"amount": 10, "approver": "", "basis": BASIS}}, "extension.approver"),
        ({"extension": {"amount": -1, "approver": "x", "basis": BASIS}}, "extension.amount"),
        ({"extension": {"amount": 1, "approver": "x"}}, "extension.basis"),
        ({"moves_to_working_day": "no"}, "moves_to_working_day"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_fault_is_named_by_its_key(change: dict[str, object], field: str) -> None:
    with pytest.raises(LimitInvalid) as caught:
        limit_of({**GOOD, **change}, kinds=frozenset(pause_kinds()))
    assert caught.value.field == field


def test_a_promise_is_never_longer_than_the_law() -> None:
    check_promise(STATUTORY, PROMISED)
    with pytest.raises(LimitInvalid, match="第三十六条"):
        check_promise(PROMISED, STATUTORY)


def test_exactly_the_kinds_of_the_law_stop_a_limit() -> None:
    general = {"听证", "招标", "拍卖", "检验", "检测", "检疫", "鉴定", "专家评审"}
    own = {"征求有关部门意见": "第十九条第三款", "争议或者诉讼未了": "第十八条第三款"}
    water = {name: f"取水许可和水资源费征收管理条例{article}" for name, article in own.items()}
    found = {kind.name: str(kind.basis) for kind in pause_kinds().values()}
    assert found == dict.fromkeys(general, "行政许可法第四十五条") | water
    assert "现场核查" in {kind.name for kind in refused_kinds().values()}


def test_holidays_of_all_citizens_are_thirteen_days() -> None:
    """国务院令第795号: six on fixed dates, seven that move; those of 2027 are known."""
    law = holiday_law()
    assert len([row for row in law.fixed if row.valid_from <= 2027]) == 6
    assert len([day for day, _ in law.dated if day.year == 2027]) == 7
    assert "第795号" in law.source
