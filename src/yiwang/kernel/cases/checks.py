"""Checks by rule 规则核验: each with its article; the machine finds, a person decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from yiwang.kernel.base.expressions import Expression, ExpressionRefused, compile_expression
from yiwang.kernel.cases.rules import NAME
from yiwang.kernel.forms.yaml_marks import Section, read_definition

Value = object
OK, ASK, BAR, NONE = "ok", "ask", "bar", "none"


@dataclass(frozen=True)
class Answer:
    """How a person may judge a finding; `allows` says whether the case may be granted with it."""

    key: str
    label: str
    allows: bool


@dataclass(frozen=True)
class CheckSpec:
    """One rule: when it applies, when it holds, what to say, which article."""

    key: str
    name: str
    applies: Expression | None
    passes: Expression
    fine: str
    trouble: str
    law: str
    answers: tuple[Answer, ...]

    @property
    def asks(self) -> bool:
        """Whether a person must judge when the rule does not hold."""
        return bool(self.answers)


@dataclass(frozen=True)
class Finding:
    """What one rule found in one case."""

    key: str
    name: str
    state: str
    text: str
    law: str
    answers: tuple[Answer, ...] = ()
    answered: Answer | None = None
    reason: str = ""
    judge: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a person."""
        return self.state == ASK and self.answered is None

    @property
    def bars(self) -> bool:
        """Whether the case may not be granted as it stands."""
        return self.state == BAR or (self.answered is not None and not self.answered.allows)


@dataclass(frozen=True)
class Judged:
    """A judgement as the rules need it."""

    answer: str
    reason: str
    name: str


def parse_checks(text: str, names: frozenset[str], file: str = "checks.yaml") -> tuple[CheckSpec, ...]:
    """Read the checks of a type. Raises DefinitionRefused naming file, line and key, also for a wrong expression."""
    top = read_definition(text, file)
    found = tuple(_check(section, names) for section in top.sections("checks", most=60))
    top.done()
    return found


def _check(section: Section, names: frozenset[str]) -> CheckSpec:
    applies = section.text("applies_when", "")
    found = CheckSpec(
        key=section.name("key"),
        name=section.text("name"),
        applies=_expression(section, "applies_when", applies, names) if applies else None,
        passes=_expression(section, "passes_when", section.text("passes_when"), names),
        fine=section.text("ok"),
        trouble=section.text("bad"),
        law=section.text("law"),
        answers=tuple(_answer(inner) for inner in section.sections("answers", most=6)),
    )
    section.done()
    return found


def _expression(section: Section, key: str, text: str, names: frozenset[str]) -> Expression:
    try:
        return compile_expression(text, names)
    except ExpressionRefused as refused:
        raise section.error(key, str(refused.message), str(refused.remedy)) from refused


def _answer(section: Section) -> Answer:
    found = Answer(section.name("key"), section.text("label"), section.flag("allows"))
    section.done()
    return found


def evaluate(
    checks: tuple[CheckSpec, ...], values: Mapping[str, Value], judged: Mapping[str, Judged]
) -> tuple[Finding, ...]:
    """Every check that applies to these values, with the judgements given so far."""
    return tuple(_find(check, values, judged.get(check.key)) for check in checks if _applies(check, values))


def _applies(check: CheckSpec, values: Mapping[str, Value]) -> bool:
    return check.applies is None or bool(check.applies.evaluate(values))


def _find(check: CheckSpec, values: Mapping[str, Value], judged: Judged | None) -> Finding:
    if check.passes.evaluate(values):
        return Finding(check.key, check.name, OK, filled(check.fine, values), check.law)
    text = filled(check.trouble, values)
    if not check.asks:
        return Finding(check.key, check.name, BAR, text, check.law)
    answered = next((one for one in check.answers if judged and one.key == judged.answer), None)
    return Finding(
        check.key,
        check.name,
        ASK,
        text,
        check.law,
        check.answers,
        answered,
        judged.reason if judged and answered else "",
        judged.name if judged and answered else "",
    )


def filled(template: str, values: Mapping[str, Value]) -> str:
    """A sentence with its values put in; a value not given shows as a dash. Only plain `{name}` is understood."""
    return NAME.sub(lambda found: _text(values.get(found[1])), template)


def _text(value: Value) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, (Decimal, float)):
        return f"{Decimal(str(value)).normalize():f}"
    return str(value)
