"""The case page, its tabs, the preview beside the worklist, materials and files."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yiwang.kernel.base.refusals import NotFound, Refusal
from yiwang.kernel.clock.law import pause_kinds
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.files.previews import PRINT, SCREEN, preview
from yiwang.kernel.files.queries import readable_by
from yiwang.kernel.files.served import parse_range, serve
from yiwang.kernel.ledger.access_log import Access, log_access
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.desk.forms import Typed
from yiwang.sites.desk.queries.asked import Filled
from yiwang.sites.desk.queries.case import CasePage, case_page, materials_page, preview_page, reading_of, sorted_forms
from yiwang.sites.desk.queries.corrections import check_list
from yiwang.sites.desk.queries.history import log_of
from yiwang.sites.desk.queries.materials import FORM, Material
from yiwang.sites.desk.queries.other_moves import other_moves
from yiwang.sites.desk.queries.phrases import phrases_for
from yiwang.sites.desk.queries.quota import account_lines
from yiwang.sites.desk.queries.related import place_in_list, related_cases
from yiwang.sites.desk.views.shell import desk_page, frame_now, staff
from yiwang.ui.acting import acting, address_of

PAGES_SHOWN = 60
TABS = ("do", "quota", "related", "log")
NOTHING_TYPED = Typed()
"""What a page shows before anything was typed."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of the case page."""

    name: str
    url: str
    count: str = ""
    on: bool = False


@require_GET
@staff
def item(request: HttpRequest, item: int) -> HttpResponse:
    """A line of the worklist, opened: the page of its case with this step in hand."""
    row = WorkItem.objects.filter(pk=item).only("subject_id").first()
    if row is None:
        raise NotFound()
    return show(request, row.subject_id, item)


@require_GET
@staff
def case(request: HttpRequest, case: int) -> HttpResponse:
    """The page of a case."""
    return show(request, case, 0)


def show(
    request: HttpRequest,
    case_id: int,
    item_id: int,
    *,
    typed: Typed = NOTHING_TYPED,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """The page, maybe again with a refusal and everything that was typed."""
    actor, frame = acting(request), frame_now()
    page = case_page(actor, case_id, frame, item_id)
    tab = request.GET.get("tab", "do") if request.method == "GET" else "do"
    tab = tab if tab in TABS and (tab != "quota" or page.quota) else "do"
    if request.method == "GET":
        _log_view(request, actor, case_id)
    context: dict[str, object] = {
        "page": page,
        "typed": typed,
        "refusal": refusal,
        "tabs": _tabs(request, page, tab),
        "tab_template": f"desk/parts/tab_{tab}.html",
        "place": place_in_list(actor, frame, page.box.item.id) if page.box.item else None,
        "taken": request.session.pop("desk.taken", "") if request.method == "GET" else "",
        **_box_context(actor, page, typed),
        **_tab_context(request, actor, page, tab),
    }
    status = refusal.status if refusal else 200
    current = "worklist" if page.box.item else "cases"
    return desk_page(request, "desk/case.html", context, current=current, status=status)


def _log_view(request: HttpRequest, actor: Actor, case_id: int) -> None:
    log_access(
        Access("case.viewed", account=actor.account, name=actor.name, subject=case_id, address=address_of(request))
    )


def _tabs(request: HttpRequest, page: CasePage, on: str) -> list[Tab]:
    here = reverse("desk:item", args=[page.box.item.id]) if page.box.item else reverse("desk:case", args=[page.case.pk])
    found = [Tab(_("办理"), here, "", on == "do")]
    if page.quota:
        found.append(Tab(_("限额台账"), f"{here}?tab=quota", "", on == "quota"))
    found.append(Tab(_("相关件"), f"{here}?tab=related", "", on == "related"))
    count = str(page.case.subject.length)
    return [*found, Tab(_("操作记录"), f"{here}?tab=log", count, on == "log")]


def _box_context(actor: Actor, page: CasePage, typed: Typed) -> dict[str, object]:
    item = page.box.item
    if item is None:
        return {}
    present = {material.key for material in page.materials}
    return {
        "phrases": phrases_for(actor, item.act),
        "check_list": check_list(page.offer.form, page.seen, present, typed.said),
        "grounds": GROUNDS,
        "other_moves": other_moves(actor, page.case, page.offer, item.id, pause_kinds()),
    }


GROUNDS = (
    ("not_needed", _("依法不需要取得行政许可"), _("行政许可法第三十二条第一项")),
    ("not_ours", _("不属于本机关职权范围"), _("行政许可法第三十二条第二项")),
    ("not_corrected", _("没有按告知书补正"), _("行政许可法第三十二条第五项")),
    ("unlawful", _("法律法规规定不予受理的其他情形"), ""),
)


def _tab_context(request: HttpRequest, actor: Actor, page: CasePage, tab: str) -> dict[str, object]:
    if tab == "quota" and page.quota:
        return {"account": account_lines(page.quota.quota, page.case.pk)}
    if tab == "related":
        return {"related": related_cases(actor, page.case)}
    if tab == "log":
        return {"log": log_of(page.case.subject, page.offer.graph)}
    return _material_context(page.materials, page.forms, request.GET.get("material", ""))


def _material_context(materials: tuple[Material, ...], forms: tuple[Filled, ...], wanted: str) -> dict[str, object]:
    keys = [material.key for material in materials]
    second = keys[1] if len(keys) > 1 else FORM
    shown = wanted if wanted in keys else second
    chosen = next(material for material in materials if material.key == shown)
    return {"shown": shown, "papers": chosen.papers, "page_forms": forms}


@require_GET
@staff
def material(request: HttpRequest, case: int, key: str) -> HttpResponse:
    """One material, as a fragment."""
    read = reading_of(acting(request), case)
    return render(request, "desk/parts/material.html", _material_context(materials_page(read), sorted_forms(read), key))


@require_GET
@staff
def preview_item(request: HttpRequest, item: int) -> HttpResponse:
    """What the pane beside the worklist shows of a line."""
    row = WorkItem.objects.filter(pk=item).only("subject_id").first()
    if row is None:
        raise NotFound()
    page = preview_page(acting(request), row.subject_id, frame_now(), item)
    return render(request, "desk/parts/preview.html", {"page": page, "item": item})


@require_GET
@staff
def file(request: HttpRequest, file: int) -> HttpResponse | StreamingHttpResponse:
    """A file as it was handed in, as a download."""
    found = readable_by(acting(request), file)
    served = serve(found)
    span = parse_range(request.headers.get("Range", ""), served.size)
    response = StreamingHttpResponse(served.pieces(span), status=206 if span else 200, headers=served.headers())
    if span:
        response.headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{served.size}"
    response.headers["Content-Length"] = str(span.stop - span.start if span else served.size)
    return response


@require_GET
@staff
def pages(request: HttpRequest, file: int) -> HttpResponse:
    """Every page of a file, as a fragment; the browser fetches each picture when it comes into sight."""
    found = readable_by(acting(request), file)
    count = preview(found.blob, page=1, width=SCREEN).pages
    context: dict[str, object] = {"file": found, "numbers": range(1, min(count, PAGES_SHOWN) + 1), "count": count}
    return render(request, "desk/parts/pages.html", context)


@require_GET
@staff
def picture(request: HttpRequest, file: int, number: int) -> HttpResponse:
    """A page of a file as a picture."""
    found: Attachment = readable_by(acting(request), file)
    drawn = preview(found.blob, page=number, width=PRINT if request.GET.get("large") else SCREEN)
    headers = {"Cache-Control": "private, max-age=600", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(drawn.image, content_type=drawn.mime, headers=headers)
