"""Applying: begin a draft, fill in page by page, check, hand in, receipt. Everything works without script."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import InvalidInput, Refusal
from yiwang.kernel.cases.types import Offer, current_offer
from yiwang.kernel.forms.actions import PageSave, begin_draft, save_page
from yiwang.kernel.forms.bound import BoundForm
from yiwang.kernel.forms.posted import press, read_step, row_button
from yiwang.kernel.forms.refusals import DraftConflict, DraftNotFound
from yiwang.sites.hall import receipts, stash
from yiwang.sites.hall.forms import WhomForm
from yiwang.sites.hall.handing_in import hand_in
from yiwang.sites.hall.queries.correcting import corrections_of
from yiwang.sites.hall.queries.filling import (
    Filling,
    Purpose,
    applicant_of,
    case_of_origin,
    drafts,
    filling_of,
    is_clerk,
    known_answers,
    seen_party,
    step_url,
)
from yiwang.sites.hall.signing_in import signed_in
from yiwang.sites.hall.uploads import detach, take_files
from yiwang.ui.acting import acting

AGAIN = "again"


def by_script(request: HttpRequest) -> bool:
    """Whether the page's script asks, and wants JSON."""
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, key: str) -> HttpResponse:
    """Before the first page: what to have at hand, drafts begun earlier; POST begins a new one."""
    offer = current_offer(key)
    whom = request.POST.get("party") or request.GET.get("party") or ""
    if not whom and is_clerk(acting(request)):
        return _whom(request, offer)
    party = applicant_of(acting(request), int(whom) if whom.isdigit() else None)
    if request.method != "POST":
        context = {"offer": offer, "party": party, "whom": whom, "drafts": drafts(acting(request), key)}
        return render(request, "hall/start.html", context)
    purpose = str(Purpose(key, party.pk if whom else None))
    raw = known_answers(offer.form, party)
    draft = begin_draft(actor=acting(request), form=offer.form, purpose=purpose, raw=raw)
    return redirect("hall:step", key, draft.token, offer.form.steps[0].key)


def _whom(request: HttpRequest, offer: Offer) -> HttpResponse:
    """A clerk says first for whom he files."""
    form = WhomForm(request.POST if "id_number" in request.POST else None)
    if form.is_valid():
        party = seen_party(acting(request), form.cleaned_data["id_number"])
        if party is not None:
            return HttpResponseRedirect(f"{request.path}?party={party.pk}")
        form.add_error("id_number", _("这个证件号码还没有当面核验过，请先在窗口核验里登记"))
    return render(request, "hall/whom.html", {"offer": offer, "form": form}, status=400 if form.errors else 200)


@never_cache
@sensitive_post_parameters()
@stash.kept
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, key: str, draft: str, step: str) -> HttpResponse:
    """One page of the form."""
    filling = filling_of(acting(request), key, draft, request.POST.get("_window", "")[:40])
    if step not in {one.key for one in filling.offer.form.steps}:
        raise Http404
    if request.method != "POST":
        stashed = stash.taken(request, draft, step)
        if stashed is not None:
            return _save(request, filling, PageSave(step, stashed.raw, stashed.revision))
        return _show(request, filling, filling.form if AGAIN in request.GET else filling.untried(step), step)
    return _posted(request, filling, step)


def _posted(request: HttpRequest, filling: Filling, step: str) -> HttpResponse:
    definition = filling.offer.form.step(step)
    posted = {name: list(values) for name, values in request.POST.lists()}
    raw = read_step(definition, posted)
    button = row_button(definition, posted)
    if button is not None:
        raw |= press(raw, button)
    revision = request.POST.get("_revision", "")
    page = PageSave(step, raw, int(revision) if revision.isdigit() else 0, request.POST.get("_window", ""))
    return _save(request, filling, page, row=button.group if button else "")


