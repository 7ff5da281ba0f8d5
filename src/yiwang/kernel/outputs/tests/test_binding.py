from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from yiwang.kernel.outputs.binding import breakable, faults_of, fill, text_of

CONTEXT = {
    "form": {
        "area": "2.35 公顷",
        "stems": "",
        "none": None,
        "list": ["杉木", "", "木荷"],
        "flag": True,
        "id": "证 11010519491231002X",
    },
    "entry": {"from": date(2026, 11, 5), "iso": "2026-11-21", "at": datetime(2026, 11, 20, 17, tzinfo=UTC)},
}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("{form.area}", "2.35 公顷"),
        ("面积 {form.area}[，{form.stems} 株]", "面积 2.35 公顷"),
        ("[{form.area}，]完", "2.35 公顷，完"),
        ("{form.stems} 株", ""),
        ("{form.none}{form.unknown}{other.thing}", ""),
        ("固定的话", "固定的话"),
        ("{form.list}", "杉木、木荷"),
        ("{form.flag}", "是"),
        ("{entry.from}", "2026年11月5日"),
        ("{entry.iso|date}", "2026年11月21日"),
        ("{entry.at|date}", "2026年11月21日"),
        ("{form.id|mask}", "证 110*************2X"),
        ("{entry.from|date}至{entry.iso|date}", "2026年11月5日至2026年11月21日"),
        ("{form}", "{'area'"),
    ],
)
def test_patterns(pattern: str, text: str) -> None:
    assert fill(pattern, CONTEXT).startswith(text)
    assert text or fill(pattern, CONTEXT) == ""


def test_a_value_is_never_read_as_a_pattern() -> None:
    assert fill("{form.x}", {"form": {"x": "{form.y}[{form.y}]", "y": "secret"}}) == "{form.y}[{form.y}]"


@pytest.mark.parametrize(
    ("pattern", "count"), [("{a.b}", 0), ("{a.b|date}", 0), ("{a.b|sql}", 1), ("{a.b", 1), ("{A}", 2), ("}", 1)]
)
def test_faults(pattern: str, count: int) -> None:
    assert len(faults_of(pattern)) == count


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (0, "0"),
        (Decimal("2.3500"), "2.35"),
        (1.5, "1.5"),
        (False, "否"),
        ("a\u202eb\x00c\u200bd", "abcd"),
        ("一\n二\t三", "一 二 三"),
        ((), ""),
    ],
)
def test_values_in_words(value: object, text: str) -> None:
    assert text_of(value) == text


def test_only_long_runs_get_places_to_break() -> None:
    assert breakable("a" * 30 + "林") == "a" * 30 + "林"
    assert breakable("a" * 31).replace("\u200b", "") == "a" * 31
    assert "\u200b" in breakable("a" * 31)
