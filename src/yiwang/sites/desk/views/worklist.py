"""The worklist, its preview, its export and what can be done with several lines at once."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yiwang.sites.desk.queries.done import done_list, started_list
from yiwang.sites.desk.queries.facets import Facets
from yiwang.sites.desk.queries.filters import Filters
from yiwang.sites.desk.queries.worklist import Place, worklist
from yiwang.sites.desk.views.shell import YEAR, desk_page, frame_now, staff
from yiwang.ui.acting import acting

VIEW_COOKIE, COLUMNS_COOKIE = "yw_view", "yw_cols"
VIEWS = ("split", "table")
COLUMNS = {"n": _("编号"), "f": _("来自"), "s": _("环节"), "e": _("到期日")}
LISTS = ("todo", "done", "started")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the side bar."""

    name: str
    url: str
    icon: str = ""
    count: str = ""
    on: bool = False


def filters_of(request: HttpRequest) -> Filters:
    """The filters in the address; what cannot be read counts as not given."""
    given = request.GET
    return Filters(
        kind=_number(given.get("kind", "")),
        step=given.get("step", "")[:60],
        unit=_number(given.get("unit", "")),
        post=_number(given.get("post", "")),
        due=given.get("due", "")[:10],
        urgent=given.get("urgent") == "1",
        unread=given.get("unread") == "1",
        words=given.get("q", "").strip()[:60],
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def place_of(text: str) -> Place | None:
    """Where the page before ended; None for the first page or anything that cannot be read."""
    moment, _tilde, item = text.partition("~")
    try:
        due: datetime | None = parse_datetime(moment) if moment else None
    except ValueError:
        return None
    number = _number(item)
    unreadable = bool(moment) and due is None
    return None if not number or unreadable else Place(due, number)


@require_GET
@staff
def show(request: HttpRequest) -> HttpResponse:
    """One list for every kind of case."""
    wanted = request.GET.get("list", "todo")
    if wanted in ("done", "started"):
        return _past(request, wanted)
    actor, filters = acting(request), filters_of(request)
    page = worklist(actor, filters, frame_now(), place_of(request.GET.get("after", "")))
    view, columns = _view(request), _columns(request)
    context: dict[str, object] = {
        "title": _("待我办"),
        "list": page,
        "list_key": "todo",
        "filters": filters,
        "view": view,
        "other_view": VIEWS[1 - VIEWS.index(view)],
        "columns": [{"key": key, "name": name, "on": key in columns} for key, name in COLUMNS.items()],
        "hidden_columns": "".join(f" no-{key}" for key in COLUMNS if key not in columns),
        "due_choices": _due_choices(),
        "clear_url": reverse("desk:worklist"),
        "bulk_url": reverse("desk:bulk"),
        "export_url": reverse("desk:export"),
        **side(filters, "todo", page.facets),
    }
    response = desk_page(request, "desk/worklist.html", context, current="worklist", waiting=page.facets.words)
    return _remembered(request, response)


def _due_choices() -> list[tuple[str, str]]:
    return [("late", _("已超期")), ("today", _("今天到期")), ("near", _("三个工作日内")), ("later", _("以后"))]


def _past(request: HttpRequest, wanted: str) -> HttpResponse:
    actor, find = acting(request), done_list if wanted == "done" else started_list
    page = find(actor, place_of(request.GET.get("after", "")))
    context: dict[str, object] = {
        "title": _("我办过的") if wanted == "done" else _("我发起的"),
        "page": page,
        "list_key": wanted,
        **side(Filters(), wanted, None),
    }
    return desk_page(request, "desk/past.html", context, current="worklist")


def side(filters: Filters, on: str, facets: Facets | None) -> dict[str, object]:
    """Lists, common views and posts beside the list."""
    home = reverse("desk:worklist")
    lists = [
        Entry(_("待我办"), home, "inbox", facets.words if facets else "", on == "todo" and not filters.any),
        Entry(_("我办过的"), f"{home}?list=done", "checkc", "", on == "done"),
        Entry(_("我发起的"), f"{home}?list=started", "send", "", on == "started"),
    ]
    if facets is None:
        return {"lists": lists}
    return {"lists": lists, "views": _views(home, filters, facets), "posts": _posts(home, facets)}


def _views(home: str, filters: Filters, facets: Facets) -> list[Entry]:
    buckets = (("late", _("已超期")), ("today", _("今天到期")), ("near", _("三个工作日内到期")))
    found = [
        Entry(name, f"{home}?due={key}", "", str(facets.buckets.get(key, 0) or ""), filters.due == key)
        for key, name in buckets
    ]
    return [*found, Entry(_("没看过的"), f"{home}?unread=1", "", str(facets.unread or ""), filters.unread)]


def _posts(home: str, facets: Facets) -> list[Entry]:
    if len(facets.posts) < 2:
        return []
    return [
        Entry(post.label, f"{home}?{urlencode({'post': post.value})}", "", post.count, post.on) for post in facets.posts
    ]


def _view(request: HttpRequest) -> str:
    wanted = request.GET.get("view") or request.COOKIES.get(VIEW_COOKIE, "")
    return wanted if wanted in VIEWS else VIEWS[0]


def _columns(request: HttpRequest) -> tuple[str, ...]:
    if "cols" in request.GET:
        return tuple(key for key in COLUMNS if key in request.GET.getlist("cols"))
    kept = request.COOKIES.get(COLUMNS_COOKIE)
    return tuple(COLUMNS) if kept is None else tuple(key for key in COLUMNS if key in kept)


def _remembered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if "view" in request.GET:
        response.set_cookie(VIEW_COOKIE, _view(request), max_age=YEAR, samesite="Lax", secure=request.is_secure())
    if "cols" in request.GET:
        kept = "".join(_columns(request)) or "-"
        response.set_cookie(COLUMNS_COOKIE, kept, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response
