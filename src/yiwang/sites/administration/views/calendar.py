"""The calendar: a year at a glance, loading one with a preview, putting one day right."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.base.moments import today
from yiwang.kernel.clock.actions import DayChange, Notice, change_day, load_year
from yiwang.kernel.clock.notices import decoded
from yiwang.sites.administration.forms import DayForm, YearForm, content_of, number_of
from yiwang.sites.administration.queries.calendar import Preview, calendar_page, preview
from yiwang.sites.administration.views.shell import admin_page, officers, tried
from yiwang.ui.acting import acting

FIRST, LAST = 2000, 2100


@require_GET
@officers()
def show(request: HttpRequest) -> HttpResponse:
    """One year."""
    asked = number_of(request.GET.get("year", ""))
    return _page(request, asked if FIRST <= asked <= LAST else today().year)


def _page(
    request: HttpRequest, year: int, *, load: YearForm | None = None, day: DayForm | None = None, status: int = 200
) -> HttpResponse:
    page = calendar_page(year)
    context: dict[str, object] = {
        "page": page,
        "load": load or YearForm(initial={"year": page.missing or year}),
        "day": day or DayForm(prefix="d"),
        "before": year - 1 if year > FIRST else 0,
        "after": year + 1 if year < LAST else 0,
        "refusal": (load and load.refusal) or (day and day.refusal),
    }
    return admin_page(request, "administration/calendar.html", context, current="calendar", status=status)


@require_POST
@officers()
def load(request: HttpRequest) -> HttpResponse:
    """First show what an arrangement would change, then take it."""
    form = YearForm(request.POST, request.FILES)
    seen: list[Preview] = []
    is_taking = request.POST.get("do") == "take"
    status = tried(request, form, lambda: _take(request, form) if is_taking else seen.append(_seen(form)))
    year = form.cleaned_data.get("year") or today().year
    if status:
        return _page(request, year, load=form, status=status)
    if is_taking:
        messages.success(request, _("已装入 %(year)d 年的安排，期限正在后台重算") % {"year": year})
        return redirect(f"{reverse('administration:calendar')}?year={year}")
    context: dict[str, object] = {"preview": seen[0], "text": _text(form), "source": form.cleaned_data["source"]}
    return admin_page(request, "administration/calendar_preview.html", context, current="calendar")


def _text(form: YearForm) -> str:
    file = form.cleaned_data.get("file")
    if file is None:
        return str(form.cleaned_data["text"])
    if "content" not in form.cleaned_data:
        form.cleaned_data["content"] = decoded(content_of(file, 200_000))
    return str(form.cleaned_data["content"])


def _seen(form: YearForm) -> Preview:
    return preview(form.cleaned_data["year"], _text(form))


def _take(request: HttpRequest, form: YearForm) -> None:
    notice = Notice(form.cleaned_data["year"], form.cleaned_data["source"], _text(form))
    load_year(actor=acting(request), notice=notice)


@require_POST
@officers()
def change(request: HttpRequest) -> HttpResponse:
    """Put one day right."""
    form = DayForm(request.POST, prefix="d")
    status = tried(request, form, lambda: change_day(actor=acting(request), change=DayChange(**form.cleaned_data)))
    day = form.cleaned_data.get("day") or today()
    if status:
        return _page(request, day.year, day=form, status=status)
    messages.success(request, _("已改 %(day)s，期限正在后台重算") % {"day": day})
    return redirect(f"{reverse('administration:calendar')}?year={day.year}")
