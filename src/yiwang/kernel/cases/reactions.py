"""What follows a case's entries after the commit: the applicant is told, letters are drawn, words indexed."""

from django.utils.translation import gettext as _

from yiwang.kernel.cases.actions.following import note_quota_request, tell_party
from yiwang.kernel.cases.actions.handover import plan_hand_over
from yiwang.kernel.cases.actions.life import follow_clock
from yiwang.kernel.cases.documents import documents_of
from yiwang.kernel.cases.drawing import LETTER, draw_letter
from yiwang.kernel.cases.findings import quota_ask
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.papers import LETTERS
from yiwang.kernel.cases.types import offer_of
from yiwang.kernel.jobs.registry import SLOW
from yiwang.kernel.ledger import reactions
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.search import sources
from yiwang.kernel.search.reactions import follow

TELL = "cases.tell_applicant"
INDEX, QUOTA, DUE = "cases.index_words", "cases.note_quota", "cases.take_over_due"
HAND_OVER = "cases.plan_hand_over"


def tell_applicant(entry: Entry) -> None:
    """Leave the applicant a message in plain words about what happened to his case."""
    case = Case.objects.get(pk=entry.subject_id)
    tell_party(actor=SYSTEM, case=case, cause=entry, words=words_for(entry))


def note_quota(entry: Entry) -> None:
    """Show on the board of quotas what an accepted case asks for, and take it off when the case ends."""
    case = Case.objects.select_related("subject").get(pk=entry.subject_id)
    ask = quota_ask(offer_of(case.version_id), case.pk, case.unit_id) if case.is_open else None
    note_quota_request(actor=SYSTEM, case=case, ask=ask)


def take_over_due(entry: Entry) -> None:
    """Let a case follow a clock that was counted anew."""
    if Case.objects.filter(pk=entry.subject_id).exists():
        follow_clock(actor=SYSTEM, case=entry.subject_id)


def hand_over_work(entry: Entry) -> None:
    """Let what is open in the name of somebody who leaves a post go over on the day after his last."""
    plan_hand_over(actor=SYSTEM, holding=int(entry.facts["holding"]))


def words_for(entry: Entry) -> tuple[str, str]:
    """Title and sentence for an entry."""
    result = str(entry.facts.get("result", ""))
    words = {
        "case.opened": (_("申请已收到"), _("申请已经提交，五个工作日内告诉您收不收。")),
        "case.accepted": (_("申请已受理"), _("申请已经受理，办理期限从受理的第二天算起。")),
        "case.corrections_requested": (_("需要补正"), _("材料要补正，请打开补正告知书，一次补齐。")),
        "case.suspended": (_("已中止办理"), _("因法律规定的情形停止计算期限，恢复后会告诉您。")),
        "case.resumed": (_("已恢复办理"), _("办理已经恢复。")),
        "case.extended": (_("办理期限已延长"), _("经机关负责人批准，期限延长一次，理由见告知书。")),
    }
    closed = {
        "granted": (_("已办结"), _("准予许可，证照已经发给您。")),
        "denied": (_("不予许可"), _("决定书里写明了理由和救济办法。")),
        "refused": (_("不予受理"), _("决定书里写明了理由和应当找的机关。")),
        "withdrawn": (_("申请已撤回"), _("申请已按您的要求撤回。")),
    }
    if entry.verb == "case.closed":
        return closed.get(result, (_("已办结"), _("这件事已经办结。")))
    return words.get(entry.verb, (_("办件有新进展"), _("打开办件看详情。")))


def register() -> None:
    """Make the reactions known."""
    verbs = ("opened", "accepted", "corrections_requested", "suspended", "resumed", "extended", "closed")
    reactions.register(TELL, [f"case.{verb}" for verb in verbs], tell_applicant)
    sources.register("case", documents_of)
    reactions.register(INDEX, ["case.opened", "case.supplemented", "case.step_decided"], follow)
    reactions.register(QUOTA, ["case.accepted", "case.closed"], note_quota)
    reactions.register(DUE, ["clock.moved"], take_over_due)
    reactions.register(HAND_OVER, ["holding.ended"], hand_over_work)
    reactions.register(LETTER, LETTERS, draw_letter, once=False, queue=SLOW)
