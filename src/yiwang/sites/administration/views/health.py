"""What is ill, and the list of jobs that could not be done."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.ledger.access_log import Access, log_access
from yiwang.sites.administration.actions import MOST_JOBS, discard_jobs, retry_jobs
from yiwang.sites.administration.forms import number_of
from yiwang.sites.administration.queries.health import dead_lines, signs
from yiwang.sites.administration.views.shell import admin_page, officers
from yiwang.ui.acting import acting, address_of
from yiwang.ui.refusals import note_refusal

LOGGED = 40


@require_GET
@officers()
def show(request: HttpRequest) -> HttpResponse:
    """Every part of the node, worst first."""
    return _page(request)


def _page(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    context: dict[str, object] = {
        "signs": signs(),
        "dead": dead_lines(),
        "refusal": refusal,
        "chosen": _chosen(request),
        "reason": request.POST.get("reason", "")[:200],
    }
    status = refusal.status if refusal else 200
    return admin_page(request, "administration/health.html", context, current="health", status=status)


@require_POST
@officers()
def retry(request: HttpRequest) -> HttpResponse:
    """Give the chosen jobs another life."""
    return _settled(request, "jobs.retried", partial(retry_jobs, actor=acting(request), jobs=_chosen(request)))


@require_POST
@officers()
def discard(request: HttpRequest) -> HttpResponse:
    """Drop the chosen jobs, with a reason."""
    act = partial(discard_jobs, actor=acting(request), jobs=_chosen(request), reason=request.POST.get("reason", ""))
    return _settled(request, "jobs.discarded", act)


def _settled(request: HttpRequest, verb: str, act: Callable[[], list[str]]) -> HttpResponse:
    try:
        done = act()
    except Refusal as refusal:
        note_refusal(request, refusal)
        return _page(request, refusal)
    actor, reason = acting(request), request.POST.get("reason", "").strip()[:200]
    facts: dict[str, object] = {"jobs": done[:LOGGED], "count": len(done), "reason": reason}
    log_access(Access(verb, actor.account, name=actor.name, address=address_of(request), facts=facts))
    messages.success(request, _("已办理 %(n)d 项，记录在访问日志") % {"n": len(done)})
    return redirect("administration:health")


def _chosen(request: HttpRequest) -> tuple[int, ...]:
    found = (number_of(text) for text in request.POST.getlist("job")[: MOST_JOBS + 1])
    return tuple(number for number in found if number)
