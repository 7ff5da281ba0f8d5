"""What can be asked for here: the published types, and finding one by the words people use."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from yiwang.kernel.cases.queries import offers
from yiwang.kernel.cases.typespec import TypeSpec
from yiwang.ui.words import amount_words

NAME_WEIGHT = 4
BEFORE_SINGLES = 100
HALF, MORE_THAN_HALF = 0.5, 0.51
EMPTY_WORDS = frozenset("的了要办什么证我你您自家吗怎么呢是在和与或请问一个可以需")
CJK = re.compile(r"[㐀-鿿]+")
PICTURES = {"forestry": "tree", "water": "drop"}


@dataclass(frozen=True)
class ItemLine:
    """An item 事项 in a list: name and one line of facts (limit, trips, fee)."""

    key: str
    name: str
    line: str
    picture: str


def items() -> list[ItemLine]:
    """Every item that can be asked for."""
    return [item_line(offer.spec) for offer in offers()]


def search(query: str) -> list[ItemLine]:
    """Items whose name, summary or questions share words with the query, best first."""
    scored = [(score(query, offer.spec), offer.spec) for offer in offers()]
    found = sorted((pair for pair in scored if pair[0]), key=lambda pair: -pair[0])
    return [item_line(spec) for _score, spec in found]


def item_line(spec: TypeSpec) -> ItemLine:
    """One line about an item."""
    return ItemLine(spec.key, spec.name, _("，").join(_facts(spec)), PICTURES.get(spec.key.partition(".")[0], "sheet"))


def _facts(spec: TypeSpec) -> Iterable[str]:
    limit = spec.limits.get("promised") or spec.limits.get("statutory")
    if limit:
        yield amount_words(limit.amount, limit.unit)
    yield _("全程网办") if spec.trips == 0 else _("跑 %(n)d 趟") % {"n": spec.trips}
    yield _("要收费") if spec.fee_charged else _("不收费")


def score(query: str, spec: TypeSpec) -> int:
    """How well an item fits a query: pairs of characters first, single telling characters where too few pairs fit."""
    rest = " ".join((spec.summary, *spec.needed, *(line.question + line.answer for line in spec.faq)))
    pairs = _weight(_pairs(query), spec.name, rest, HALF)
    return pairs * BEFORE_SINGLES or _weight(_singles(query), spec.name, rest, MORE_THAN_HALF)


def _weight(words: set[str], name: str, rest: str, share: float) -> int:
    """Weight of the words found; nothing when fewer than `share` of them are."""
    found = [word for word in words if word in name or word in rest]
    if not found or len(found) < share * len(words):
        return 0
    return sum(NAME_WEIGHT * (word in name) + (word in rest) for word in found)


def _pairs(query: str) -> set[str]:
    runs = CJK.findall(query)
    pairs = {run[at : at + 2] for run in runs for at in range(len(run) - 1)}
    return {pair for pair in pairs if not set(pair) & EMPTY_WORDS}


def _singles(query: str) -> set[str]:
    return {sign for run in CJK.findall(query) for sign in run} - EMPTY_WORDS
