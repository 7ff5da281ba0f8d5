"""Registers: what was issued, and how much of each quota is left."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yiwang.kernel.base.moments import today
from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.registers.policies import keeps
from yiwang.sites.desk.forms import is_filtered, listing_of, number_of
from yiwang.sites.desk.queries.keeping import is_keeper
from yiwang.sites.desk.queries.register_list import register_list
from yiwang.sites.desk.queries.registers import PAGE, boards, entry_lines, entry_page, lists, quota_account
from yiwang.sites.desk.views.shell import desk_page, staff
from yiwang.ui.acting import acting


@require_GET
@staff
def registers(request: HttpRequest) -> HttpResponse:
    """The board of quotas and the latest entries."""
    words, status = request.GET.get("q", "").strip()[:60], request.GET.get("status", "")[:10]
    lines = entry_lines(acting(request), words, status, number_of(request.GET.get("before", "")))
    year = number_of(request.GET.get("year", "")) or today().year
    context: dict[str, object] = {
        "lines": lines,
        "more": lines[-1].entry.pk if len(lines) == PAGE else 0,
        "boards": boards(acting(request), year) if not words and not status else (),
        "lists": lists(acting(request)),
        "words": words,
        "status": status,
        "year": year,
        "is_keeper": is_keeper(acting(request)),
    }
    return desk_page(request, "desk/registers.html", context, current="registers")


@require_GET
@staff
def listing(request: HttpRequest, register: str) -> HttpResponse:
    """The list of one register with filters and sums."""
    wanted = listing_of(request, register)
    page = register_list(acting(request), wanted, before=number_of(request.GET.get("before", "")), by=_by(request))
    context: dict[str, object] = {"page": page, "wanted": wanted, "is_filtered": is_filtered(wanted)}
    return desk_page(request, "desk/register.html", context, current="registers")


def _by(request: HttpRequest) -> str:
    return request.GET.get("by", "")[:60]


@require_GET
@staff
def entry(request: HttpRequest, entry: int) -> HttpResponse:
    """One entry with all its versions."""
    return desk_page(request, "desk/entry.html", {"page": entry_page(acting(request), entry)}, current="registers")


@require_GET
@staff
def quota(request: HttpRequest, quota: int) -> HttpResponse:
    """One quota with its account."""
    return quota_page(request, quota)


def quota_page(request: HttpRequest, quota: int, refusal: Refusal | None = None) -> HttpResponse:
    """The same, with what was typed into it when a change was refused."""
    line, account = quota_account(acting(request), quota)
    context: dict[str, object] = {
        "line": line,
        "account": account,
        "refusal": refusal,
        "typed": request.POST,
        "may_keep": keeps(acting(request), line.row.quota.unit),
    }
    status = refusal.status if refusal else 200
    return desk_page(request, "desk/quota.html", context, current="registers", status=status)
