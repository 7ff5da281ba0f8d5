"""The search page: everything the actor may see that holds the words, newest first, and whom they may name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.timezone import localtime

from yiwang.kernel.access.queries import COUNT_LIMIT
from yiwang.kernel.base.moments import today
from yiwang.kernel.cases.models import CaseType
from yiwang.kernel.cases.types import warm
from yiwang.kernel.ledger.kinds import known_kind
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Holding, Unit
from yiwang.kernel.registers.models import Register
from yiwang.kernel.search.grams import Needles, folded, is_too_much, needles
from yiwang.kernel.search.models import Card
from yiwang.kernel.search.queries import NEWEST, Search, cards, find, tallies
from yiwang.kernel.search.services import SEPARATOR
from yiwang.kernel.search.snippets import Part, marked, snippet
from yiwang.sites.desk.queries.filters import capped
from yiwang.sites.desk.queries.kinds import UNKNOWN, Mark, mark_of

SHOWN, NAMED = 20, 5
NO_KIND = 0
CASE, REGISTER = "case", "register"
Tallies = Counter[tuple[str, int | str]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for, how it is narrowed, and after which result the page goes on."""

    words: str = ""
    kind: str = ""
    unit: int = 0
    year: int = 0
    before: int = 0

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter is set."""
        return bool(self.kind or self.unit or self.year)

    def search(self, size: int) -> Search:
        """The same as the index understands it."""
        kind, unit, year = (
            (known_kind(self.kind) or NO_KIND) if self.kind else None,
            self.unit or None,
            self.year or None,
        )
        return Search(self.words, kind=kind, unit=unit, year=year, before=self.before or NEWEST, size=size)


@dataclass(frozen=True, slots=True)
class Hit:
    """One result, everything already words."""

    url: str
    mark: Mark
    number: tuple[Part, ...]
    title: tuple[Part, ...]
    unit: str
    day: str
    snippet: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a filter, with how many results it leaves."""

    value: str
    name: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Named:
    """A unit or a member of staff whose name holds the words."""

    name: str
    about: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of results; counts and choices stand on the first page only."""

    hits: tuple[Hit, ...] = ()
    named: tuple[Named, ...] = ()
    count: str = ""
    after: int = 0
    kinds: tuple[Choice, ...] = ()
    units: tuple[Choice, ...] = ()
    years: tuple[Choice, ...] = ()
    is_too_much: bool = False


def found(actor: Actor, question: Question) -> Found:
    """One page; the first one also counts, to a thousand."""
    asked = needles(question.words)
    if is_too_much(question.words):
        return Found(is_too_much=True)
    if not asked.pieces:
        return Found()
    if question.before:
        ids = find(actor, question.search(SHOWN + 1))
        return Found(hits=_hits(ids[:SHOWN], asked), after=_after(ids))
    ids = find(actor, question.search(COUNT_LIMIT))
    return _first(ids, asked, question)


def _first(ids: list[int], asked: Needles, question: Question) -> Found:
    counted = tallies(ids)
    names = {"kind": _names(), "unit": {str(pk): one.short_name for pk, one in directory().units.items()}}
    return Found(
        hits=_hits(ids[:SHOWN], asked),
        named=() if question.is_narrowed else _named(asked),
        count=capped(len(ids)),
        after=_after(ids),
        kinds=_choices("kind__key", counted, names["kind"], question.kind),
        units=_choices("unit", counted, names["unit"], str(question.unit or "")),
        years=_choices("year", counted, {}, str(question.year or "")),
    )


def _after(ids: Sequence[int]) -> int:
    return ids[SHOWN - 1] if len(ids) > SHOWN else 0


def _choices(name: str, counted: Tallies, names: Mapping[str, str], chosen: str) -> tuple[Choice, ...]:
    counts = {str(value): count for (one, value), count in counted.items() if one == name}
    counts = counts if not chosen else {chosen: 0} | counts
    found = [Choice(value, names.get(value, value), count, value == chosen) for value, count in counts.items()]
    return tuple(
        sorted(found, key=lambda one: (one.value if name == "year" else "", one.count, one.name), reverse=True)
    )


def _names() -> dict[str, str]:
    """Kinds as people know them: those of cases by their types, those of entries by their registers; one query."""
    own = Register.objects.annotate(full=Concat(Value(f"{REGISTER}:"), "key")).values_list("full", "name")
    return dict(CaseType.objects.values_list("kind__key", "name").union(own))


def _hits(ids: Sequence[int], asked: Needles) -> tuple[Hit, ...]:
    rows = cards(list(ids), "subject__case", "subject__register_entry__register")
    warm(row.subject.case.version_id for row in rows if row.noun == CASE)
    units = directory().units
    return tuple(_hit(row, asked, units.get(row.unit)) for row in rows)


def _hit(row: Card, asked: Needles, unit: Unit | None) -> Hit:
    words = row.subject.words
    lead = sum(len(part) + len(SEPARATOR) for part in (row.number, row.title) if part)
    url, mark = _opened(row)
    return Hit(
        url=url,
        mark=mark,
        number=marked(row.number, asked.pieces),
        title=marked(row.title, asked.pieces),
        unit=unit.short_name if unit else "",
        day=f"{localtime(row.at):%Y-%m-%d}",
        snippet=snippet(words.shown or words.text, words.text, asked.pieces, after=lead),
    )


def _opened(row: Card) -> tuple[str, Mark]:
    """Where a result is opened and what it is; a noun that has no page here has no address."""
    if row.noun == CASE:
        return reverse("desk:case", args=[row.pk]), mark_of(row.subject.case.version_id)
    if row.noun == REGISTER:
        entry = row.subject.register_entry
        return reverse("desk:entry", args=[entry.pk]), Mark(entry.register.name[-1:], entry.register.name)
    return "", UNKNOWN


def _named(asked: Needles) -> tuple[Named, ...]:
    """Units from memory, then staff by one query: few, no subjects, and known to every member of staff."""
    units = [
        Named(unit.name, unit.get_kind_display(), unit.phone)
        for unit in directory().units.values()
        if unit.is_active and asked.held_by(folded(f"{unit.name} {unit.short_name}"))
    ]
    return (*units[:NAMED], *_people(asked))


def _people(asked: Needles) -> list[Named]:
    condition = Q()
    for piece in asked.pieces:
        condition &= Q(person__name__icontains=piece)
    serving = Q(until=None) | Q(until__gte=today())
    rows = (
        Holding.objects.filter(condition, serving).select_related("person", "post__unit").order_by("person__name", "pk")
    )
    return [Named(row.person.name, f"{row.post.unit.short_name} {row.post.name}") for row in rows[:NAMED]]
