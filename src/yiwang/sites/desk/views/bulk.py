"""What can be done with several lines at once: claim them, or mark them as read; one action for each line."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yiwang.kernel.base.refusals import InvalidInput, NotFound, Refusal
from yiwang.kernel.cases.actions.decisions import claim_item
from yiwang.kernel.cases.actions.life import read_item
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.desk.forms import number_of
from yiwang.sites.desk.views.shell import back, staff
from yiwang.ui.acting import acting
from yiwang.ui.refusals import note_refusal

MOST = 100


@require_POST
@staff
def bulk(request: HttpRequest) -> HttpResponse:
    """Claim or mark the ticked lines; claiming is for one kind at a time."""
    wanted = [number_of(str(text)) for text in request.POST.getlist("item")][:MOST]
    rows = list(WorkItem.objects.filter(pk__in=wanted).order_by("pk"))
    if request.POST.get("do") == "claim":
        _claim(request, rows)
    else:
        for row in rows:
            read_item(actor=acting(request), case=row.subject_id, item=row.pk)
        messages.success(request, _("已标为已读：%(count)s 件。") % {"count": len(rows)})
    return back(request, reverse("desk:worklist"))


def _claim(request: HttpRequest, rows: list[WorkItem]) -> None:
    if len({row.kind for row in rows}) > 1:
        raise InvalidInput(_("种类不同的件不能一起领办"), remedy=_("请只选一种，再领办"))
    refused = list(filter(None, (_claim_one(request, row) for row in rows)))
    if len(refused) < len(rows):
        messages.success(request, _("已领办 %(count)s 件。") % {"count": len(rows) - len(refused)})
    if refused:
        messages.warning(request, _("%(count)s 件没有领到：%(why)s") % {"count": len(refused), "why": _joined(refused)})


def _claim_one(request: HttpRequest, row: WorkItem) -> str:
    try:
        claim_item(actor=acting(request).acting_in(row.post or 0), case=row.subject_id, item=row.pk)
    except Refusal as refusal:
        note_refusal(request, refusal)
        return f"{row.number} {refusal.message}"
    return ""


def _joined(refused: Iterable[str]) -> str:
    return "；".join(refused)


@require_POST
@staff
def claim(request: HttpRequest, item: int) -> HttpResponse:
    """Take one item out of the pool."""
    row = WorkItem.objects.filter(pk=item).first()
    if row is None:
        raise NotFound()
    _claim(request, [row])
    return HttpResponseRedirect(reverse("desk:item", args=[item]))
