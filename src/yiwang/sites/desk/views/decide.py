"""Everything that changes a case from the desk: each POST calls exactly one kernel action."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yiwang.kernel.base.refusals import InvalidInput, NotFound, NotPermitted, Refusal, StaleState
from yiwang.kernel.cases.actions import decisions, life, signers, withdrawing
from yiwang.kernel.cases.findings import values_of
from yiwang.kernel.cases.queries import case_for
from yiwang.kernel.cases.rules import CORRECT, REFUSE
from yiwang.kernel.cases.types import offer_of
from yiwang.kernel.clock.services import PauseOrder
from yiwang.kernel.files.queries import of_subject
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.desk.forms import Typed, number_of, typed_of
from yiwang.sites.desk.queries.corrections import check_list, correction_items
from yiwang.sites.desk.views.case import show
from yiwang.sites.desk.views.shell import Answer, back, staff
from yiwang.ui.acting import acting
from yiwang.ui.refusals import note_refusal

Asking = WorkItem.Asking
Act = Callable[[HttpRequest, WorkItem, Typed], str]


def _posted(act: Act, *, repeats: bool = True) -> Callable[..., Answer]:
    """A view that reads what was typed, calls `act`, and on a refusal shows the same page with everything kept.

    With `repeats` a step that the same person has just done is answered with its result.
    """

    @require_POST
    @staff
    def view(request: HttpRequest, item: int) -> HttpResponse:
        row, typed = _row(item), typed_of(request)
        try:
            said = act(request, row, typed)
        except Refusal as refusal:
            return _refused(request, row, typed, refusal, repeats=repeats)
        messages.success(request, said)
        request.session["desk.taken"] = str(item)
        return HttpResponseRedirect(_next(request, row))

    return view


def _row(item: int) -> WorkItem:
    found = WorkItem.objects.filter(pk=item).first()
    if found is None:
        raise NotFound()
    return found


def _refused(
    request: HttpRequest, row: WorkItem, typed: Typed, refusal: Refusal, *, repeats: bool = True
) -> HttpResponse:
    if repeats and isinstance(refusal, StaleState) and _was_mine(request, row):
        messages.info(request, _("这一步您已经提交过了，没有重复办理。"))
        return HttpResponseRedirect(reverse("desk:case", args=[row.subject_id]))
    note_refusal(request, refusal)
    if isinstance(refusal, NotFound | NotPermitted) and not _may_see(request, row):
        raise refusal
    return show(request, row.subject_id, row.pk, typed=typed, refusal=refusal)


def _was_mine(request: HttpRequest, row: WorkItem) -> bool:
    """Whether the same person finished the step a moment ago: a double click, or the back button."""
    now = WorkItem.objects.filter(pk=row.pk).first()
    done = now is not None and now.state == WorkItem.State.DONE
    return done and now is not None and now.person == acting(request).person and now.person is not None


def _may_see(request: HttpRequest, row: WorkItem) -> bool:
    from_list = acting(request)
    return any(held.post == row.post for held in from_list.posts) or row.person == from_list.person


def _next(request: HttpRequest, row: WorkItem) -> str:
    return reverse("desk:case", args=[row.subject_id])


def _decide(request: HttpRequest, row: WorkItem, typed: Typed) -> str:
    items = _corrections(request, row, typed) if typed.move == CORRECT else ()
    decision = decisions.Decision(
        move=typed.move,
        opinion=typed.opinion.strip() or (_("请按所列各项一次补正。") if items else ""),
        corrections=items,
        ground=typed.ground,
        other_authority=_authority(typed),
        signers=typed.signers,
    )
    actor = acting(request).acting_in(row.post or 0)
    decisions.decide_step(actor=actor, case=row.subject_id, item=row.pk, decision=decision)
    return _("%(step)s：已提交。") % {"step": row.label}


def _corrections(request: HttpRequest, row: WorkItem, typed: Typed) -> tuple[str, ...]:
    actor = acting(request)
    case = case_for(actor, row.subject_id)
    offer = offer_of(case.version_id)
    present = set(of_subject(actor, case.pk).values_list("slot", flat=True))
    seen = values_of(offer, case.pk, case.unit_id)
    return correction_items(check_list(offer.form, seen, present, typed.said).lines, typed.corrections)


def _authority(typed: Typed) -> str:
    if typed.move == REFUSE and typed.ground == "not_ours" and not typed.authority:
        message = _("不属于本机关职权的，要告知向哪个机关申请")
        raise InvalidInput(message, rule=_("行政许可法第三十二条第二项"), field="authority")
    return typed.authority


def _return(request: HttpRequest, row: WorkItem, typed: Typed) -> str:
    actor = acting(request).acting_in(row.post or 0)
    decisions.return_step(actor=actor, case=row.subject_id, item=row.pk, target=typed.target, opinion=typed.opinion)
    return _("已退回。")


def _transfer(request: HttpRequest, row: WorkItem, typed: Typed) -> str:
    actor = acting(request).acting_in(row.post or 0)
    decisions.transfer_item(actor=actor, case=row.subject_id, item=row.pk, person=typed.person, reason=typed.opinion)
    return _("已转办。")


def _ask(request: HttpRequest, row: WorkItem, typed: Typed) -> str:
    signers.ask_opinion(
        actor=acting(request).acting_in(row.post or 0),
        case=row.subject_id,
        item=row.pk,
        persons=typed.persons,
        manner=Asking.BESIDE if typed.manner == "beside" else Asking.BEFORE,
        question=typed.opinion,
    )
    return _("已发出征求意见。")


def _opinion(request: HttpRequest, row: WorkItem, typed: Typed) -> str:
    actor = acting(request).acting_in(row.post or 0)
    signers.give_opinion(actor=actor, case=row.subject_id, item=row.pk, opinion=typed.opinion)
    return _("意见已提交，由经办人办理。")


def _take_back(request: HttpRequest, row: WorkItem, typed: Typed) -> str:
    signers.take_back_question(actor=acting(request), case=row.subject_id, item=row.pk)
    return _("已收回加签。")


def _withdraw(request: HttpRequest, row: WorkItem, typed: Typed) -> str:
    actor = acting(request).acting_in(row.post or 0)
    withdrawing.withdraw_step(actor=actor, case=row.subject_id, item=row.pk, reason=typed.opinion)
    return _("已撤回，%(step)s又由您办理。") % {"step": row.label}


def _suspend(request: HttpRequest, row: WorkItem, typed: Typed) -> str:
    order = PauseOrder(typed.kind, typed.opinion.strip()[:200], typed.notice)
    life.suspend_case(actor=acting(request).acting_in(row.post or 0), case=row.subject_id, order=order)
    return _("已中止，期限停止计算。")


def _resume(request: HttpRequest, row: WorkItem, typed: Typed) -> str:
    life.resume_case(actor=acting(request).acting_in(row.post or 0), case=row.subject_id)
    return _("已恢复，期限接着计算。")


def _extend(request: HttpRequest, row: WorkItem, typed: Typed) -> str:
    life.extend_case(actor=acting(request).acting_in(row.post or 0), case=row.subject_id, reason=typed.opinion)
    return _("已延长期限，会告知申请人。")


decide = _posted(_decide)
send_back = _posted(_return)
transfer = _posted(_transfer)
ask = _posted(_ask)
opinion = _posted(_opinion)
take_back = _posted(_take_back)
withdraw = _posted(_withdraw, repeats=False)
suspend = _posted(_suspend)
resume = _posted(_resume)
extend = _posted(_extend)


@require_POST
@staff
def judge(request: HttpRequest, case: int) -> HttpResponse:
    """Answer one finding that a rule leaves to a person."""
    post, item = request.POST, number_of(request.POST.get("item", ""))
    try:
        decisions.judge_finding(
            actor=acting(request),
            case=case,
            check=post.get("check", "")[:60],
            answer=post.get("answer", "")[:40],
            reason=post.get("reason", "")[:1000],
        )
    except Refusal as refusal:
        note_refusal(request, refusal)
        return show(request, case, item, refusal=refusal)
    address = reverse("desk:item", args=[item]) if item else reverse("desk:case", args=[case])
    return HttpResponseRedirect(f"{address}#findings")


@require_POST
@staff
def read(request: HttpRequest, item: int) -> HttpResponse:
    """Note that the step was looked at; the page asks for it by itself, without script a button does."""
    row = _row(item)
    life.read_item(actor=acting(request), case=row.subject_id, item=item)
    return HttpResponse(status=204) if request.headers.get("HX-Request") else back(request, reverse("desk:worklist"))
