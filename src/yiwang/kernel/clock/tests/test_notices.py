"""The yearly arrangement as a file: taken whole or refused with every faulty line."""

from datetime import date

import pytest

from yiwang.kernel.clock.law import holiday_law
from yiwang.kernel.clock.notices import NoticeDay, decoded, parse_notice
from yiwang.kernel.clock.refusals import CalendarRefused

GOOD = """日期,安排,名称
2027-01-01,休,元旦
2026-12-31,休,元旦
2027年2月5日,休,春节
2027/2/6,休,春节
2027-04-05,休,清明
2027-05-01,休,劳动节
2027-05-02,休,劳动节
2027-06-09,休,端午
2027-09-15,休,中秋
2027-10-01,休,国庆节
2027-10-02,休,国庆节
2027-10-03,休,国庆节
2027-10-09,班,国庆节调休
"""


def errors(text: str, year: int = 2027, *, national: bool = True) -> list[tuple[int, str]]:
    with pytest.raises(CalendarRefused) as caught:
        parse_notice(text, year, holiday_law() if national else None)
    found = caught.value.facts["errors"]
    assert isinstance(found, list)
    return found


def test_a_whole_year_with_a_day_of_the_december_before() -> None:
    days = parse_notice(GOOD, 2027, holiday_law())
    assert len(days) == 13
    assert NoticeDay(date(2027, 10, 9), True, "国庆节调休") in days
    assert NoticeDay(date(2026, 12, 31), False, "元旦") in days


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("2027-01-01,休,元旦", "与第 2 行重复"),
        ("2027-02-30,休,春节", "日期写法不对"),
        ("明年春节,休,春节", "日期写法不对"),
        ("2026-11-30,休,春节", "不属于 2027 年"),
        ("2028-01-01,休,元旦", "不属于 2027 年"),
        ("2027-02-08,也许,春节", "安排只能写"),
        ("2027-02-09,班,春节调休", "本来就上班"),
        ("2027-02-08,休,", "名称要写"),
        ("2027-02-08,休," + "长" * 41, "名称要写"),
        ("2027-02-08,休", "三列"),
    ],
)
def test_a_wrong_line_is_named(line: str, text: str) -> None:
    found = errors(GOOD + line + "\n")
    assert [number for number, _ in found] == [15]
    assert text in found[0][1]


def test_every_wrong_line_is_named_at_once() -> None:
    assert [number for number, _ in errors(GOOD + "x,休,a\n\n2027-01-01,休,元旦\n")] == [15, 17]


def test_half_a_file_is_refused() -> None:
    texts = [text for _, text in errors("\n".join(GOOD.splitlines()[:6]))]
    assert texts[0] == "缺少节日：劳动、端午、中秋、国庆"
    assert "2027-10-01 是法定节假日，文件里没有写休" in texts
    assert errors("") == [(0, texts) for texts in [text for _, text in errors("日期,安排,名称\n")]]


def test_a_region_names_only_its_own_days() -> None:
    assert len(parse_notice("2027-04-09,休,壮族三月三\n", 2027, None)) == 1
    assert errors("", national=False) == [(0, "文件里没有日期")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_as_spreadsheets_save_them(encoding: str) -> None:
    assert len(parse_notice(decoded(GOOD.encode(encoding)), 2027, holiday_law())) == 13


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x80\xff" * 9, b"PK\x03\x04" + b"\xff" * 99, b"x" * 100_001])
def test_files_that_are_no_text(content: bytes) -> None:
    with pytest.raises(CalendarRefused):
        decoded(content)
