"""Tags that draw bound forms: progress, error summary, one step, answers to check, a form read back."""

from collections.abc import Iterable
from typing import TypedDict

from django import template

from yiwang.kernel.forms.bound import BoundForm, BoundGroup, BoundStep, ErrorLine, StepMark
from yiwang.kernel.forms.bound_field import BoundField
from yiwang.kernel.forms.queries import Change, Contents

register = template.Library()


class Progress(TypedDict):
    """Where the reader is."""

    form: BoundForm
    marks: tuple[StepMark, ...]
    number: int
    total: int


class StepPage(TypedDict):
    """One page and what its script needs."""

    step: BoundStep
    autosave: str


class Reading(TypedDict):
    """A form read back; `full` shows personal data unmasked."""

    contents: Contents
    full: bool


@register.inclusion_tag("forms/progress.html")
def form_progress(form: BoundForm, now: str = "review") -> Progress:
    """The progress bar as seen from step `now`: `{% form_progress bound_form bound_step.key %}`."""
    marks = form.marks(now)
    number = next((n for n, mark in enumerate(marks, 1) if mark.is_now), len(marks))
    return {"form": form, "marks": marks, "number": number, "total": len(marks)}


@register.inclusion_tag("forms/error_summary.html")
def error_summary(errors: Iterable[ErrorLine]) -> dict[str, tuple[ErrorLine, ...]]:
    """What has to be put right, each a link to its input: `{% error_summary bound_step.errors %}`; nothing for none."""
    return {"errors": tuple(errors)}


@register.inclusion_tag("forms/step.html")
def form_step(step: BoundStep, autosave: str = "") -> StepPage:
    """All questions of a page; stands inside the page's own `<form method="post" novalidate>` with its CSRF token.

    `autosave` is the address the script posts the page to while it is being filled in.
    """
    return {"step": step, "autosave": autosave}


@register.inclusion_tag("forms/actions.html")
def form_actions(step: BoundStep, save: str = "") -> dict[str, object]:
    """The two buttons under a page, `_next` and `_later`, and the line that says what was saved."""
    return {"step": step, "save": save}


@register.inclusion_tag("forms/group.html")
def form_group(group: BoundGroup, first: bool = False) -> dict[str, object]:
    """One group of questions; the first on a page has no line above it."""
    return {"group": group, "first": first}


@register.inclusion_tag("forms/field.html")
def form_field(field: BoundField) -> dict[str, BoundField]:
    """One question: label, hint, error, input, in this order."""
    return {"field": field}


@register.inclusion_tag("forms/answers.html")
def check_answers(form: BoundForm) -> dict[str, BoundForm]:
    """Everything answered, step by step, with a link to change each step."""
    return {"form": form}


@register.inclusion_tag("forms/summary.html")
def form_summary(contents: Contents, full: bool = False) -> Reading:
    """A form as it was handed in; personal data masked unless `full`."""
    return {"contents": contents, "full": full}


@register.inclusion_tag("forms/changes.html")
def form_changes(changes: Iterable[Change]) -> dict[str, tuple[Change, ...]]:
    """What a correction changed."""
    return {"changes": tuple(changes)}
