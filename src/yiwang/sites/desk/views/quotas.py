"""Keeping quotas: a new one as the deciding authority handed it down, and each change with its document."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.kernel.base.refusals import InvalidInput, NotPermitted, Refusal
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.registers.actions import NewQuota, adjust_limit, correct_quota, set_quota
from yiwang.kernel.registers.refusals import AmountInvalid
from yiwang.sites.desk.forms import number_of
from yiwang.sites.desk.queries.keeping import Sheet, is_keeper, sheet_for
from yiwang.sites.desk.views.registers import quota_page
from yiwang.sites.desk.views.shell import desk_page, staff
from yiwang.ui.acting import acting
from yiwang.ui.refusals import note_refusal

LONGEST = 200
PLAIN = str.maketrans("０１２３４５６７８９．－＋，", "0123456789.-+,")
CHANGES: dict[str, Callable[..., Entry]] = {"limit": adjust_limit, "used": correct_quota}


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def new(request: HttpRequest) -> HttpResponse:
    """Enter a quota; a refusal shows the form again with everything typed."""
    if not is_keeper(acting(request)):
        raise NotPermitted()
    sheet = sheet_for(acting(request), (request.POST or request.GET).dict())
    if request.method != "POST":
        return _form(request, sheet)
    try:
        quota = set_quota(actor=acting(request), new=_typed(request, sheet))
    except Refusal as refusal:
        note_refusal(request, refusal)
        return _form(request, sheet, refusal)
    messages.success(request, _("限额已录入。"))
    return HttpResponseRedirect(reverse("desk:quota", args=[quota.pk]))


@require_POST
@staff
def change(request: HttpRequest, quota: int) -> HttpResponse:
    """Raise or lower a limit, or correct what is used, each by an entry of its own."""
    post = request.POST
    if not is_keeper(acting(request)):
        raise NotPermitted()
    try:
        act = CHANGES.get(post.get("what", ""))
        if act is None:
            raise InvalidInput(_("请选择要调整限额还是更正已用数"), field="what")
        by = _amount(post.get("by", ""), "by")
        act(actor=acting(request), quota=quota, by=by, reason=post.get("reason", "").strip()[:LONGEST])
    except Refusal as refusal:
        note_refusal(request, refusal)
        return quota_page(request, quota, refusal)
    messages.success(request, _("已记入流水。"))
    return HttpResponseRedirect(reverse("desk:quota", args=[quota]))


def _form(request: HttpRequest, sheet: Sheet, refusal: Refusal | None = None) -> HttpResponse:
    context: dict[str, object] = {"sheet": sheet, "refusal": refusal, "typed": request.POST}
    status = refusal.status if refusal else 200
    return desk_page(request, "desk/quota_new.html", context, current="registers", status=status)


def _typed(request: HttpRequest, sheet: Sheet) -> NewQuota:
    post = request.POST
    category = {one.key: one.chosen for one in sheet.splits if one.chosen}
    return NewQuota(
        scheme=post.get("scheme", "")[:60],
        unit=number_of(post.get("unit", "")),
        year=number_of(post.get("year", "")),
        limit=_amount(post.get("limit", ""), "limit"),
        source=post.get("source", "").strip()[:LONGEST],
        category=category,
        opening=_amount(post.get("opening", "") or "0", "opening"),
        valid_from=_day(post.get("valid_from", ""), "valid_from"),
        valid_to=_day(post.get("valid_to", ""), "valid_to"),
    )


def _amount(text: str, field: str) -> Decimal:
    """A typed number; thousands commas and full-width digits are plain digits."""
    try:
        return Decimal("".join(text.translate(PLAIN).replace(",", "").split())[:40])
    except InvalidOperation as error:
        raise AmountInvalid(field=field, facts={"given": text[:40]}) from error


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInput(_("日期要写成 2026-12-31 这样"), field=field) from error
