"""What every view of the administration does first and last: officers only, the shell around the page."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.org.rules import require_system_officer
from yiwang.sites.administration.forms import DeskForm
from yiwang.sites.administration.queries.shell import SECURITY, SYSTEM, shell_of
from yiwang.sites.administration.refusals import OfficersOnly
from yiwang.ui.acting import acting
from yiwang.ui.refusals import note_refusal

THEME_COOKIE, THEMES = "yw_theme", ("light", "dark")
YEAR = 365 * 24 * 3600

P = ParamSpec("P")
View = Callable[..., HttpResponse]


def officers(
    *allowed: str,
) -> Callable[[Callable[Concatenate[HttpRequest, P], HttpResponse]], View]:
    """Strangers go to the sign-in page and come back; whoever is none of these officers is refused.

    Without names: the system officer and the security officer. Whatever is posted is the system officer's; actions ask
    again.
    """
    named = allowed or (SYSTEM, SECURITY)

    def guard(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            actor = acting(request)
            if actor.account <= 0:
                return redirect_to_login(request.get_full_path(), reverse("identity:staff"))
            if actor.officer not in named:
                raise OfficersOnly()
            if request.method == "POST":
                require_system_officer(actor)
            response = view(request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "private, no-store")
            return response

        return guarded

    return guard


def admin_page(
    request: HttpRequest, template: str, context: dict[str, object], *, current: str, status: int = 200
) -> HttpResponse:
    """A whole page of the administration."""
    wanted = request.COOKIES.get(THEME_COOKIE, "")
    shell = shell_of(acting(request), current=current, theme=wanted if wanted in THEMES else THEMES[0])
    return render(request, template, {**context, "shell": shell}, status=status)


def tried(request: HttpRequest, form: DeskForm, act: Callable[[], object]) -> int:
    """Do what the form asks; 0 when done, else the status of the page that shows what was refused."""
    if not form.is_valid():
        return 400
    try:
        act()
    except Refusal as refusal:
        note_refusal(request, refusal)
        form.take_refusal(refusal)
        return refusal.status
    return 0


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the wish for light or dark, for browsers without script."""
    wanted, target = request.POST.get("theme", ""), request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(target if safe else reverse("administration:organisation"))
    if wanted in THEMES:
        response.set_cookie(THEME_COOKIE, wanted, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response
