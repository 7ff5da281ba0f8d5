"""What is asked: the figures that decide, the other answers, the whole form as it was handed in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from yiwang.kernel.forms.definition import FormDef
from yiwang.kernel.forms.models import Evidence
from yiwang.kernel.forms.queries import Change, Contents, Line, changes, evidence_of, opened

FACTS_SHOWN = 15
UNSHOWN = frozenset({"files", "confirm", "longtext"})


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value, the unit apart so that it can be small."""

    label: str
    value: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form of the case as frozen evidence: when, which version, its digest, and what the last correction changed."""

    key: str
    title: str
    at: datetime
    number: int
    digest: str
    contents: Contents
    changes: tuple[Change, ...]

    @property
    def changed(self) -> frozenset[str]:
        """Keys of the answers that the last correction changed."""
        return frozenset(change.key for change in self.changes)

    @property
    def lines(self) -> tuple[Line, ...]:
        """All answers in order."""
        return tuple(line for page in self.contents.pages for line in page.lines)


@dataclass(frozen=True, slots=True)
class Asked:
    """The first panel of a case page."""

    big: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    count: int


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One answer of an officer's form; `is_words` where a person speaks."""

    label: str
    text: str
    is_words: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A form that an officer filled in at his step, such as the field check; its files stand among the materials."""

    title: str
    at: datetime
    lines: tuple[RecordLine, ...]


def record_of(filled: Filled, form: FormDef) -> Record:
    """The form without its files and empty answers."""
    kinds = {key: one.kind for key, one in form.single_fields().items()}
    lines = (
        RecordLine(line.label, line.safe, kinds.get(line.key) == "longtext")
        for line in filled.lines
        if line.safe and kinds.get(line.key) != "files"
    )
    return Record(filled.title, filled.at, tuple(lines))


def filled_forms(subject: int) -> dict[str, Filled]:
    """Every form of a case by key, in force, with what changed since the version before; one query."""
    versions: dict[str, list[Evidence]] = {}
    for row in evidence_of(subject):
        versions.setdefault(row.form_key, []).append(row)
    return {key: _filled(rows) for key, rows in versions.items()}


def _filled(rows: list[Evidence]) -> Filled:
    latest, contents = rows[0], opened(rows[0])
    changed = changes(opened(rows[1]), contents) if len(rows) > 1 else ()
    return Filled(latest.form_key, contents.title, latest.created, latest.number, latest.digest, contents, changed)


def asked_of(filled: Filled, form: FormDef, summary: Iterable[str]) -> Asked:
    """Big are the answers the type names; then those the definition lists, and what else fits, in form order."""
    lines = {line.key: line for line in filled.lines if line.safe}
    big = [key for key in summary if key in lines]
    fields = form.single_fields()
    shown = [key for key in lines if key in fields and key not in big and fields[key].kind not in UNSHOWN]
    listed = [key for key in shown if fields[key].listed]
    about = {one.key for step in form.steps[1:] for one in step.fields()}
    kept = {*listed[:FACTS_SHOWN]}
    kept |= {*[key for key in shown if key in about and key not in kept][: max(0, FACTS_SHOWN - len(kept))]}
    return Asked(
        big=tuple(_big(lines[key]) for key in big),
        facts=tuple(Fact(lines[key].label, lines[key].safe) for key in shown if key in kept),
        count=len(filled.lines),
    )


def _big(line: Line) -> Fact:
    value, _blank, unit = line.safe.partition(" ")
    is_figure = value.replace(",", "").replace(".", "").isdigit()
    return Fact(line.label, value, unit) if is_figure else Fact(line.label, line.safe)
