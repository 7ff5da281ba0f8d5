"""`search`: newest twenty of 200,000 Chinese texts, as ordinary users scoped by grants, against containment in Python.

Texts are made by seeded dice from the places, species and clauses of `definitions/`, 50 to 2,000 characters long. What
the index answers is compared with what a loop over all texts the user may see answers: the first page of every query,
and for every tenth all pages. CPU is that of this process and, on PostgreSQL, of its backend.
"""

import argparse
import os
import random
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field

import django

os.environ.setdefault("YIWANG_SECRET_KEY", "for-a-benchmark-only")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.project.settings.base")
django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client

from bench.acting.meters import Meter
from bench.report import Bar, report
from bench.volume.rows import Filler, Place
from bench.volume.texts import COMMON, Texts
from tests.browsing import signed_in
from tests.queries import counted
from yiwang.kernel.access.principals import keys_of
from yiwang.kernel.crypto.keyring import make_keyring
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.queries import actor_of
from yiwang.kernel.search.grams import folded
from yiwang.kernel.search.queries import NEWEST, Search, find

PAGE, MOST_HITS, EACH, ROUNDS = 20, 5_000, 40, 3
STAFF = ("township clerk", "county head", "city head", "province head")
ORDINARY = "county head"
LIMITS = {"sqlite": 20, "postgresql": 40}
HAN = re.compile(r"[\u4e00-\u9fff]+")


@dataclass
class TextFiller(Filler):
    """Cases whose words are whole documents; remembers them, and who may see them."""

    writer: Texts = field(default_factory=lambda: Texts(settings.DEFINITIONS, random.Random(11)))
    texts: dict[int, str] = field(default_factory=dict)
    seen_by: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def _words(self, pk: int, code: str, title: str, place: Place, party: int) -> tuple[int, str, str]:
        county = place.bureau.division_id or ""
        shown = f"{code} · {self.writer.title(county)} · 演示户{party} · {self.writer.text(county)}"
        self.texts[pk] = folded(shown)
        return pk, self.texts[pk], "" if shown == self.texts[pk] else shown

    def _case(self, pk: int, state: int) -> dict[str, list[tuple[object, ...]]]:
        made = super()._case(pk, state)
        for row in made["access_grant"]:
            self.seen_by[int(str(row[0]))].add(pk)
        return made

    def visible_to(self, actor: Actor) -> list[int]:
        """Everything the actor may see, newest first."""
        return sorted(set().union(*(self.seen_by.get(key, set()) for key in keys_of(actor))), reverse=True)


@dataclass
class Group:
    """Queries of one sort for one user: what they took, and how many answers were right."""

    wall: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)
    asked: int = 0
    found: int = 0
    wanted: int = 0
    right: int = 0
    queries: int = 0

    def __str__(self) -> str:
        cpu = f"CPU mean {self.cpu * 1000:.1f}, p95 {share(self.spent, 0.95):.1f} ms"
        return f"{self.asked} queries, {cpu}; wall p50 {share(self.wall, 0.5):.1f}, p95 {share(self.wall, 0.95):.1f} ms"

    @property
    def cpu(self) -> float:
        """Seconds of CPU of one query, on the average."""
        return sum(self.spent) / max(1, len(self.spent))


