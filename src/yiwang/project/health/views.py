"""Answers to monitoring. Strangers get 404, so that they learn nothing."""

from collections.abc import Callable
from functools import wraps

from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yiwang.project.health.checks import findings
from yiwang.project.health.metrics import CONTENT_TYPE, exposition
from yiwang.project.health.monitors import is_monitor

View = Callable[[HttpRequest], HttpResponse]


def for_monitors(view: View) -> View:
    """Let only monitors in."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not is_monitor(request):
            raise Http404
        return view(request)

    return require_safe(never_cache(guarded))


@for_monitors
def live(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"live": True})


@for_monitors
def ready(request: HttpRequest) -> HttpResponse:
    """200 when every check is well, else 503; each check with what it says."""
    found = findings()
    is_ready = all(one.ok for one in found)
    checks = {one.name: {"ok": one.ok, "says": one.says} for one in found}
    return JsonResponse({"ready": is_ready, "checks": checks}, status=200 if is_ready else 503)


@for_monitors
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus; 503 when the database does not answer."""
    try:
        return HttpResponse(exposition(), content_type=CONTENT_TYPE)
    except (DatabaseError, InterfaceError) as error:
        return HttpResponse(f"# the database does not answer: {type(error).__name__}\n", CONTENT_TYPE, status=503)
