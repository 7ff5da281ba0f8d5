from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.jobs.rules import LONGEST_PAUSE, next_after, parse_repeat, pause_after

SHANGHAI = ZoneInfo("Asia/Shanghai")
MOMENTS = st.integers(1_600_000_000, 2_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
RULES = ["every 30s", "every 10m", "every 2h", "daily 02:30", "weekly 7 23:59", "monthly 28 00:00", "monthly 1 03:00"]


@given(failures=st.integers(1, 500), roll=st.floats(0, 1, exclude_max=True))
def test_pause_grows_to_a_bound(failures: int, roll: float) -> None:
    pause = pause_after(failures, roll)
    assert timedelta(seconds=1.5) <= pause <= LONGEST_PAUSE * 1.25
    assert pause_after(failures, 0.0) <= pause_after(failures + 1, 0.0)


def test_pause_by_number() -> None:
    assert pause_after(1, 0.5) == timedelta(seconds=2)
    assert pause_after(4, 0.5) == timedelta(seconds=16)
    assert pause_after(40, 0.5) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ("every 10m", "2026-11-21 09:10"),
        ("daily 08:59", "2026-11-22 08:59"),
        ("daily 09:00", "2026-11-22 09:00"),
        ("daily 09:01", "2026-11-21 09:01"),
        ("weekly 1 02:30", "2026-11-23 02:30"),
        ("weekly 6 10:00", "2026-11-21 10:00"),
        ("monthly 1 03:00", "2026-12-01 03:00"),
        ("monthly 28 03:00", "2026-11-28 03:00"),
    ],
)
def test_next_by_example(rule: str, wanted: str) -> None:
    saturday = datetime(2026, 11, 21, 9, 0, tzinfo=SHANGHAI)
    assert next_after(parse_repeat(rule), saturday, SHANGHAI).strftime("%Y-%m-%d %H:%M") == wanted


@given(moment=MOMENTS, text=st.sampled_from(RULES))
def test_next_is_later_and_comes_again(moment: datetime, text: str) -> None:
    rule = parse_repeat(text)
    first = next_after(rule, moment, SHANGHAI)
    assert moment < first <= moment + timedelta(days=32)
    assert next_after(rule, first, SHANGHAI) > first


@pytest.mark.parametrize("text", ["", "daily 25:00", "daily 2:30", "monthly 31 00:00", "weekly 0 01:00", "every 0s"])
def test_wrong_rules_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rule|hour"):
        parse_repeat(text)
