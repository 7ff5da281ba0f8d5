"""A refusal becomes the right answer: a page, an htmx fragment or JSON; and one line in the access log.

The line is written here, after the business transaction has been rolled back: a refusal has no other effect.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import select_template
from django.utils.encoding import force_str
from django_htmx.http import reswap, retarget

from yiwang.kernel.base.refusals import InvalidInput, Refusal
from yiwang.kernel.ledger.access_log import Access, log_access
from yiwang.ui.acting import acting, address_of

FRAGMENT_PLACE = "#refusal"


class RefusalMiddleware:
    """Answers every named refusal that a view let through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing before, nothing after: only exceptions are looked at."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer for a Refusal; anything else goes on."""
        return answer(request, exception) if isinstance(exception, Refusal) else None


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Log the refusal and say it in the form the caller asked for, with its status."""
    note_refusal(request, refusal)
    if _wants_json(request):
        return JsonResponse(said(refusal), status=refusal.status)
    if getattr(request, "htmx", False):
        return _fragment(request, refusal)
    return _page(request, refusal, "refusal.html")


def note_refusal(request: HttpRequest, refusal: Refusal) -> None:
    """Write the line alone, for a view that shows the refusal on its own page; slips of the pen are not logged."""
    if not isinstance(refusal, InvalidInput):
        log_access(_line(request, refusal))


def said(refusal: Refusal) -> dict[str, str]:
    """The refusal in words, for machine readers."""
    words = {"message": refusal.message, "rule": refusal.rule, "remedy": refusal.remedy, "field": refusal.field}
    return {"code": refusal.code, **{name: force_str(text) for name, text in words.items()}}


def _line(request: HttpRequest, refusal: Refusal) -> Access:
    actor = acting(request)
    subject = refusal.facts.get("subject")
    return Access(
        verb="refused",
        account=actor.account,
        name=actor.name,
        success=False,
        subject=subject if isinstance(subject, int) else None,
        address=address_of(request),
        facts={"code": refusal.code, "method": request.method or "", "view": _view(request)},
    )


def _view(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.view_name if match else ""


def _wants_json(request: HttpRequest) -> bool:
    return (
        request.headers.get("X-Requested-With") == "XMLHttpRequest"
        or request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    )


def _fragment(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    response = _page(request, refusal, "refusal_fragment.html")
    return reswap(retarget(response, FRAGMENT_PLACE), "innerHTML")


def _page(request: HttpRequest, refusal: Refusal, name: str) -> HttpResponse:
    match = request.resolver_match
    surface = match.app_names[0] if match and match.app_names else "ui"
    template = select_template([f"{surface}/{name}", f"ui/{name}"])
    return HttpResponse(template.render({"refusal": refusal}, request), status=refusal.status)
