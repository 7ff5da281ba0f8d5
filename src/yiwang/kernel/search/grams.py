"""Text as the index sees it: folded character by character, cut into single characters and pairs of neighbours.

No dictionary: every name and new word is found, nothing else is. Traditional characters stay what they are.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

LONGEST = 200_000
"""Characters of a text that are kept; what stands behind them cannot be found."""
LONGEST_QUERY, MOST_WORDS, MOST_GRAMS = 100, 10, 16
SHIFT = 21

_RUN = re.compile(r"[^\W_]+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_QUOTED = re.compile(r'["“”＂]([^"“”＂]*)["“”＂]')


class _Folding(dict[int, int]):
    """Letters and digits without width and case, one for one; whatever would become several stays as it is."""

    def __missing__(self, code: int) -> int:
        plain = unicodedata.normalize("NFKC", chr(code)).casefold()
        self[code] = folded = ord(plain) if len(plain) == 1 and plain.isalnum() else code
        return folded


_FOLDING = _Folding()


def tidy(text: str) -> str:
    """A text as it is kept for showing: one blank for each stretch of them, nothing a database cannot store."""
    return " ".join(_UNSTORABLE.sub(" ", text).split())[:LONGEST]


def folded(text: str) -> str:
    """The same text in one spelling, of the same length: `folded(a + b) == folded(a) + folded(b)`."""
    return text.translate(_FOLDING)


def runs(text: str) -> list[str]:
    """Stretches of letters, digits and characters of a folded text; everything else parts them."""
    return _RUN.findall(text)


def grams(text: str) -> set[int]:
    """What a folded text is found under: each of its characters, and each two that stand side by side in a run."""
    found: set[int] = set()
    for run in runs(text):
        codes = [ord(sign) for sign in run]
        found.update(codes)
        found.update([pair(one, next_one) for one, next_one in pairwise(codes)])
    return found


def pair(first: int, second: int) -> int:
    """The number of two neighbours; never that of a single character."""
    return (first + 1) << SHIFT | second


@dataclass(frozen=True, slots=True)
class Needles:
    """What a query asks for: pieces that a folded text must all contain.

    A quoted phrase is one piece as typed; outside quotes each run is one, whatever parts them.
    """

    pieces: tuple[str, ...]

    @property
    def unproved(self) -> list[str]:
        """Pieces that being found under all grams does not prove: those longer than a pair, or with marks inside."""
        return [piece for piece in self.pieces if len(piece) > 2 or not piece.isalnum()]

    @property
    def grams(self) -> list[int]:
        """What a text that holds every piece is found under, at most `MOST_GRAMS`: pairs, and lone characters."""
        found = dict.fromkeys(gram for piece in self.pieces for run in runs(piece) for gram in _pairs(run))
        return list(found)[:MOST_GRAMS]

    def held_by(self, text: str) -> bool:
        """Whether a folded text holds every piece; what the index answers, done by hand."""
        return all(piece in text for piece in self.pieces)


def _pairs(run: str) -> list[int]:
    codes = [ord(sign) for sign in run]
    return [pair(one, next_one) for one, next_one in pairwise(codes)] or codes


def needles(words: str) -> Needles:
    """Read a query. A phrase without letter or digit asks for nothing; a lone quote is a mark like any other."""
    plain = folded(tidy(words))
    quoted = [" ".join(phrase.split()) for phrase in _QUOTED.findall(plain)]
    phrases = [phrase for phrase in quoted if runs(phrase)]
    return Needles(tuple(dict.fromkeys([*phrases, *runs(_QUOTED.sub(" ", plain))])))


def is_too_much(words: str) -> bool:
    """Whether a query is longer, or of more pieces, than is looked for."""
    return len(words) > LONGEST_QUERY or len(needles(words).pieces) > MOST_WORDS
