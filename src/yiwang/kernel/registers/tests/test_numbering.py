"""Patterns of numbers: what is allowed, what is refused, and that different numbers never look alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.registers.numbering import Pattern, number_key, pattern_of
from yiwang.kernel.registers.refusals import NumberPatternInvalid

PERMIT = "{word}采字〔{year}〕第{seq:06d}号"
VALUES: dict[str, str | int] = {"word": "青林", "year": 2026, "month": 3, "division": "360100", "unit": "U1"}


def test_a_permit_number() -> None:
    pattern = pattern_of(PERMIT)
    assert pattern.render(VALUES, 7) == "青林采字〔2026〕第000007号"
    assert (pattern.scope(VALUES), pattern.has_year) == ("青林", True)


def test_everything_but_year_and_sequence_is_the_scope() -> None:
    pattern = pattern_of("{division}{year}{month:02d}{seq:04d}")
    assert pattern.render(VALUES, 12) == "3601002026030012"
    assert pattern.scope(VALUES) == "360100|3"
    assert pattern_of("{seq:08d}").has_year is False


@pytest.mark.parametrize(
    "text",
    [
        "",
        "没有顺序号",
        "{word}第号",
        "{seq}{seq}",
        "{word}{word}{seq}",
        "{nobody}{seq}",
        "{}{seq}",
        "{0}{seq}",
        "{word.__class__}{seq}",
        "{word[0]}{seq}",
        "{word!r}{seq}",
        "{seq:>9999999}",
        "{seq:{year}d}",
        "{seq:06x}",
        "{word:06d}{seq}",
        "{seq",
        "seq}",
        "{seq}\n",
        "\u202e{seq}",
        "长" * 100 + "{seq}",
    ],
)
def test_refused_patterns(text: str) -> None:
    with pytest.raises(NumberPatternInvalid):
        pattern_of(text)


def test_a_missing_value_is_named() -> None:
    with pytest.raises(NumberPatternInvalid, match="文号代字"):
        pattern_of(PERMIT).render({**VALUES, "word": ""}, 1)
    with pytest.raises(NumberPatternInvalid):
        pattern_of(PERMIT).render({**VALUES, "year": "2026"}, 1)


def test_a_number_has_an_end() -> None:
    with pytest.raises(NumberPatternInvalid, match="64"):
        pattern_of(PERMIT).render({**VALUES, "word": "长" * 60}, 1)


@given(st.integers(1, 10**7), st.integers(1, 10**7), st.integers(2000, 2099), st.integers(2000, 2099))
def test_numbers_of_one_scope_never_collide(one: int, two: int, year: int, other: int) -> None:
    pattern: Pattern = pattern_of(PERMIT)
    first, second = pattern.render({**VALUES, "year": year}, one), pattern.render({**VALUES, "year": other}, two)
    assert (first == second) is ((one, year) == (two, other))


@pytest.mark.parametrize(
    "typed",
    [
        "青林采字〔2026〕第000007号",
        " 青林采字[2026]第000007号 ",
        "青林采字（2026）第 000007 号",
        "青林采字【２０２６】第０００００７号",
    ],
)
def test_typed_numbers_are_found(typed: str) -> None:
    assert number_key(typed) == "青林采字[2026]第000007号"
