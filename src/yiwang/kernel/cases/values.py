"""What the applicant and the officers have answered, as rules and steps need it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from yiwang.kernel.forms.definition import FormDef, Json
from yiwang.kernel.forms.kinds import seen_as
from yiwang.kernel.forms.models import Evidence
from yiwang.kernel.forms.queries import Contents, evidence_of, opened

if TYPE_CHECKING:
    from yiwang.kernel.cases.board import CaseBoard


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


def answers_of(board: "CaseBoard") -> dict[str, object]:
    """The application of the case on the board, read once in an action."""
    if board.answers is None:
        contents = contents_of(board.subject.pk).get(board.offer.form.key)
        board.answers = seen(board.offer.form, contents.values if contents else {})
        board.shown = _public(contents)
    return board.answers


def _public(contents: Contents | None) -> dict[str, str]:
    """Every answer in words, masked where personal: what a certificate's entry keeps."""
    if contents is None:
        return {}
    return {line.key: line.safe for page in contents.pages for line in page.lines}
