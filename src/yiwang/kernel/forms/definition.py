"""What a form 表单 is: steps of groups of fields, as data. Immutable; made by `loader.load_form`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from yiwang.kernel.base.expressions import Expression

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Raw = dict[str, Json]
Look = Literal["", "radio", "select", "suggest"]

KINDS = (
    "text",
    "longtext",
    "integer",
    "decimal",
    "date",
    "choice",
    "choices",
    "code",
    "division",
    "person_id",
    "credit_code",
    "realty_unit",
    "phone",
    "files",
    "point",
    "boolean",
    "confirm",
    "computed",
)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: what is stored, what is shown, one line of help; `group` heads several of them."""

    value: str
    label: str
    hint: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class DayBound:
    """A day fixed in the calendar, or counted in days from today."""

    fixed: date | None = None
    offset: int = 0

    def on(self, today: date) -> date:
        """The day meant when today is `today`."""
        return self.fixed or today + timedelta(days=self.offset)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one value: numbers inclusive, `places` after the point, lengths in characters, counts of choices."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    places: int = 0
    shortest: int = 0
    longest: int = 200
    earliest: DayBound | None = None
    latest: DayBound | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for files 材料: why it is needed, what may be put there, and when nothing need be put."""

    why: str = ""
    sample: str = ""
    formats: tuple[str, ...] = ()
    largest: int = 0
    fewest: int = 0
    most: int = 1
    camera: bool = False
    exempt: str = ""
    exempt_when: Expression | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class FieldDef:
    """One question: its kind, words, limits and conditions.

    `listed` names the fact its value is kept under; `sensitive` masks it wherever it is read back;
    `readonly` takes the value from the prefill only, never from the post; `law` is the article that asks for it;
    `bare` lets a division be seen as `county` and `township` without its key before them.
    """

    key: str
    kind: str
    label: str
    line: int
    hint: str = ""
    example: str = ""
    help: str = ""
    unit: str = ""
    law: str = ""
    optional: bool = False
    when: Expression | None = None
    required_when: Expression | None = None
    bounds: Bounds = Bounds()
    options: tuple[Option, ...] = ()
    codes: str = ""
    other: bool = False
    look: Look = ""
    village: str = ""
    bare: bool = False
    value: Expression | None = None
    id_kinds: tuple[str, ...] = ()
    accuracy: bool = False
    slot: Slot | None = None
    prefill: str = ""
    readonly: bool = False
    listed: str = ""
    sensitive: bool = False
    mask: str = ""
    pair: str = ""
    width: str = ""
    also: str = ""

    @property
    def bare_label(self) -> str:
        """The label as it stands inside a sentence."""
        return self.label.rstrip("？?。")


@dataclass(frozen=True, slots=True)
class Rows:
    """A group that is filled in several times: how often, how one row is called, columns without repeats."""

    fewest: int
    most: int
    noun: str
    fixed: bool = False
    unique: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupDef:
    """Fields that belong together under one heading; with `rows` a repeating group."""

    key: str
    title: str
    fields: tuple[FieldDef, ...]
    hint: str = ""
    when: Expression | None = None
    rows: Rows | None = None
    prefill: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class StepDef:
    """One page of the form; `short` stands in the progress bar."""

    key: str
    title: str
    groups: tuple[GroupDef, ...]
    short: str = ""
    hint: str = ""

    def fields(self) -> Iterator[FieldDef]:
        """Every field of the step, rows included."""
        return (one for group in self.groups for one in group.fields)


@dataclass(frozen=True, slots=True)
class CheckDef:
    """A rule across fields: refused at `field` with `message` when the expression is true."""

    key: str
    fails_when: Expression
    field: str
    message: str
    law: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure the province or bureau sets; the definition gives a default, its source and whether it is settled."""

    key: str
    value: str | Decimal | bool
    title: str = ""
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class FormDef:
    """A whole form of one version; `digest` is the SHA-256 of its definition and materials without comments.

    `texts` are sentences put together from answers (`boundaries: 东至{east}，…`), for titles and documents.
    """

    key: str
    title: str
    digest: str
    steps: tuple[StepDef, ...]
    checks: tuple[CheckDef, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    promises: tuple[str, ...] = ()
    submit: str = ""
    codes: tuple[str, ...] = ()

    def step(self, key: str) -> StepDef:
        """The step of that key. Raises KeyError."""
        return next((step for step in self.steps if step.key == key), None) or _missing(key)

    def groups(self) -> Iterator[tuple[StepDef, GroupDef]]:
        """Every group with its step, in order."""
        return ((step, group) for step in self.steps for group in step.groups)

    def single_fields(self) -> dict[str, FieldDef]:
        """Fields outside repeating groups by key."""
        return {one.key: one for _, group in self.groups() if not group.rows for one in group.fields}

    def needs_divisions(self) -> bool:
        """Whether any field asks for a place."""
        return any(one.kind == "division" for step in self.steps for one in step.fields())


def _missing(key: str) -> StepDef:
    raise KeyError(key)


def names_of(one: FieldDef) -> tuple[str, ...]:
    """The names under which expressions see the value of a field."""
    parts = {
        "division": ("county", "township"),
        "person_id": ("kind", "number"),
        "point": ("lon", "lat"),
        "files": ("count",),
    }.get(one.kind)
    if one.bare and parts:
        return parts
    return tuple(f"{one.key}_{part}" for part in parts) if parts else (one.key,)
