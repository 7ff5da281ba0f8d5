"""People: adding, changing, into a post and out of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.ledger.access_log import Access, log_access
from yiwang.kernel.org.actions import appoint, change_person, end_holding, take_on
from yiwang.kernel.org.models import Holding, Person
from yiwang.sites.administration.forms import AppointForm, DeskForm, EndForm, NewPersonForm, PersonForm, number_of
from yiwang.sites.administration.queries.organisation import colleagues, post_choices, url_of, waiting_in
from yiwang.sites.administration.queries.shell import SYSTEM
from yiwang.sites.administration.views.shell import admin_page, officers, tried
from yiwang.ui.acting import acting, address_of


@require_http_methods(["GET", "POST"])
@officers()
def add(request: HttpRequest) -> HttpResponse:
    """Add a person; then comes his post."""
    unit = number_of(request.GET.get("unit", ""))
    form = NewPersonForm(request.POST if request.method == "POST" else None)
    made: list[Person] = []
    status = 200
    if request.method == "POST":
        status = tried(request, form, lambda: made.append(take_on(actor=acting(request), **form.cleaned_data)))
        if made:
            messages.success(request, _("已加“%(name)s”，接着任命岗位") % {"name": made[0].name})
            address = redirect("administration:appoint", person=made[0].pk)
            address["Location"] += f"?unit={unit}" if unit else ""
            return address
    note = _("账号由安全保密管理员另开；没有岗位的人办不了件。")
    return _form_page(request, form, _("加人"), url_of(unit or ""), status, note=note)


@require_http_methods(["GET", "POST"])
@officers()
def change(request: HttpRequest, person: int) -> HttpResponse:
    """Put a person's facts right."""
    row = _person(person)
    start = {name: getattr(row, name) for name in PersonForm.base_fields} | {"phone": _phone(request, row)}
    form = PersonForm(request.POST if request.method == "POST" else None, initial=start)
    status = 200
    if request.method == "POST":
        status = tried(request, form, lambda: change_person(actor=acting(request), person=person, facts=form.facts()))
        if not status:
            return _done(request, _("已保存，改动记录在案"), person)
    return _form_page(request, form, _("修改“%(name)s”") % {"name": row.name}, url_of(person=person), status)


def _phone(request: HttpRequest, row: Person) -> str:
    """The telephone, for whoever may change it; that it was shown stands in the access log."""
    actor = acting(request)
    if not row.phone or actor.officer != SYSTEM:
        return ""
    if request.method == "GET":
        facts: dict[str, object] = {"person": row.pk}
        log_access(
            Access("person.phone_seen", actor.account, name=actor.name, address=address_of(request), facts=facts)
        )
    return str(row.phone)


@require_http_methods(["GET", "POST"])
@officers()
def into_post(request: HttpRequest, person: int) -> HttpResponse:
    """Appoint a person to a post."""
    row = _person(person)
    posts = post_choices(number_of(request.GET.get("unit", "")))
    form = AppointForm(request.POST if request.method == "POST" else None, posts=posts)
    status = 200
    if request.method == "POST":
        status = tried(request, form, lambda: appoint(actor=acting(request), person=person, **form.cleaned_data))
        if not status:
            return _done(request, _("已任命，改动记录在案"), person)
    return _form_page(request, form, _("任命“%(name)s”") % {"name": row.name}, url_of(person=person), status)


@require_http_methods(["GET", "POST"])
@officers()
def out_of_post(request: HttpRequest, holding: int) -> HttpResponse:
    """End a holding; what is open goes to a colleague or back to the pool."""
    row = Holding.objects.select_related("person", "post__unit").filter(pk=holding).first()
    if row is None:
        raise NotFound(_("没有这个任职"))
    start = {"until": row.until} if row.until else {}
    posted = request.POST if request.method == "POST" else None
    form = EndForm(posted, colleagues=colleagues(row), initial=start)
    status = 200
    if request.method == "POST":
        status = tried(request, form, lambda: end_holding(actor=acting(request), holding=holding, **form.cleaned_data))
        if not status:
            return _done(request, _("已记下；到期次日自动移交，进度看这一页"), row.person_id)
    title = _("免去“%(name)s”的“%(post)s”") % {"name": row.person.name, "post": row.post.name}
    return _form_page(request, form, title, url_of(person=row.person_id), status, note=_waits(row))


def _waits(row: Holding) -> str:
    words = _("他名下现有 %(count)d 件在办，最后任职日的次日移交；以前的意见保留原姓名。") % {"count": waiting_in(row)}
    alone = not colleagues(row)
    return words + (_("这个岗位没有别的人：移交后没有人能领办，请先任命接手人。") if alone else "")


def _person(person: int) -> Person:
    row = Person.objects.filter(pk=person).first()
    if row is None:
        raise NotFound(_("没有这个人"))
    return row


def _done(request: HttpRequest, words: str, person: int) -> HttpResponse:
    messages.success(request, words)
    first = Holding.objects.filter(person=person).order_by("-pk").values_list("post__unit", flat=True).first()
    return redirect(url_of(first or "none", person))


def _form_page(
    request: HttpRequest, form: DeskForm, title: str, back: str, status: int, **more: object
) -> HttpResponse:
    context: dict[str, object] = {"form": form, "title": title, "back": back, **more}
    return admin_page(request, "administration/form.html", context, current="organisation", status=status)
