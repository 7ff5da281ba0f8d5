"""Importing people and posts from a table: upload, preview, take, undo."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.org.actions import prepare_import, take_import, undo_import
from yiwang.kernel.org.imports import COLUMNS, MOST_ROWS
from yiwang.kernel.org.models import StaffImport
from yiwang.sites.administration.forms import DeskForm, ReasonForm, SheetForm, content_of
from yiwang.sites.administration.queries.imports import EXAMPLE, draft_of, import_of, imports_of, names_of, rows_of
from yiwang.sites.administration.sheets import MIME, MOST_BYTES, read_rows, template
from yiwang.sites.administration.views.shell import admin_page, officers, tried
from yiwang.ui.acting import acting
from yiwang.ui.refusals import note_refusal


@require_http_methods(["GET", "POST"])
@officers()
def imports(request: HttpRequest) -> HttpResponse:
    """What was imported lately; a new table goes to its preview."""
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    made: list[StaffImport] = []
    status = 200
    if request.method == "POST":
        status = tried(request, form, lambda: made.append(_prepared(request, form)))
        if made:
            return redirect("administration:import", batch=made[0].pk)
    rows = imports_of(acting(request))
    names = names_of(rows)
    context: dict[str, object] = {
        "form": form,
        "rows": [(row, names.get(row.by, "")) for row in rows],
        "most": MOST_ROWS,
        "refusal": form.refusal,
    }
    return admin_page(request, "administration/imports.html", context, current="organisation", status=status)


def _prepared(request: HttpRequest, form: SheetForm) -> StaffImport:
    file = form.cleaned_data["file"]
    rows = rows_of(read_rows(content_of(file, MOST_BYTES + 1), MOST_ROWS + 1))
    return prepare_import(actor=acting(request), name=file.name, rows=rows)


@require_GET
@officers()
def sheet(request: HttpRequest) -> HttpResponse:
    """The table to fill in."""
    content = template([str(title) for title in COLUMNS.values()], EXAMPLE)
    headers = {"Content-Disposition": 'attachment; filename="staff.xlsx"'}
    return HttpResponse(content, content_type=MIME, headers=headers)


@require_GET
@officers()
def one(request: HttpRequest, batch: int) -> HttpResponse:
    """A draft line by line, or what became of an import."""
    return _page(request, import_of(acting(request), batch))


def _page(
    request: HttpRequest, row: StaffImport, form: DeskForm | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    is_draft = row.state == StaffImport.State.DRAFT
    context: dict[str, object] = {
        "batch": row,
        "draft": draft_of(row) if is_draft else None,
        "columns": COLUMNS.values(),
        "made": {name: len(ids) for name, ids in row.made.items()},
        "may_undo": row.state == StaffImport.State.TAKEN,
        "form": form or ReasonForm(),
        "refusal": refusal or (form and form.refusal),
    }
    status = refusal.status if refusal else 200
    return admin_page(request, "administration/import.html", context, current="organisation", status=status)


@require_POST
@officers()
def take(request: HttpRequest, batch: int) -> HttpResponse:
    """Take a draft, all of it or its good lines."""
    actor, row = acting(request), import_of(acting(request), batch)
    try:
        take_import(actor=actor, batch=batch, only_good=request.POST.get("only") == "good")
    except Refusal as refusal:
        note_refusal(request, refusal)
        return _page(request, row, refusal=refusal)
    messages.success(request, _("已导入；没有人动过之前可以整批撤销"))
    return redirect("administration:import", batch=batch)


@require_POST
@officers()
def undo(request: HttpRequest, batch: int) -> HttpResponse:
    """Take a whole import back, with a reason."""
    row, form = import_of(acting(request), batch), ReasonForm(request.POST)
    status = tried(
        request, form, lambda: undo_import(actor=acting(request), batch=batch, reason=form.cleaned_data["reason"])
    )
    if not status:
        messages.success(request, _("整批已撤销，记录在案"))
        return redirect("administration:import", batch=batch)
    response = _page(request, row, form)
    response.status_code = status
    return response
