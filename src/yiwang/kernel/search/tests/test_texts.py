"""Folding, grams, marks and snippets: plain values only."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.search.grams import folded, grams, needles, pair, tidy
from yiwang.kernel.search.marks import SPAN, SPAN_BITS, mark, marks_of, spans
from yiwang.kernel.search.snippets import marked, snippet

TEXT = st.text(max_size=60)
WORDS = st.text(alphabet="林木山水aA１1， ", min_size=1, max_size=6)


def test_folding_a_character_gives_one_character_and_is_done_once() -> None:
    for code in range(sys.maxunicode + 1):
        if not 0xD800 <= code < 0xE000:
            once = folded(chr(code))
            assert len(once) == 1
            assert folded(once) == once, hex(code)


@given(TEXT, TEXT)
def test_folding_keeps_places(one: str, two: str) -> None:
    assert folded(one + two) == folded(one) + folded(two)
    assert len(folded(one)) == len(one)


@given(TEXT)
def test_a_kept_text_can_be_stored_and_stays_as_it_is(text: str) -> None:
    kept = tidy(text)
    kept.encode()
    assert "\x00" not in kept
    assert tidy(kept) == kept


@given(TEXT, TEXT, TEXT)
def test_a_text_is_found_under_every_gram_of_a_word_it_holds(before: str, word: str, after: str) -> None:
    text = folded(tidy(f"{before} {word} {after}"))
    asked = needles(word)
    if asked.held_by(text):
        assert set(asked.grams) <= grams(text)


@given(st.integers(0, sys.maxunicode), st.integers(0, sys.maxunicode))
def test_a_pair_is_no_character_and_no_other_pair(one: int, two: int) -> None:
    number = pair(one, two)
    assert number > sys.maxunicode
    assert number < 2**63
    assert (number >> 21, number & (2**21 - 1)) == (one + 1, two)


@given(st.integers(0, 2**50), st.integers(0, 4), st.integers(0, 2**50), st.integers(0, 4))
def test_a_mark_says_one_thing(value: int, tag: int, other: int, other_tag: int) -> None:
    assert mark(tag, value) < 0
    assert (mark(tag, value) == mark(other_tag, other)) == ((value, tag) == (other, other_tag))


@given(st.integers(1, 2**30), st.integers(0, 2**30), st.lists(st.integers(1, 70), max_size=3))
def test_stretches_cover_every_id_once(before: int, last: int, sizes: list[int]) -> None:
    top = before
    for floor, inside in spans(before, last, tuple(sizes)):
        assert floor < max(top, 1)
        for subject in {floor, max(floor, min(top - 1, last))}:
            assert not inside or mark(SPAN, subject >> SPAN_BITS) in inside
        top = floor
    assert top == 0
    assert mark(SPAN, last >> SPAN_BITS) in marks_of(last, "a", 1, 1, 2026)


@given(st.text(alphabet="林木山水aA１1， ", max_size=40), st.lists(WORDS, max_size=3))
def test_a_marked_text_is_the_text(shown: str, words: list[str]) -> None:
    pieces = needles(" ".join(words)).pieces
    parts = marked(shown, pieces)
    assert "".join(part.text for part in parts) == shown
    hits = [folded(part.text) for part in parts if part.is_hit]
    assert bool(hits) == any(piece in folded(shown) for piece in pieces)


def test_a_snippet_shows_the_hit_as_it_was_written() -> None:
    shown = "前" * 300 + "依据ＤＢ３６标准" + "后" * 300
    parts = snippet(shown, folded(shown), needles("db36").pieces)
    assert [part.text for part in parts if part.is_hit] == ["ＤＢ３６"]
    assert parts[0].text.startswith("…前")
    assert parts[-1].text.endswith("后…")
    assert len("".join(part.text for part in parts)) == 92
    assert snippet("短", "短", ("长",)) == marked("短", ())
    assert snippet("短", "短", ("短",), after=9) == ()