def share(values: list[float], part: float) -> float:
    """Milliseconds below which `part` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000 if ordered else 0.0


def main() -> None:
    """Fill to a tenth, measure, fill up, measure, report."""
    options = arguments()
    make_keyring(settings.KEYRING)
    settings.ALLOWED_HOSTS = ["*"]
    filler = TextFiller(random.Random(7))
    filler.prepare()
    filler.fill(options.documents // 100, options.documents // 10 - options.documents // 100)
    small = measure(filler, options.each)
    begun, meter = time.perf_counter(), Meter.here()
    with meter.on():
        filler.fill(options.documents // 10, options.documents - options.documents // 5)
    filled = f"{time.perf_counter() - begun:.0f} s, {meter.total:.0f} s CPU"
    tell(filler, small, measure(filler, options.each), {"filling nine tenths": filled, "index MB": index_size()})


def measure(filler: TextFiller, each: int) -> dict[str, Group]:
    """Every sort of query for every user."""
    dice, found = random.Random(23), {}
    wanted = queries(filler, dice, each)
    for who in STAFF:
        actor = actor_of(filler.accounts[who])
        seen = filler.visible_to(actor)
        for sort, words in wanted.items():
            found[f"{who}, {sort}"] = asked(filler, actor, seen, words)
    client = signed_in(filler.accounts[ORDINARY])
    found["page, common word"] = pages(client, [COMMON])
    found["page, mixed words"] = pages(client, [word for words in wanted.values() for word in words[:5]])
    return found


def queries(filler: TextFiller, dice: random.Random, each: int) -> dict[str, list[str]]:
    """Words cut out of texts by length, phrases, a common word, one common elsewhere, one of no text."""
    texts = list(filler.texts.values())
    found: dict[str, list[str]] = {}
    for length, name in ((2, "2 characters"), (3, "3 characters"), (4, "4 characters"), (8, "phrase")):
        found[name] = cut(texts, dice, length, each)
    home = filler.places[0].bureau.division_id or ""
    away = [names[0] for code, names in filler.writer.places.items() if len(code) == 6 and code[:4] != home[:4]]
    found["1 character"] = list("林木山水县乡田鹧薹")
    found["two words"] = [
        f"{one} {two}" for one, two in zip(found["2 characters"], found["3 characters"], strict=False)
    ]
    found["in 40 %"] = [COMMON]
    found["of other counties"] = dice.sample(away, min(10, len(away)))
    found["nowhere"] = ["鼋鼍龘", "森林法森林法森林", "区林业县"]
    return found


def cut(texts: list[str], dice: random.Random, length: int, count: int) -> list[str]:
    """Words of one length that stand in at most 5,000 texts."""
    found: list[str] = []
    while len(found) < count:
        text = dice.choice(texts)
        at = dice.randrange(len(text))
        word = text[at : at + length]
        if len(word) == length and HAN.fullmatch(word) and sum(word in one for one in texts) <= MOST_HITS:
            found.append(word)
    return found


def asked(filler: TextFiller, actor: Actor, seen: list[int], words: list[str]) -> Group:
    """Ask each query and hold the answer against all texts in sight."""
    group = Group()
    for number, query in enumerate(words):
        pieces = query.split()
        truth = [pk for pk in seen if all(piece in filler.texts[pk] for piece in pieces)]
        first = timed(group, actor, query)
        compare(group, first, truth[:PAGE])
        if number % 10 == 0:
            compare(group, all_pages(actor, query), truth)
    return group


def timed(group: Group, actor: Actor, query: str) -> list[int]:
    """The first page, asked for a few times after one to warm up."""
    found, meter = find(actor, Search(query, size=PAGE)), Meter.here()
    with meter.on():
        for _round in range(ROUNDS):
            begun = time.perf_counter()
            find(actor, Search(query, size=PAGE))
            group.wall.append(time.perf_counter() - begun)
    group.asked += 1
    group.spent.append(meter.total / ROUNDS)
    return found


def all_pages(actor: Actor, query: str) -> list[int]:
    """Everything found, five hundred at a time."""
    found: list[int] = []
    before = NEWEST
    while page := find(actor, Search(query, before=before, size=500)):
        found += page
        before = page[-1]
    return found


def compare(group: Group, found: list[int], truth: list[int]) -> None:
    """Count right answers; an order that is not newest first counts as wrong."""
    group.found += len(found)
    group.wanted += len(truth)
    group.right += len(set(found) & set(truth)) if found == sorted(found, reverse=True) else 0


def pages(client: Client, words: list[str]) -> Group:
    """Whole pages of the desk; `queries` is the most that one sends. Raises RuntimeError when one is no page."""
    group = Group(asked=len(words))
    for word in words:
        with counted() as sent:
            answer = client.get("/desk/search/", {"q": word})
        if answer.status_code != 200:
            raise RuntimeError(f"{word}: {answer.status_code}")
        group.queries = max(group.queries, sent.count)
        meter = Meter.here()
        with meter.on():
            for _round in range(ROUNDS):
                begun = time.perf_counter()
                client.get("/desk/search/", {"q": word})
                group.wall.append(time.perf_counter() - begun)
        group.spent.append(meter.total / ROUNDS)
    return group


def index_size() -> int:
    """Megabytes of the index alone."""
    sql = "SELECT pg_relation_size('search_words_grams') / 1000000"
    if connection.vendor == "sqlite":
        sql = "SELECT sum(length(block)) / 1000000 FROM search_grams_data"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def tell(filler: TextFiller, small: dict[str, Group], large: dict[str, Group], more: dict[str, object]) -> None:
    """Report."""
    characters = sum(map(len, filler.texts.values()))
    figures: dict[str, object] = {"documents": len(filler.texts), "characters": characters, **more}
    for who in STAFF:
        figures[f"{who} sees"] = len(filler.visible_to(actor_of(filler.accounts[who])))
    figures |= {name: str(group) for name, group in large.items()}
    sorts = ("2 characters", "3 characters", "4 characters", "phrase", "two words")
    grown = [(large[key].cpu, small[key].cpu) for who in STAFF for sort in sorts if (key := f"{who}, {sort}")]
    figures["CPU against a tenth of the documents"] = round(
        sum(new for new, _ in grown) / sum(old for _, old in grown), 2
    )
    answers = [group for group in (*small.values(), *large.values()) if group.wanted or group.found]
    right = sum(group.right for group in answers)
    limit = LIMITS[connection.vendor]
    bars = [
        Bar("recall", right / sum(group.wanted for group in answers), 1.0, at_least=True),
        Bar("precision", right / sum(group.found for group in answers), 1.0, at_least=True),
    ]
    for sort in sorts:
        most = max(share(large[f"{who}, {sort}"].wall, 0.95) for who in STAFF)
        cpu = max(share(large[f"{who}, {sort}"].spent, 0.95) for who in STAFF)
        figures[f"p95 ms CPU, {sort}, slowest user"] = round(cpu, 1)
        bars.append(Bar(f"p95 ms, {sort}, slowest user", round(most, 1), limit))
    common = max(share(large[f"{who}, in 40 %"].wall, 1) for who in STAFF)
    bars.append(Bar("first twenty ms, word in 40 %, slowest user", round(common, 1), 150))
    bars.append(Bar("page ms, word in 40 %", round(share(large["page, common word"].wall, 1), 1), 150))
    bars.append(Bar("queries of a page", large["page, mixed words"].queries, 10))
    report("search", connection.vendor, figures, bars)


def arguments() -> argparse.Namespace:
    """Sizes may be cut for a quick look."""
    parser = argparse.ArgumentParser("search")
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--each", type=int, default=EACH, help="queries of each sort")
    return parser.parse_args()


if __name__ == "__main__":
    main()
