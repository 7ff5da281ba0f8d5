"""Task forms: the field check of two officers and whatever else a step asks for, in pages that work on a phone."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.kernel.base.refusals import NotFound, Refusal
from yiwang.kernel.cases.actions.decisions import Decision, decide_step
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.queries import Step, case_for, open_steps
from yiwang.kernel.cases.refusals import NotYourItem
from yiwang.kernel.cases.types import offer_of
from yiwang.kernel.forms.actions import begin_draft, discard_draft
from yiwang.kernel.forms.bound import REVIEW
from yiwang.kernel.forms.definition import FormDef
from yiwang.kernel.forms.queries import draft_of, drafts_of
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.refusals import ItemNotOpen
from yiwang.sites.desk.views.filling import Filling, bound_of, page, send
from yiwang.sites.desk.views.shell import staff
from yiwang.ui.acting import acting
from yiwang.ui.refusals import note_refusal


def _step(request: HttpRequest, item: int) -> tuple[Case, Step, FormDef]:
    row = WorkItem.objects.filter(pk=item).only("subject_id").first()
    if row is None:
        raise NotFound()
    actor = acting(request)
    case = case_for(actor, row.subject_id)
    step = next((one for one in open_steps(actor, case) if one.item.pk == item), None)
    if step is None:
        raise ItemNotOpen()
    if not step.is_mine or not step.task.form:
        raise NotYourItem()
    return case, step, offer_of(case.version_id).task_forms[step.task.form]


def purpose_of(item: int) -> str:
    """What the draft of a task form is kept for."""
    return f"desk.item:{item}"


@require_POST
@staff
def begin(request: HttpRequest, item: int) -> HttpResponse:
    """Begin the form of a step, or go on with the draft there is."""
    actor = acting(request)
    _case, _held, form = _step(request, item)
    draft = drafts_of(actor).filter(purpose=purpose_of(item)).first()
    if draft is None:
        draft = begin_draft(actor=actor, form=form, purpose=purpose_of(item))
    return HttpResponseRedirect(reverse("desk:task_step", args=[item, draft.token, draft.step or form.steps[0].key]))


def _filling(request: HttpRequest, item: int, token: str) -> Filling:
    actor = acting(request)
    case, step, form = _step(request, item)
    return Filling(
        actor=actor,
        form=form,
        draft=draft_of(actor, token),
        unit=case.unit_id,
        root=(case.unit.division_id or "")[:6],
        title=f"{step.node.label}　{case.title}",
        home=reverse("desk:item", args=[item]),
        address=lambda key: reverse("desk:task_step", args=[item, token, key]),
        prefill={},
        extra={"case": case, "moves": step.moves, "submit": form.submit},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def step(request: HttpRequest, item: int, token: str, step: str) -> HttpResponse:
    """One page of the form; the last page shows everything and hands it in."""
    filling = _filling(request, item, token)
    if step != REVIEW and all(step != one.key for one in filling.form.steps):
        raise NotFound()
    if request.method != "POST":
        return page(request, filling, step)
    return _hand_in(request, filling, item) if step == REVIEW else send(request, filling, step)


def _hand_in(request: HttpRequest, filling: Filling, item: int) -> HttpResponse:
    bound = bound_of(filling)
    if not bound.is_complete:
        return HttpResponseRedirect(filling.address(bound.first_unfinished))
    row = WorkItem.objects.get(pk=item)
    decision = Decision(
        move=request.POST.get("move", "")[:40],
        opinion=request.POST.get("opinion", "")[:4001],
        answers=bound.outcome,
        draft=filling.draft.token,
    )
    try:
        decide_step(actor=filling.actor.acting_in(row.post or 0), case=row.subject_id, item=item, decision=decision)
    except Refusal as refusal:
        note_refusal(request, refusal)
        return page(request, filling, REVIEW, refusal)
    discard_draft(actor=filling.actor, token=filling.draft.token)
    messages.success(request, _("%(title)s：已提交。") % {"title": filling.form.title})
    return HttpResponseRedirect(reverse("desk:case", args=[row.subject_id]))
