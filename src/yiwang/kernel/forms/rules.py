"""Judging a filled form: what is hidden, what is wrong, what was answered. Plain values in, plain values out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from django.utils.translation import gettext as _

from yiwang.kernel.base.expressions import Expression
from yiwang.kernel.forms.context import Context
from yiwang.kernel.forms.definition import CheckDef, FieldDef, FormDef, GroupDef, Json, Raw, names_of
from yiwang.kernel.forms.figures import plain
from yiwang.kernel.forms.kinds import clean, seen_as, show
from yiwang.kernel.forms.shapes import as_rows, is_blank, is_blank_row, typed
from yiwang.kernel.forms.words import Wrong

Seen = dict[str, object]
PLACE = re.compile(r"\{([a-z0-9_]+)\}")
QUESTION = re.compile("[吗哪谁什怎么几多]|有没有|是不是|占不占|还是")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to put right: which input of which step, in plain words, and the article where one says so."""

    path: str
    step: str
    message: str
    law: str = ""


@dataclass(frozen=True, slots=True)
class ListedFact:
    """An answer the definition marks `listed`, as it goes into the table of facts."""

    field: str
    column: Literal["text", "number", "date"]
    value: str | Decimal | date


@dataclass(frozen=True)
class Outcome:
    """The judgement of one form.

    `values` holds cleaned answers of visible fields only (JSON, decimals as text); `hidden` and `required` name
    fields by path and groups by key; `seen` is what expressions saw; form and context are those it was judged by.
    """

    form: FormDef
    context: Context
    values: dict[str, Json]
    problems: tuple[Problem, ...]
    hidden: frozenset[str]
    required: frozenset[str]
    seen: Mapping[str, object]

    def of_step(self, step: str) -> tuple[Problem, ...]:
        """Problems of one step."""
        return tuple(one for one in self.problems if one.step == step)


def judge(form: FormDef, raw: Raw, context: Context) -> Outcome:
    """Check every field of every step; hidden fields are dropped, whatever was sent for them."""
    work = _Work(form, context, _outside(form, context))
    for step, group in form.groups():
        work.step = step.key
        work.group(group, raw)
    for check in form.checks:
        work.check(check)
    hidden, required = frozenset(work.hidden), frozenset(work.required)
    return Outcome(form, context, work.values, _in_page_order(form, work.problems), hidden, required, work.seen)


def _in_page_order(form: FormDef, problems: list[Problem]) -> tuple[Problem, ...]:
    keys = [key for _step, group in form.groups() for key in (group.key, *(one.key for one in group.fields))]
    place = {key: number for number, key in enumerate(keys)}
    return tuple(sorted(problems, key=lambda one: place[one.path.partition("-")[0]]))


def _outside(form: FormDef, context: Context) -> Seen:
    seen: Seen = {key: context.parameter(form, key) for key in form.parameters}
    return seen | {"today": context.today.isoformat()}


def holds(expression: Expression | None, seen: Seen, default: bool = True) -> bool:
    """Whether a condition is met; without a condition the default."""
    return expression.holds(seen) if expression else default


def computed(one: FieldDef, seen: Seen) -> Json:
    """The value of a computed field, rounded half up to its places; None while it cannot be known."""
    value = one.value.evaluate(seen) if one.value else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return plain(Decimal(value).quantize(Decimal(1).scaleb(-one.bounds.places), ROUND_HALF_UP))


def is_required(one: FieldDef, seen: Seen) -> bool:
    """Whether an answer is due; a slot with an exemption in force asks for nothing (在线政务服务若干规定 art. 7)."""
    if one.slot and is_exempt(one, seen):
        return False
    return not one.optional and holds(one.required_when, seen)


def is_exempt(one: FieldDef, seen: Seen) -> bool:
    """Whether a material need not be handed in because the office has it."""
    return bool(one.slot and one.slot.exempt and holds(one.slot.exempt_when, seen))


