from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.forms.texts import is_clean, printable, tidy, tidy_lines, tidy_number


def test_full_width_digits_letters_and_blanks_become_half_width() -> None:
    assert tidy("　林地 １２３４ＡＢ　") == "林地 1234AB"
    assert tidy_number(" ９６．４ ") == "96.4"
    assert tidy_number("１，１２０") == "1,120"


def test_invisible_signs_are_dropped_and_words_kept() -> None:
    assert tidy("老\u200b鸦坳\ufeff") == "老鸦坳"


def test_line_ends_are_made_one_kind() -> None:
    assert tidy_lines("一 \r\n二\r三\n\n") == "一\n二\n三"


def test_controls_direction_overrides_and_lone_surrogates_are_found() -> None:
    for bad in ("\x00", "\x1b", "\u202e", "\u2066", "\ud800", "\u2028"):
        assert not is_clean(f"山{bad}林"), repr(bad)
    assert is_clean("一\n二\t三", lines=True)
    assert not is_clean("一\n二")


@given(st.text())
def test_tidy_is_settled_after_once(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@given(st.text())
def test_what_is_printable_is_clean_but_for_line_ends(text: str) -> None:
    assert is_clean(printable(text).replace("\r", ""), lines=True)
