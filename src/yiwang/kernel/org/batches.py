"""Steps of an import 批量导入: carry judged lines out in few statements, record them, see whether they can go."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.ledger.kinds import kind_id
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import Event, lock
from yiwang.kernel.org.imports import Judged
from yiwang.kernel.org.models import Account, Holding, Person, Post, StaffImport
from yiwang.kernel.org.refusals import BuiltUpon, ImportSettled
from yiwang.kernel.org.services import KINDS
from yiwang.kernel.org.ties import HOLDING, PERSON, ties_of


@dataclass
class Made:
    """What an import made: ids of people and holdings, and what it changed, as person → field → [before, after]."""

    people: dict[str, Person] = field(default_factory=dict)
    holdings: list[Holding] = field(default_factory=list)
    changes: dict[int, dict[str, list[object]]] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """As kept for the undo."""
        return {
            "people": [row.pk for row in self.people.values()],
            "holdings": [row.pk for row in self.holdings],
            "changes": {str(pk): told for pk, told in self.changes.items()},
        }


def batch_held(batch: int, state: StaffImport.State) -> StaffImport:
    """An import in this state, locked. Raises NotFound, ImportSettled."""
    row = StaffImport.objects.select_for_update().filter(pk=batch).first()
    if row is None:
        raise NotFound(_("没有这次导入"))
    if row.state != state:
        raise ImportSettled()
    return row


def carry_out(lines: Sequence[Judged]) -> Made:
    """Make the people, posts and changes of judged lines, in few statements."""
    made = Made()
    for line in lines:
        if line.person is None:
            number = line.row.text("staff_number")
            row = made.people.setdefault(number, Person(name=line.row.text("name"), staff_number=number))
            row.certificate = line.row.text("certificate")
            row.certificate_until = line.until or row.certificate_until
        elif line.changes:
            made.changes.setdefault(line.person, {}).update(line.changes)
    Person.objects.bulk_create(made.people.values())
    for line in lines:
        if line.post is not None and line.since is not None:
            person = line.person or made.people[line.row.text("staff_number")].pk
            made.holdings.append(Holding(person_id=person, post_id=line.post, since=line.since))
    Holding.objects.bulk_create(made.holdings)
    put(made.changes, which=1)
    return made


def put(told: Mapping[int, Mapping[str, Sequence[object]]], *, which: int) -> None:
    """Write the values before (0) or after (1) a change into the rows of people."""
    for pk, fields in told.items():
        Person.objects.filter(pk=pk).update(**{name: _typed(name, pair[which]) for name, pair in fields.items()})


def _typed(name: str, value: object) -> object:
    is_day = name == "certificate_until" and isinstance(value, str)
    return date.fromisoformat(str(value)) if is_day else value


def chains_of(people: Iterable[int]) -> dict[int, Subject]:
    """The locked subjects of many people, by person, made where they are missing; four statements."""
    rows = list(Person.objects.filter(pk__in=set(people)).order_by("pk"))
    bare = [row for row in rows if row.subject_id is None]
    subjects = Subject.objects.bulk_create(Subject(kind_id=kind_id(KINDS[Person]), unit=0) for _row in bare)
    for row, subject in zip(bare, subjects, strict=True):
        row.subject = subject
    Person.objects.bulk_update(bare, ["subject"])
    held = lock(*(row.subject_id for row in rows if row.subject_id is not None)) if rows else {}
    return {row.pk: held[row.subject_id] for row in rows if row.subject_id is not None}


def events_of(made: Made, batch: int) -> list[Event]:
    """What happened to each person of an import."""
    touched = {*(row.pk for row in made.people.values()), *(row.person_id for row in made.holdings), *made.changes}
    chains = chains_of(touched)
    events = [
        Event(chains[row.pk], "person.taken_on", {"name": row.name, "staff_number": row.staff_number, "import": batch})
        for row in made.people.values()
    ]
    events += [
        Event(chains[pk], "person.changed", {"changes": dict(told), "import": batch})
        for pk, told in made.changes.items()
    ]
    units = dict(Post.objects.filter(pk__in={row.post_id for row in made.holdings}).values_list("pk", "unit"))
    return events + [
        Event(
            chains[row.person_id],
            "holding.begun",
            {
                "holding": row.pk,
                "post": row.post_id,
                "unit": units[row.post_id],
                "since": row.since.isoformat(),
                "import": batch,
            },
        )
        for row in made.holdings
    ]


def check_untouched(made: Mapping[str, Any]) -> None:
    """Raise BuiltUpon when anything was built on what an import made."""
    people = Person.objects.in_bulk(made["people"])
    holdings = Holding.objects.in_bulk(made["holdings"])
    grown = Holding.objects.filter(person__in=people).exclude(pk__in=holdings).exists()
    ended = any(row.until is not None for row in holdings.values())
    signs_in = Account.objects.filter(person__in=people).exists()
    worked = any(ties_of(PERSON, pk) for pk in people) or any(ties_of(HOLDING, pk) for pk in holdings)
    lost = len(people) != len(made["people"]) or len(holdings) != len(made["holdings"])
    if grown or ended or signs_in or worked or lost or _moved_on(made):
        raise BuiltUpon()


def _moved_on(made: Mapping[str, Any]) -> bool:
    """Whether a value the import wrote has been written anew since."""
    rows = Person.objects.in_bulk([int(pk) for pk in made["changes"]])
    return any(
        getattr(rows[int(pk)], name) != _typed(name, pair[1])
        for pk, told in made["changes"].items()
        for name, pair in told.items()
    )


def drop(made: Mapping[str, Any]) -> None:
    """Take away what an import made, and write back what stood before its changes."""
    Holding.objects.filter(pk__in=made["holdings"]).delete()
    Person.objects.filter(pk__in=made["people"]).delete()
    put({int(pk): told for pk, told in made["changes"].items()}, which=0)
