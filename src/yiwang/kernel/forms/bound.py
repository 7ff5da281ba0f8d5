"""A form bound to what was typed: steps, groups, rows, error summary, progress, answers to check."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yiwang.kernel.base.expressions import Expression
from yiwang.kernel.forms.bound_field import BoundField, html_id
from yiwang.kernel.forms.browser import condition_json, names_on, seen_json
from yiwang.kernel.forms.context import Context
from yiwang.kernel.forms.definition import FieldDef, FormDef, GroupDef, Json, Raw, StepDef
from yiwang.kernel.forms.rules import Outcome, Problem, is_exempt, judge, rows_with_prefill
from yiwang.kernel.forms.shapes import PARTS, as_rows, typed
from yiwang.kernel.forms.summary import AnswerBlock, answer_blocks

REVIEW = "review"
BLANK = "__n__"


@dataclass(frozen=True)
class BoundRow:
    """One row of a repeating group."""

    number: int | str
    title: str
    fields: tuple[BoundField, ...]
    removal: str = ""


@dataclass(frozen=True)
class BoundGroup:
    """Questions under one heading; `lines` are those side by side, `rows` the rows of a repeating group."""

    definition: GroupDef
    fields: tuple[BoundField, ...]
    rows: tuple[BoundRow, ...]
    errors: tuple[str, ...]
    blank: BoundRow | None
    names_here: frozenset[str]

    @property
    def id(self) -> str:
        """Id that error links point at."""
        return html_id(self.definition.key)

    @property
    def is_repeating(self) -> bool:
        """Whether it is filled in row by row."""
        return self.definition.rows is not None

    @property
    def lists(self) -> tuple[BoundField, ...]:
        """Columns whose suggestions all rows share."""
        row = self.blank or (self.rows[0] if self.rows else None)
        return tuple(one for one in row.fields if one.shape == "suggest") if row else ()

    @property
    def may_add(self) -> bool:
        """Whether a row may be added."""
        rows = self.definition.rows
        return bool(rows and not rows.fixed and len(self.rows) < rows.most)

    @property
    def lines(self) -> tuple[tuple[BoundField, ...], ...]:
        """Fields in lines: those with the same `pair` word side by side."""
        keyed = [(one.definition.pair or f"-{number}", one) for number, one in enumerate(self.fields)]
        return tuple(tuple(one for _k, one in some) for _key, some in groupby(keyed, lambda pair: pair[0]))

    @property
    def when(self) -> str:
        """The condition for the browser, where it depends on this page."""
        return condition_json(self.definition.when, self.names_here)


@dataclass(frozen=True)
class ErrorLine:
    """One line of the error summary: what to put right, and the input it links to."""

    anchor: str
    message: str


@dataclass(frozen=True)
class StepMark:
    """One place in the progress bar."""

    key: str
    title: str
    url: str
    is_done: bool
    is_now: bool


@dataclass(frozen=True)
class BoundStep:
    """One page of the form. `problems` are shown only where the page was already sent once (`tried`)."""

    form: "BoundForm"
    definition: StepDef
    number: int
    tried: bool

    @property
    def key(self) -> str:
        """Key of the step, as it stands in addresses."""
        return self.definition.key

    @property
    def title(self) -> str:
        """Heading of the page."""
        return self.definition.title

    @property
    def total(self) -> int:
        """How many pages there are, the last check of all answers included."""
        return len(self.form.definition.steps) + 1

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything on this page that is not right yet."""
        return self.form.outcome.of_step(self.key)

    @property
    def errors(self) -> tuple[ErrorLine, ...]:
        """The error summary in the order of the page; empty while the page was not sent."""
        if not self.tried:
            return ()
        return tuple(ErrorLine(self.form.anchor(one.path), one.message) for one in self.problems)

    @property
    def title_prefix(self) -> str:
        """What the title of the page begins with: the number of errors."""
        count = len(self.errors)
        return (
            ngettext("有 %(count)d 处需要修改：", "有 %(count)d 处需要修改：", count) % {"count": count}
            if count
            else ""
        )

    @property
    def before(self) -> StepMark | None:
        """The page before this one."""
        return self.form.marks(self.key)[self.number - 2] if self.number > 1 else None

    @property
    def after(self) -> str:
        """Key of the page after this one."""
        keys = [step.key for step in self.form.definition.steps]
        return keys[self.number] if self.number < len(keys) else REVIEW

    @property
    def marks(self) -> tuple[StepMark, ...]:
        """The progress bar."""
        return self.form.marks(self.key)

    @property
    def seen(self) -> str:
        """Values typed on other pages that conditions here read, for the browser."""
        return seen_json(self.definition, self.form.outcome.seen)

    @property
    def has_files(self) -> bool:
        """Whether the page takes files (the form must be multipart)."""
        return any(one.kind == "files" for one in self.definition.fields())

    @cached_property
    def groups(self) -> tuple[BoundGroup, ...]:
        """Groups to draw; those another page has ruled out are left out."""
        return tuple(self._group(one) for one in self.definition.groups if self._stands(one.key, one.when))

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of values typed on this page."""
        return names_on(self.definition)

    def _stands(self, path: str, when: Expression | None) -> bool:
        """Whether to draw: visible, or decided on this page (the browser hides it, without script it stays)."""
        decided_here = when is not None and bool(when.names & self.names)
        return decided_here or path not in self.form.outcome.hidden

    def _group(self, group: GroupDef) -> BoundGroup:
        names, errors = self.names, self._messages(group.key)
        if group.rows:
            return BoundGroup(group, (), self._rows(group), errors, self._blank(group), names)
        outcome = self.form.outcome
        kept = [one for one in group.fields if group.key in outcome.hidden or self._stands(one.key, one.when)]
        fields = tuple(self._field(one, one.key, self.form.raw.get(one.key)) for one in kept)
        return BoundGroup(group, fields, (), errors, None, names)

    def _messages(self, path: str) -> tuple[str, ...]:
        return tuple(one.message for one in self.problems if one.path == path) if self.tried else ()

    def _field(self, one: FieldDef, path: str, raw: Json) -> BoundField:
        outcome, context = self.form.outcome, self.form.context
        return BoundField(
            definition=one,
            path=path,
            raw=self._raw(one, path, raw),
            context=context,
            errors=self._messages(path),
            is_required=path in outcome.required or self._undecided(one, path),
            is_exempt=is_exempt(one, dict(outcome.seen)),
            names_here=self.names,
        )

    def _raw(self, one: FieldDef, path: str, raw: Json) -> Json:
        if path != one.key:
            return raw
        if one.kind == "computed":
            return self.form.outcome.values.get(one.key)
        return typed(one, raw, self.form.context)

    def _undecided(self, one: FieldDef, path: str) -> bool:
        """A question that is hidden, or stands in a blank row, is due as soon as it is asked."""
        is_open = path in self.form.outcome.hidden or path != one.key
        return is_open and not one.optional and one.required_when is None

    def _rows(self, group: GroupDef) -> tuple[BoundRow, ...]:
        rows = group.rows
        filled = rows_with_prefill(group, as_rows(self.form.raw.get(group.key)), self.form.context)
        if rows and not rows.fixed and len(filled) < max(rows.fewest, 1):
            filled = filled + [{} for _n in range(max(rows.fewest, 1) - len(filled))]
        return tuple(self._row(group, number, row) for number, row in enumerate(filled))

    def _row(self, group: GroupDef, number: int | str, row: Raw) -> BoundRow:
        rows = group.rows
        fields = tuple(self._field(one, f"{group.key}-{number}-{one.key}", row.get(one.key)) for one in group.fields)
        count = number + 1 if isinstance(number, int) else BLANK
        title = f"{rows.noun} {count}" if rows else ""
        removal = f"{group.key}-{number}" if rows and not rows.fixed else ""
        return BoundRow(number, title, fields, removal)

    def _blank(self, group: GroupDef) -> BoundRow | None:
        return self._row(group, BLANK, {}) if group.rows and not group.rows.fixed else None


@dataclass(frozen=True)
class BoundForm:
    """A form with what was typed, judged once.

    `tried` are the steps sent so far, `urls` gives a step its address, `revision` is that of the draft, `window`
    stands for the browser window (pass on the `_window` that was posted when a page is drawn again).
    """

    definition: FormDef
    raw: Raw
    context: Context
    tried: frozenset[str] = frozenset()
    urls: Callable[[str], str] = field(default=lambda key: f"#{key}")
    revision: int = 0
    window: str = field(default_factory=lambda: secrets.token_urlsafe(9))

    @cached_property
    def outcome(self) -> Outcome:
        """The judgement of everything typed."""
        return judge(self.definition, self.raw, self.context)

    def step(self, key: str) -> BoundStep:
        """One page. Raises KeyError for a key the form does not have."""
        number = next((n for n, one in enumerate(self.definition.steps, 1) if one.key == key), 0)
        return BoundStep(self, self.definition.step(key), number, key in self.tried)

    @property
    def steps(self) -> tuple[BoundStep, ...]:
        """Every page."""
        return tuple(self.step(one.key) for one in self.definition.steps)

    @property
    def is_complete(self) -> bool:
        """Whether it could be handed in."""
        return not self.outcome.problems

    @property
    def first_unfinished(self) -> str:
        """The first page with something left to do; the review when there is none."""
        return next((one.key for one in self.steps if one.problems), REVIEW)

    def marks(self, now: str) -> tuple[StepMark, ...]:
        """The progress bar as seen from page `now` (a step or `review`)."""
        wrong = {one.step for one in self.outcome.problems}
        marks = [
            StepMark(one.key, one.short, self.urls(one.key), one.key in self.tried - wrong, one.key == now)
            for one in self.definition.steps
        ]
        return (*marks, StepMark(REVIEW, _("核对并提交"), self.urls(REVIEW), False, now == REVIEW))

    def anchor(self, path: str) -> str:
        """Id of the input that an error link goes to."""
        one = self.definition.single_fields().get(path)
        if one is None or one.kind not in PARTS:
            return html_id(path)
        first = {"division": "township", "person_id": "number", "point": "lon"}[one.kind]
        return f"{html_id(path)}-{first}"

    @property
    def answers(self) -> tuple[AnswerBlock, ...]:
        """Everything answered, step by step, to be checked before handing in."""
        return answer_blocks(self.outcome)

    @property
    def answer_pages(self) -> tuple[tuple[AnswerBlock, str, int], ...]:
        """Answers with the address for changing them and the number of problems left."""
        counts: Mapping[str, int] = {one.key: len(one.problems) for one in self.steps}
        return tuple((block, self.urls(block.step), counts[block.step]) for block in self.answers)
