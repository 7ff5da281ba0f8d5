"""What every view of the desk does first and last: staff only, the shell around the page, the frame of time."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.kernel.base.moments import now, today
from yiwang.kernel.base.refusals import NotPermitted
from yiwang.kernel.clock.calendars import workdays
from yiwang.kernel.org.actors import Actor
from yiwang.sites.desk.queries.dues import NEAR_WORKDAYS, Frame
from yiwang.sites.desk.queries.facets import open_count
from yiwang.sites.desk.queries.shell import Shell, shell_of
from yiwang.ui.acting import acting

THEME_COOKIE = "yw_theme"
THEMES = ("light", "dark")
YEAR = 365 * 24 * 3600

P = ParamSpec("P")
Answer = HttpResponse | StreamingHttpResponse


class StaffOnly(NotPermitted):
    """The desk is for members of staff who hold a post today."""

    message = _("工作台只给在岗的工作人员用")
    remedy = _("办事请到办事大厅；刚到岗或者调岗的，请本单位系统管理员设好岗位")


def staff(view: Callable[Concatenate[HttpRequest, P], Answer]) -> Callable[..., Answer]:
    """Strangers go to the sign-in page and come back; people without a post are refused."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> Answer:
        actor = acting(request)
        if actor.account <= 0:
            return redirect_to_login(request.get_full_path(), reverse("identity:staff"))
        if not actor.is_staff:
            raise StaffOnly()
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return guarded


def frame_now() -> Frame:
    """The present moment with the working days of the node."""
    days = workdays()
    return Frame(now(), days.count, days.add(today(), NEAR_WORKDAYS))


def theme_of(request: HttpRequest) -> str:
    """Light or dark, as the cookie says."""
    wanted = request.COOKIES.get(THEME_COOKIE, "")
    return wanted if wanted in THEMES else THEMES[0]


def shell_for(request: HttpRequest, actor: Actor, current: str, waiting: str | None = None) -> Shell:
    """The shell; counts what waits unless the page knows it already."""
    return shell_of(
        actor,
        current=current,
        theme=theme_of(request),
        waiting=open_count(actor) if waiting is None else waiting,
    )


def desk_page(
    request: HttpRequest,
    template: str,
    context: dict[str, object],
    *,
    current: str,
    waiting: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """A whole page of the desk."""
    shell = shell_for(request, acting(request), current, waiting)
    return render(request, template, {**context, "shell": shell}, status=status)


def back(request: HttpRequest, fallback: str) -> HttpResponse:
    """To the page named by `next` when it is ours, else to the fallback."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(wanted if safe else fallback)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the wish for light or dark, for browsers without script."""
    wanted = request.POST.get("theme", "")
    response = back(request, "/desk/")
    if wanted in THEMES:
        response.set_cookie(THEME_COOKIE, wanted, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response
