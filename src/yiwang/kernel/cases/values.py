"""What the applicant and the officers have answered, as rules and steps need it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from yiwang.kernel.forms.definition import FormDef, Json
from yiwang.kernel.forms.kinds import seen_as
from yiwang.kernel.forms.models import Evidence
from yiwang.kernel.forms.queries import Contents, evidence_of, opened
from yiwang.kernel.process.board import Plain
from yiwang.kernel.process.graph import Graph

if TYPE_CHECKING:
    from yiwang.kernel.cases.board import CaseBoard
    from yiwang.kernel.cases.types import Offer


def contents_of(subject: int) -> dict[str, Contents]:
    """The latest evidence of each form of a case, opened; one query."""
    latest: dict[str, Evidence] = {}
    for row in evidence_of(subject):
        latest.setdefault(row.form_key, row)
    return {key: opened(row) for key, row in latest.items()}


def seen(form: FormDef, values: Mapping[str, Json]) -> dict[str, object]:
    """Answers as expressions see them: decimals as numbers, compound answers by their parts."""
    found: dict[str, object] = {}
    for one in form.single_fields().values():
        found |= seen_as(one, values.get(one.key))
    return found


def declared_values(graph: Graph, seen: Mapping[str, object]) -> dict[str, Plain]:
    """Answers that the diagram declares as variables, for the conditions of its gateways."""
    found: dict[str, Plain] = {}
    for name in graph.variables:
        value = seen.get(name)
        if isinstance(value, str | bool | int | Decimal):
            found[name] = float(value) if isinstance(value, Decimal) else value
    return found


def all_values(offer: "Offer", latest: Mapping[str, Contents]) -> dict[str, object]:
    """The application, and the forms of steps as `form__field`."""
    values: dict[str, object] = {}
    for key, form in {offer.form.key: offer.form, **offer.task_forms}.items():
        if key in latest:
            prefix = "" if key == offer.form.key else f"{key}__"
            values |= {prefix + name: value for name, value in seen(form, latest[key].values).items()}
    return values


def answers_of(board: "CaseBoard") -> dict[str, object]:
    """What the applicant and the officers have answered in the case on the board, read once in an action."""
    if board.answers is None:
        latest = contents_of(board.subject.pk)
        board.answers = all_values(board.offer, latest)
        board.shown = _public(board.offer.form.key, latest)
    return board.answers


def _public(application: str, latest: Mapping[str, Contents]) -> dict[str, str]:
    """Every answer in words, masked where personal: what an entry may keep."""
    return {
        (line.key if key == application else f"{key}__{line.key}"): line.safe
        for key, contents in latest.items()
        for page in contents.pages
        for line in page.lines
    }


def first_given(values: Mapping[str, object], names: str) -> object:
    """The value of the first of the names, parted by commas, that has one: what was approved before what was asked."""
    found = (values.get(name.strip()) for name in names.split(","))
    return next((value for value in found if value not in (None, "")), None)