@dataclass
class _Work:
    form: FormDef
    context: Context
    seen: Seen
    step: str = ""
    values: dict[str, Json] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)

    def group(self, group: GroupDef, raw: Raw) -> None:
        visible = holds(group.when, self.seen)
        if not visible:
            self.hidden.add(group.key)
        if group.rows:
            self.rows(group, raw, visible)
            return
        for one in group.fields:
            given = typed(one, raw.get(one.key), self.context)
            value = self.answer(one, one.key, given, self.seen) if visible else self.hide(one, one.key)
            self.seen |= seen_as(one, value)
            if value is not None:
                self.values[one.key] = value

    def hide(self, one: FieldDef, path: str) -> Json:
        self.hidden.add(path)
        return None

    def answer(self, one: FieldDef, path: str, raw: Json, seen: Seen) -> Json:
        if not holds(one.when, seen):
            return self.hide(one, path)
        if one.kind == "computed":
            return computed(one, seen)
        needed = is_required(one, seen)
        if needed:
            self.required.add(path)
        if is_blank(one, raw):
            self.ask(one, path, needed)
            return None
        return self.cleaned(one, path, raw)

    def ask(self, one: FieldDef, path: str, needed: bool) -> None:
        if needed and not one.readonly:
            self.problem(path, missing_message(one), one.law)

    def cleaned(self, one: FieldDef, path: str, raw: Json) -> Json:
        try:
            return clean(one, raw, self.context)
        except Wrong as wrong:
            self.problem(path, str(wrong), one.law)
            return None

    def problem(self, path: str, message: str, law: str = "") -> None:
        self.problems.append(Problem(path, self.step, message, law))

    def rows(self, group: GroupDef, raw: Raw, visible: bool) -> None:
        rows = self.filled_rows(group, raw) if visible else []
        answers = [self.row(group, number, row) for number, row in rows]
        self.count(group, len(answers), visible)
        self.repeats(group, [number for number, _row in rows], answers)
        for one in group.fields:
            column = tuple(seen_as(one, answer.get(one.key))[name] for answer in answers for name in names_of(one))
            self.seen[one.key] = column if visible else None
        self.seen[group.key] = len(answers) if visible else None
        if answers:
            self.values[group.key] = [dict(answer) for answer in answers]

    def filled_rows(self, group: GroupDef, raw: Raw) -> list[tuple[int, Raw]]:
        rows = rows_with_prefill(group, as_rows(raw.get(group.key)), self.context)
        fixed = bool(group.rows and group.rows.fixed)
        most = group.rows.most if group.rows else 0
        kept = [(number, row) for number, row in enumerate(rows) if fixed or not is_blank_row(group.fields, row)]
        if len(kept) > most:
            self.problem(group.key, _("{title}最多 {most} 行").format(title=group.title, most=most))
        return kept[:most]

    def row(self, group: GroupDef, number: int, row: Raw) -> dict[str, Json]:
        seen: Seen = dict(self.seen)
        found: dict[str, Json] = {}
        for one in group.fields:
            path = f"{group.key}-{number}-{one.key}"
            value = self.answer(one, path, row.get(one.key), seen)
            seen |= seen_as(one, value)
            if value is not None:
                found[one.key] = value
        return found

    def count(self, group: GroupDef, count: int, visible: bool) -> None:
        fewest = group.rows.fewest if group.rows and not group.rows.fixed else 0
        if visible and count < fewest:
            message = _("{title}至少填 {least} 行").format(title=group.title, least=fewest)
            self.problem(group.key, message)

    def repeats(self, group: GroupDef, numbers: list[int], answers: list[dict[str, Json]]) -> None:
        for key in group.rows.unique if group.rows else ():
            one = next(one for one in group.fields if one.key == key)
            known: set[str] = set()
            for number, answer in zip(numbers, answers, strict=True):
                text = show(one, answer.get(key), self.context)
                if text and text in known:
                    message = _("“{text}”写了两次，请合成一行").format(text=text)
                    self.problem(f"{group.key}-{number}-{key}", message)
                known.add(text)

    def check(self, check: CheckDef) -> None:
        wrong = {one.path.partition("-")[0] for one in self.problems}
        if check.field in self.hidden or check.field in wrong or not check.fails_when.holds(self.seen):
            return
        self.step = step_of(self.form, check.field)
        message = self.filled_in(check.message)
        self.problem(check.field, f"{message}（{check.law}）" if check.law else message, check.law)

    def filled_in(self, message: str) -> str:
        fields = self.form.single_fields()

        def word(found: re.Match[str]) -> str:
            one = fields.get(found[1])
            return show(one, self.values.get(found[1]), self.context) if one else str(self.seen.get(found[1], ""))

        return PLACE.sub(word, message)


def rows_with_prefill(group: GroupDef, rows: list[Raw], context: Context) -> list[Raw]:
    """Rows as typed, with read-only columns (and the number of fixed rows) taken from the prefill."""
    known = as_rows(context.prefilled(group.prefill)) if group.prefill else []
    columns = [one for one in group.fields if one.readonly]
    if group.rows and group.rows.fixed:
        rows = [rows[number] if number < len(rows) else {} for number in range(len(known))]
    if not rows and not columns:
        return known
    return [_overlaid(row, known[n] if n < len(known) else {}, columns) for n, row in enumerate(rows)]


def _overlaid(row: Raw, known: Raw, columns: list[FieldDef]) -> Raw:
    return row | {one.key: known.get(one.prefill or one.key) for one in columns}


def initial(form: FormDef, context: Context) -> Raw:
    """What the records already know, as the first contents of a new draft."""
    found: Raw = {}
    for _step, group in form.groups():
        if group.rows and group.prefill and not group.rows.fixed:
            found[group.key] = context.prefilled(group.prefill)
        found |= {one.key: context.prefilled(one.prefill) for one in group.fields if one.prefill and not one.readonly}
    return {key: value for key, value in found.items() if value not in (None, "", [], {})}


def missing_message(one: FieldDef) -> str:
    """What to say where an answer is due."""
    label = one.bare_label
    if one.kind == "confirm":
        return _("请确认：{label}").format(label=label)
    if QUESTION.search(label):
        return _("请回答：{label}").format(label=label)
    if one.kind == "files":
        return _("请上传{label}").format(label=label)
    chooses = one.kind in ("choice", "choices", "boolean") or (one.kind == "code" and not one.other)
    return (_("请选择{label}") if chooses else _("请填写{label}")).format(label=label)


def step_of(form: FormDef, key: str) -> str:
    """The step in which a field or group stands."""
    return next(
        step.key for step, group in form.groups() if group.key == key or any(f.key == key for f in group.fields)
    )


def listed_facts(form: FormDef, values: Mapping[str, Json]) -> list[ListedFact]:
    """The answers that lists, filters and statistics may use."""
    return [fact for one in form.single_fields().values() if one.listed for fact in _facts(one, values.get(one.key))]


def _facts(one: FieldDef, value: Json) -> list[ListedFact]:
    if value is None:
        return []
    if one.kind in ("integer", "decimal", "computed"):
        return [ListedFact(one.listed, "number", Decimal(str(value)))]
    if one.kind == "date":
        return [ListedFact(one.listed, "date", date.fromisoformat(str(value)))]
    if one.kind in ("boolean", "confirm"):
        return [ListedFact(one.listed, "number", Decimal(1 if value is True else 0))]
    return [ListedFact(one.listed, "text", text) for text in _texts(value)]


def _texts(value: Json) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    if isinstance(value, dict):
        return [str(value.get("township") or value.get("code") or value.get("text", ""))]
    return [str(value)]
