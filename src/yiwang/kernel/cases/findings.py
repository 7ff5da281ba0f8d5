"""What the checks of a type find in one case, with the quota as it stands now."""

from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import Refusal, Text
from yiwang.kernel.cases.board import CaseBoard
from yiwang.kernel.cases.checks import Finding, Judged, evaluate
from yiwang.kernel.cases.models import Judgement
from yiwang.kernel.cases.refusals import JudgementMissing
from yiwang.kernel.cases.steps import BOOK, ask_for, draws_on_quota
from yiwang.kernel.cases.types import Offer
from yiwang.kernel.cases.values import all_values, contents_of
from yiwang.kernel.registers.bookings import Ask
from yiwang.kernel.registers.queries import quota_left


class GrantBarred(Refusal):
    """A finding forbids granting the case as it stands."""

    message: Text = "有核验项不符合，不能准予"
    remedy: Text = "请退回补正，或作不予许可决定并写明理由"


def findings_of(offer: Offer, subject: int, unit: int) -> tuple[Finding, ...]:
    """Every check that applies, evaluated on the latest evidence, with the latest judgements."""
    if not offer.checks:
        return ()
    return evaluate(offer.checks, values_of(offer, subject, unit), judged_of(subject))


def values_of(offer: Offer, subject: int, unit: int) -> dict[str, object]:
    """Values the checks see: the application, task forms as `form__field`, quota figures."""
    values = all_values(offer, contents_of(subject))
    return values | quota_values(offer, unit, values)


def quota_values(offer: Offer, unit: int, values: dict[str, object]) -> dict[str, object]:
    """Figures of the quota that the case would draw on; empty where the type has none."""
    ask = _ask(offer, unit, values)
    if ask is None:
        return {}
    left = quota_left(ask).left
    return {"quota_left": left, "quota_after": left - ask.amount}


def quota_ask(offer: Offer, subject: int, unit: int) -> Ask | None:
    """What a case asks of a quota; None when it draws on none."""
    latest = contents_of(subject)
    return _ask(offer, unit, all_values(offer, latest)) if offer.form.key in latest else None


def _ask(offer: Offer, unit: int, values: dict[str, object]) -> Ask | None:
    nodes = [node.service for node in offer.graph.nodes.values() if node.service and node.service.name == BOOK]
    if not nodes or not draws_on_quota(nodes[0].parameters, values):
        return None
    return ask_for(unit, nodes[0].parameters, values, now())


def judged_of(subject: int) -> dict[str, Judged]:
    """The latest judgement of each check."""
    rows = Judgement.objects.filter(subject=subject).order_by("pk")
    return {row.check_key: Judged(row.answer, row.reason, row.name) for row in rows}


def refuse_open_findings(board: CaseBoard, *, bars: bool) -> None:
    """Raise JudgementMissing while a finding waits for a person, GrantBarred where one forbids granting."""
    found = findings_of(board.offer, board.case.pk, board.case.unit_id)
    waiting = [finding.name for finding in found if finding.is_open]
    if waiting:
        raise JudgementMissing(facts={"checks": waiting})
    barred = next((finding for finding in found if finding.bars), None)
    if bars and barred is not None:
        raise GrantBarred(message=f"{barred.name}：{barred.text}", rule=barred.law, facts={"check": barred.key})