def _save(request: HttpRequest, filling: Filling, page: PageSave, row: str = "") -> HttpResponse:
    actor = acting(request)
    try:
        saved = save_page(actor=actor, token=filling.draft.token, form=filling.offer.form, page=page)
    except DraftConflict as conflict:
        return _conflict(request, filling, page, conflict)
    if "_autosave" in request.POST:
        return JsonResponse({"revision": saved.revision, "time": f"{localtime(now()):%H:%M}"})
    return _after(request, filling, page, row)


def _conflict(request: HttpRequest, filling: Filling, page: PageSave, conflict: DraftConflict) -> HttpResponse:
    if by_script(request):
        raise conflict
    revision = conflict.facts.get("revision")
    form = filling.with_raw(page.raw, revision if isinstance(revision, int) else filling.draft.revision)
    return _show(request, filling, form, page.step, refusal=conflict)


def _after(request: HttpRequest, filling: Filling, page: PageSave, row: str) -> HttpResponse:
    here = step_url(filling.key, filling.draft.token, page.step)
    detached = request.POST.get("_detach", "")
    if detached.isdigit():
        detach(request, int(detached))
        return HttpResponseRedirect(here)
    refusal, anchor = take_files(request, filling)
    if refusal is not None and by_script(request):
        raise refusal
    if refusal is not None:
        return _show(request, filling, _again(request, filling), page.step, refusal=refusal, status=refusal.status)
    if anchor and by_script(request):
        return JsonResponse({"slot": anchor})
    if row or anchor:
        return HttpResponseRedirect(f"{here}#f-{row or anchor}")
    if "_later" in request.POST:
        messages.success(request, _("已经保存。下次登录后，在“我的办件”里接着填。"))
        return redirect("hall:mine")
    return _onward(request, filling, page.step)


def _again(request: HttpRequest, filling: Filling) -> BoundForm:
    return filling_of(acting(request), filling.key, filling.draft.token).form


def _onward(request: HttpRequest, filling: Filling, step: str) -> HttpResponse:
    form = _again(request, filling)
    bound = form.step(step)
    if bound.errors:
        return HttpResponseRedirect(f"{form.urls(step)}?{AGAIN}=1")
    return HttpResponseRedirect(form.urls(bound.after))


def _show(
    request: HttpRequest,
    filling: Filling,
    form: BoundForm,
    step: str,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"filling": filling, "form": form, "step": form.step(step), "refusal": refusal}
    return render(request, "hall/step.html", context, status=409 if isinstance(refusal, DraftConflict) else status)


@never_cache
@sensitive_post_parameters()
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, key: str, draft: str) -> HttpResponse:
    """Every answer once more; POST hands in. A second POST of the same draft leads to the same receipt."""
    actor = acting(request)
    try:
        filling = filling_of(actor, key, draft, own=getattr(request.user, "party", None))
    except DraftNotFound:
        done = case_of_origin(actor, draft)
        if done is None:
            raise
        return redirect("hall:receipt", done.pk)
    if request.method == "POST":
        return _hand_in(request, filling)
    return render(request, "hall/check.html", _review(request, filling))


def _hand_in(request: HttpRequest, filling: Filling) -> HttpResponse:
    if not filling.form.is_complete:
        return redirect(filling.form.urls(filling.form.first_unfinished))
    if request.POST.get("agreed") != "yes":
        refusal = InvalidInput(_("请先看过承诺，并在前面打勾"), field="agreed")
        return render(request, "hall/check.html", _review(request, filling) | {"refusal": refusal}, status=400)
    return redirect(*hand_in(request, filling))


def _review(request: HttpRequest, filling: Filling) -> dict[str, object]:
    form, case = filling.form, filling.case
    asked = corrections_of(acting(request), case.pk) if case is not None else None
    return {
        "filling": filling,
        "form": form,
        "asked": asked,
        "first_unfinished": f"{form.urls(form.first_unfinished)}?{AGAIN}=1",
    }


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD"])
def receipt(request: HttpRequest, case: int) -> HttpResponse:
    """Number, tracking code (as long as this session knows it), QR, what happens next."""
    address = request.build_absolute_uri(reverse("hall:track"))
    found = receipts.receipt_of(acting(request), case, receipts.code(request, case), address)
    return render(request, "hall/receipt.html", {"receipt": found})
