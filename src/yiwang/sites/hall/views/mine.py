"""The applicant's own pages: cases, drafts, messages, corrections, withdrawal, files."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yiwang.kernel.cases.actions.life import withdraw_case
from yiwang.kernel.files.served import serve
from yiwang.kernel.forms.actions import begin_draft, discard_draft
from yiwang.kernel.notify.actions import read_messages
from yiwang.sites.hall.queries.correcting import corrections_of, typed_again
from yiwang.sites.hall.queries.filling import Purpose, own_case_row
from yiwang.sites.hall.queries.mine import mine_of, own_case, readable_file
from yiwang.sites.hall.signing_in import signed_in
from yiwang.ui.acting import acting


@never_cache
@signed_in
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Everything of one's own: what waits for oneself first."""
    return render(request, "hall/mine.html", {"here": "mine", "mine": mine_of(acting(request))})


@never_cache
@signed_in
@require_safe
def case(request: HttpRequest, case: int) -> HttpResponse:
    """One case: progress, papers, certificate, what was handed in; its messages count as read."""
    found = own_case(acting(request), case)
    read_messages(actor=acting(request), subject=case)
    return render(request, "hall/case.html", {"here": "mine", "own": found})


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def corrections(request: HttpRequest, case: int) -> HttpResponse:
    """The one notice with everything in it; POST begins a draft with the answers handed in last."""
    actor = acting(request)
    found = corrections_of(actor, case)
    if request.method != "POST":
        return render(request, "hall/corrections.html", {"here": "mine", "corrections": found})
    form, key = found.offer.form, found.offer.spec.key
    purpose = str(Purpose(key, case=case))
    draft = begin_draft(actor=actor, form=form, purpose=purpose, raw=typed_again(case, form.key))
    return redirect("hall:check", key, draft.token)


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, case: int) -> HttpResponse:
    """Take the application back, after asking once more."""
    actor = acting(request)
    found = own_case_row(actor, case)
    if request.method != "POST":
        return render(request, "hall/withdraw.html", {"here": "mine", "case": found})
    withdraw_case(actor=actor, case=case, reason=request.POST.get("reason", "")[:500])
    messages.success(request, _("已经撤回。要办的话，可以重新申请。"))
    return redirect("hall:case", case)


@never_cache
@signed_in
@require_POST
def discard(request: HttpRequest, draft: str) -> HttpResponse:
    """Throw a draft away."""
    discard_draft(actor=acting(request), token=draft)
    messages.success(request, _("草稿已经删去。"))
    return redirect("hall:mine")


@never_cache
@signed_in
@require_safe
def file(request: HttpRequest, attachment: int) -> HttpResponseBase:
    """A file of one's own draft or case, or the certificate that came of it."""
    served = serve(readable_file(acting(request), attachment), inline=request.GET.get("inline") == "1")
    response = StreamingHttpResponse(served.pieces(), headers=served.headers())
    response.headers["Content-Length"] = str(served.size)
    return response
