import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.sites.identity.rules import (
    device_of,
    fits_kind,
    is_mobile,
    password_faults,
    session_end,
    tidy_digits,
    totp,
    totp_counter,
)

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_totp_of_rfc_6238(seconds: int, code: str) -> None:
    assert totp(SECRET, seconds // 30) == code


@given(seconds=st.integers(10**9, 2 * 10**9), off=st.integers(-3, 3))
def test_a_code_is_good_one_step_around_and_once(seconds: int, off: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    counter = seconds // 30 + off
    found = totp_counter(SECRET, totp(SECRET, counter), moment)
    if abs(off) <= 1:
        assert found is not None
        assert totp_counter(SECRET, totp(SECRET, counter), moment, after=counter) is None
    elif found is not None:  # two counters with the same six digits: one in a million
        assert totp(SECRET, found) == totp(SECRET, counter)


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "２８７０８２1", "287082 extra"])
def test_wrong_codes(code: str) -> None:
    assert totp_counter(SECRET, code, datetime.fromtimestamp(59, UTC)) is None


def test_full_width_and_grouped_digits_are_read() -> None:
    assert tidy_digits(" ２８７ 082 ") == "287082"
    assert tidy_digits("138-0000-2607") == "13800002607"


@pytest.mark.parametrize(
    ("kind", "number", "fits"),
    [
        ("person", "11010519491231002X", True),
        ("person", "110105194912310021", False),
        ("person", "11010519491331002X", False),
        ("person", "91350100M000100Y43", False),
        ("firm", "91350100M000100Y43", True),
        ("firm", "91350100M000100Y44", False),
        ("firm", "11010519491231002X", False),
    ],
)
def test_numbers_fit_their_kind(kind: str, number: str, fits: bool) -> None:
    assert fits_kind(kind, number) is fits


def test_mobile_numbers() -> None:
    assert is_mobile("13800002607")
    assert not any(is_mobile(text) for text in ("", "1380000260", "23800002607", "138000026071", "+8613800002607"))


def test_password_faults() -> None:
    assert list(password_faults("Ab1-567890", 10, 3, ())) == []
    assert list(password_faults("Ab1", 10, 3, ())) == ["short"]
    assert list(password_faults("abcdefghij", 10, 3, ())) == ["plain"]
    assert list(password_faults("Chen-yuqing-1", 10, 3, ("chen",))) == ["personal"]
    assert list(password_faults("Chen-yuqing-1", 10, 3, ("qin",))) == []  # too short to count


def test_session_ends() -> None:
    start = datetime(2026, 11, 21, 8, tzinfo=UTC)
    idle, length = timedelta(minutes=30), timedelta(hours=12)

    def end(seen: float, moment: float) -> str:
        return session_end(start, start + timedelta(hours=seen), start + timedelta(hours=moment), idle, length)

    assert end(1, 1.5) == ""
    assert end(1, 1.51) == "idle"
    assert end(12, 12.01) == "length"
    assert end(0, -1) == "length"  # the clock was set back: nobody knows how long it is open


def test_devices_have_names_people_know() -> None:
    chrome = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36"
    )
    assert device_of(chrome) == ("Chrome", "Windows")
    assert device_of(chrome.replace("Safari/537.36", "Safari/537.36 Edg/150.0")) == ("Edge", "Windows")
    assert device_of("Mozilla/5.0 (Linux; Android 15) AppleWebKit MicroMessenger/8.0 Chrome/130") == ("微信", "Android")
    assert device_of("curl/8.0") == ("", "")
