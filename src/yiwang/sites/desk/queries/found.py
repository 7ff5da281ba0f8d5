"""The search page: everything the actor may see that holds the words, newest first, and whom they may name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import localtime

from yiwang.kernel.access.queries import COUNT_LIMIT
from yiwang.kernel.base.moments import today
from yiwang.kernel.ledger.kinds import kind_key
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Holding
from yiwang.kernel.registers.models import Entry, Register
from yiwang.kernel.search.grams import Needles, folded, is_too_much, needles
from yiwang.kernel.search.models import Card
from yiwang.kernel.search.queries import NEWEST, Search, cards, find, tallies
from yiwang.kernel.search.services import SEPARATOR
from yiwang.kernel.search.snippets import Part, marked, snippet
from yiwang.sites.desk.queries.filters import capped
from yiwang.sites.desk.queries.kinds import UNKNOWN, Mark, marks

SHOWN, NAMED = 20, 5
REGISTER = "register"


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for, how it is narrowed, and after which result the page goes on."""

    words: str = ""
    kind: int = 0
    unit: int = 0
    year: int = 0
    before: int = 0

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter is set."""
        return bool(self.kind or self.unit or self.year)

    def search(self, size: int) -> Search:
        """The same as the index understands it."""
        kind, unit, year = self.kind or None, self.unit or None, self.year or None
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

    value: int
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
    kinds = _kinds({value for name, value in counted if name == "kind"} | {question.kind} - {0})
    units = {pk: unit.short_name for pk, unit in directory().units.items()}
    years = {value: str(value) for name, value in counted if name == "year"} | {question.year: str(question.year)}
    return Found(
        hits=_hits(ids[:SHOWN], asked, kinds),
        named=() if question.is_narrowed else _named(asked),
        count=capped(len(ids)),
        after=_after(ids),
        kinds=_choices("kind", counted, {pk: mark.name for pk, mark in kinds.items()}, question.kind),
        units=_choices("unit", counted, units, question.unit),
        years=_choices("year", counted, years, question.year),
    )


def _after(ids: Sequence[int]) -> int:
    return ids[SHOWN - 1] if len(ids) > SHOWN else 0


def _choices(name: str, counted: Counter[tuple[str, int]], names: Mapping[int, str], chosen: int) -> tuple[Choice, ...]:
    values = {value for one, value in counted if one == name} | ({chosen} if chosen else set())
    found = [Choice(value, names.get(value, str(value)), counted[name, value], value == chosen) for value in values]
    return tuple(sorted(found, key=lambda one: (-one.value if name == "year" else -one.count, one.name)))


def _kinds(numbers: set[int]) -> dict[int, Mark]:
    """Kinds as people know them: those of cases by their types, those of entries by their registers."""
    names = dict(Register.objects.values_list("key", "name"))
    return marks(numbers) | _registers(numbers, names)


def _registers(numbers: set[int], names: Mapping[str, str]) -> dict[int, Mark]:
    keys = {number: kind_key(number) for number in numbers}
    parted = {number: key.partition(":") for number, key in keys.items()}
    return {
        number: Mark(names.get(key, key)[-1:], names.get(key, key))
        for number, (noun, _colon, key) in parted.items()
        if noun == REGISTER
    }


def _hits(ids: Sequence[int], asked: Needles, kinds: Mapping[int, Mark] | None = None) -> tuple[Hit, ...]:
    rows = cards(list(ids))
    known = _kinds({row.kind_id for row in rows}) if kinds is None else kinds
    entries = {row.pk for row in rows if row.noun == REGISTER}
    own = dict(Entry.objects.filter(subject__in=entries).values_list("subject", "pk")) if entries else {}
    return tuple(_hit(row, asked, known.get(row.kind_id, UNKNOWN), own) for row in rows)


def _hit(row: Card, asked: Needles, mark: Mark, entries: Mapping[int, int]) -> Hit:
    words, unit = row.subject.words, directory().units.get(row.unit)
    lead = sum(len(part) + len(SEPARATOR) for part in (row.number, row.title) if part)
    return Hit(
        url=_address(row, entries),
        mark=mark,
        number=marked(row.number, asked.pieces),
        title=marked(row.title, asked.pieces),
        unit=unit.short_name if unit else "",
        day=f"{localtime(row.at):%Y-%m-%d}",
        snippet=snippet(words.shown or words.text, words.text, asked.pieces, after=lead),
    )


def _address(row: Card, entries: Mapping[int, int]) -> str:
    """Where a result is opened; empty for a noun that has no page here."""
    if row.noun == "case":
        return reverse("desk:case", args=[row.pk])
    return reverse("desk:entry", args=[entries[row.pk]]) if row.pk in entries else ""


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
