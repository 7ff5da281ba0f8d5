"""Answering the one notice of corrections 补正: what was asked, and the form as it was handed in."""

from collections.abc import Mapping
from dataclasses import dataclass

from yiwang.kernel.cases.models import Case, Notice
from yiwang.kernel.cases.queries import notices_of
from yiwang.kernel.cases.rules import SUPPLEMENT
from yiwang.kernel.cases.types import Offer, offer_of
from yiwang.kernel.forms.definition import Json, Raw
from yiwang.kernel.forms.queries import evidence_of, opened
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.hall.queries.filling import own_case_row
from yiwang.sites.hall.refusals import NothingToCorrectNow


@dataclass(frozen=True)
class Corrections:
    """The notice and the step that waits for the applicant."""

    case: Case
    offer: Offer
    item: int
    notice: Notice | None

    @property
    def items(self) -> tuple[str, ...]:
        """Everything that has to be put right."""
        found = self.notice.body.get("items", []) if self.notice else []
        return tuple(str(item) for item in found)

    @property
    def words(self) -> str:
        """What the clerk wrote beside it."""
        return str(self.notice.body.get("words", "")) if self.notice else ""


def corrections_of(actor: Actor, case: int) -> Corrections:
    """What the applicant has to correct. Raises NotFound, NothingToCorrectNow."""
    found = own_case_row(actor, case)
    offer = offer_of(found.version_id)
    steps = [node.id for node in offer.graph.nodes.values() if node.task and node.task.act == SUPPLEMENT]
    item = WorkItem.objects.filter(subject=case, node__in=steps, state=WorkItem.State.OPEN).first()
    if item is None:
        raise NothingToCorrectNow()
    notice = notices_of(case).filter(kind=Notice.Type.CORRECTIONS).last()
    return Corrections(found, offer, item.pk, notice)


def typed_again(case: int, form_key: str) -> Raw:
    """The answers handed in last, as they would be typed."""
    latest = evidence_of(case, form_key).first()
    values = opened(latest).values if latest else {}
    return {key: as_typed(value) for key, value in values.items()}


def as_typed(value: Json) -> Json:
    """A cleaned value as the page would have sent it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping) and "text" in value and "code" in value:
        return str(value["code"] or value["text"])
    if isinstance(value, Mapping):
        return {key: as_typed(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_typed(part) for part in value]
    return value
