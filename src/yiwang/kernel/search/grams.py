"""Characters in pairs: no dictionary, every name and new word is found, nothing else is."""

import unicodedata
from itertools import pairwise

LONGEST = 2000
MOST_TOKENS = 20
GAP = "·"


def folded(text: str) -> str:
    """One spelling: full width and case do not matter."""
    return unicodedata.normalize("NFKC", text).lower()


def runs(text: str) -> list[str]:
    """Stretches of letters, digits and characters; everything else parts them."""
    return "".join(sign if sign.isalnum() else " " for sign in folded(text)).split()


def tokens(text: str) -> list[str]:
    """What is indexed: the pairs of each run and its last character, with a gap between runs."""
    found: list[str] = []
    for run in runs(kept(text)):
        found += [*("".join(pair) for pair in pairwise(run)), run[-1], GAP]
    return found


def phrases(words: str) -> list[list[str]]:
    """What is looked for: the pairs of each run of the query; one character alone stands for every pair it begins."""
    wanted = [["".join(pair) for pair in pairwise(run)] or [run] for run in runs(words)]
    kept, room = [], MOST_TOKENS
    for phrase in wanted:
        if room > 0:
            kept.append(phrase[:room])
            room -= len(phrase)
    return kept


def kept(text: str) -> str:
    """A text as it is stored: folded once, so that looking into it costs nothing."""
    return folded(text)[:LONGEST]


def holds(stored: str, words: list[str]) -> bool:
    """Whether a stored text holds every run of a query; what the index answers, done by hand.

    A run has letters and digits only, so it never spans what parts them.
    """
    return all(run in stored for run in words)
