"""All cases the actor may see, search among them, and the palette."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yiwang.kernel.access.queries import Row
from yiwang.sites.desk.forms import number_of
from yiwang.sites.desk.queries.casebook import Wish, casebook
from yiwang.sites.desk.queries.palette import palette_options
from yiwang.sites.desk.views.shell import desk_page, frame_now, staff
from yiwang.ui.acting import acting


def wish_of(request: HttpRequest) -> Wish:
    """What the address asks for."""
    given = request.GET
    return Wish(
        is_closed=given.get("state") == "closed",
        kind=number_of(given.get("kind", "")),
        words=given.get("q", "").strip()[:60],
        due_today=given.get("due") == "today",
        after=_after(given.get("after", "")),
    )


def _after(text: str) -> Row | None:
    moment, _tilde, subject = text.partition("~")
    try:
        at = parse_datetime(moment)
    except ValueError:
        return None
    number = number_of(subject)
    return Row(at, number) if at is not None and number else None


@require_GET
@staff
def cases(request: HttpRequest) -> HttpResponse:
    """Open ones by what is due, closed ones by when they ended."""
    wish = wish_of(request)
    context: dict[str, object] = {
        "book": casebook(acting(request), wish, frame_now()),
        "wish": wish,
        "title": _("办件"),
    }
    return desk_page(request, "desk/cases.html", context, current="cases")


@require_GET
@staff
def seek(request: HttpRequest) -> HttpResponse:
    """What the palette offers for the words typed, as a fragment."""
    words = request.GET.get("q", "").strip()[:60]
    return render(request, "desk/parts/palette_list.html", {"groups": palette_options(acting(request), words)})
