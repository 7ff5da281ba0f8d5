"""Units: the tree, the people of one, adding, changing, closing, posts."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.org.actions import change_unit, close_unit, found_unit, open_post, reopen_unit
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Node, Unit
from yiwang.sites.administration.forms import DeskForm, PostForm, ReasonForm, UnitForm, number_of, words_of
from yiwang.sites.administration.queries.changes import recent
from yiwang.sites.administration.queries.officers import officers_shown
from yiwang.sites.administration.queries.organisation import (
    found_people,
    found_units,
    known_roles,
    people_by_unit,
    people_of,
    people_without_post,
    person_panel,
    tree,
    unit_page,
    url_of,
)
from yiwang.sites.administration.queries.palette import options
from yiwang.sites.administration.views.shell import admin_page, officers, tried
from yiwang.ui.acting import acting

CURRENT = "organisation"
SHOWN_CHANGES = 6


@require_GET
@officers()
def show(request: HttpRequest) -> HttpResponse:
    """Tree, table and panel."""
    return _page(request)


def _page(request: HttpRequest, form: DeskForm | None = None, status: int = 200) -> HttpResponse:
    given = request.GET
    words, person = words_of(given.get("q", "")), number_of(given.get("person", ""))
    unit, counted = _chosen(given.get("unit", ""), words), people_by_unit()
    page = unit_page(unit) if unit else None
    context: dict[str, object] = {
        "tree": tree(unit, counted),
        "unit": page,
        "words": words,
        "is_loose": given.get("unit") == "none",
        "rows": _people(unit, person, words, given.get("unit", "")),
        "units": found_units(words) if words else (),
        "panel": person_panel(person) if person else None,
        "close_url": url_of(given.get("unit", ""), 0, words),
        "changes": () if words else recent(SHOWN_CHANGES, unit=0 if person else unit, person=person),
        "total": sum(counted.values()),
        "unit_count": sum(one.is_active for one in directory().units.values()),
        "three": officers_shown(acting(request)),
        "form": form,
    }
    return admin_page(request, "administration/organisation.html", context, current=CURRENT, status=status)


def _chosen(text: str, words: str) -> int:
    """The unit named in the address, else the first; none while searching or looking at people without a post."""
    if words or text == "none":
        return 0
    known = number_of(text)
    first = min(directory().units.values(), key=lambda unit: unit.path, default=None)
    return known if known in directory().units else first.pk if first else 0


def _people(unit: int, person: int, words: str, asked: str) -> object:
    if words:
        return found_people(words, person)
    if asked == "none":
        return people_without_post(person)
    return people_of(unit, person) if unit else ()


@require_GET
@officers()
def seek(request: HttpRequest) -> HttpResponse:
    """What the palette offers for the words typed, as a fragment."""
    words = words_of(request.GET.get("q", ""))
    return render(request, "administration/parts/palette_list.html", {"groups": options(words)})


@require_http_methods(["GET", "POST"])
@officers()
def found(request: HttpRequest) -> HttpResponse:
    """Add a unit, below another or beside the tree."""
    parent = number_of(request.GET.get("parent", ""))
    above = directory().units.get(parent)
    start = {"level": above.level, "division": above.division_id, "kind": Unit.Type.SECTION} if above else {}
    form = UnitForm(request.POST if request.method == "POST" else None, initial=start)
    made: list[Unit] = []
    status = 200
    if request.method == "POST":
        status = tried(request, form, lambda: made.append(_founded(request, form, parent)))
        if made:
            messages.success(request, _("已设立“%(name)s”，接着给它设岗位") % {"name": made[0].name})
            return redirect("administration:post", unit=made[0].pk)
    title = _("在“%(name)s”下设单位") % {"name": above.name} if above else _("设一个并列的单位")
    return _form_page(request, form, title, url_of(parent or ""), status)


def _founded(request: HttpRequest, form: UnitForm, parent: int) -> Unit:
    node = Node.objects.filter(is_self=True).values_list("pk", flat=True).first()
    if node is None:
        node = Node.objects.values_list("pk", flat=True).first()
    if node is None:
        raise NotFound(_("本站还没有节点记录"), remedy=_("请先运行 ./run up 完成初始化"))
    return found_unit(actor=acting(request), facts=form.facts(), parent=parent or None, node=node)


@require_http_methods(["GET", "POST"])
@officers()
def change(request: HttpRequest, unit: int) -> HttpResponse:
    """Put a unit right."""
    row = _unit(unit)
    start = {name: getattr(row, name) for name in UnitForm.base_fields if name != "division"}
    form = UnitForm(request.POST or None, initial={**start, "division": row.division_id})
    if request.method != "POST":
        return _form_page(request, form, _("修改“%(name)s”") % {"name": row.name}, url_of(unit), 200)
    status = tried(request, form, lambda: change_unit(actor=acting(request), unit=unit, facts=form.facts()))
    if not status:
        return _done(request, _("已保存，改动记录在案"), unit)
    return _form_page(request, form, _("修改“%(name)s”") % {"name": row.name}, url_of(unit), status)


@require_http_methods(["GET", "POST"])
@officers()
def close(request: HttpRequest, unit: int) -> HttpResponse:
    """Close a unit, or open a closed one again."""
    row, form = _unit(unit), ReasonForm(request.POST or None)
    act: Callable[..., None] = close_unit if row.is_active else reopen_unit
    title = _("撤销“%(name)s”") if row.is_active else _("恢复“%(name)s”")
    status = 200
    if request.method == "POST":
        status = tried(request, form, lambda: act(actor=acting(request), unit=unit, reason=form.cleaned_data["reason"]))
        if not status:
            return _done(request, _("已办理，改动记录在案"), unit)
    note = _("撤销以后不再收件、不再任人；原来的办件和记录都保留，名称照旧显示。") if row.is_active else ""
    return _form_page(request, form, title % {"name": row.name}, url_of(unit), status, note=note)


@require_http_methods(["GET", "POST"])
@officers()
def post(request: HttpRequest, unit: int) -> HttpResponse:
    """Open a post in a unit."""
    row, form = _unit(unit), PostForm(request.POST or None)
    status = 200
    if request.method == "POST":
        act = partial(open_post, actor=acting(request), unit=unit)
        status = tried(request, form, lambda: act(**form.cleaned_data))
        if not status:
            return _done(request, _("已设岗位；能看什么、办什么由流程和授权决定"), unit)
    title = _("在“%(name)s”设岗位") % {"name": row.name}
    return _form_page(request, form, title, url_of(unit), status, roles=known_roles())


def _unit(unit: int) -> Unit:
    row = directory().units.get(unit)
    if row is None:
        raise NotFound(_("没有这个单位"))
    return row


def _done(request: HttpRequest, words: str, unit: int) -> HttpResponse:
    messages.success(request, words)
    return redirect(url_of(unit))


def _form_page(
    request: HttpRequest, form: DeskForm, title: str, back: str, status: int, **more: object
) -> HttpResponse:
    context: dict[str, object] = {"form": form, "title": title, "back": back, **more}
    return admin_page(request, "administration/form.html", context, current=CURRENT, status=status)
