"""Tracking without signing in: number and code by POST, the same answer for unknown and wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from yiwang.kernel.cases.queries import track as tracked
from yiwang.sites.hall.forms import TrackForm
from yiwang.sites.hall.queries.progress import progress_of
from yiwang.sites.hall.throttle import TRACKING, guard, note_failure


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """The question, or the progress of the case that number and code fit."""
    if request.method != "POST":
        form = TrackForm(initial={"number": request.GET.get("number", "")[:60]})
        return render(request, "hall/track.html", {"here": "track", "form": form})
    form = TrackForm(request.POST)
    if not form.is_valid():
        return render(request, "hall/track.html", {"here": "track", "form": form}, status=400)
    return _answer(request, form)


def _answer(request: HttpRequest, form: TrackForm) -> HttpResponse:
    number, code = form.cleaned_data["number"], form.cleaned_data["code"]
    guard(request, TRACKING, number)
    case = tracked(number, code)
    if case is None:
        note_failure(request, TRACKING, number)
        form.add_error(None, _("没有查到：编号或者查询码不对，请对照回执再输一次"))
        return render(request, "hall/track.html", {"here": "track", "form": form}, status=404)
    return render(request, "hall/progress.html", {"progress": progress_of(case, masked=True)})
