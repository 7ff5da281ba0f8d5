"""Everything that was changed, for the three officers."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yiwang.sites.administration.forms import number_of
from yiwang.sites.administration.queries.changes import PAGE, recent
from yiwang.sites.administration.queries.shell import AUDIT, SECURITY, SYSTEM
from yiwang.sites.administration.views.shell import admin_page, officers


@require_GET
@officers(SYSTEM, SECURITY, AUDIT)
def show(request: HttpRequest) -> HttpResponse:
    """The latest fifty, then older ones."""
    lines = recent(PAGE, before=number_of(request.GET.get("before", "")))
    more = lines[-1].pk if len(lines) == PAGE else 0
    return admin_page(request, "administration/changes.html", {"changes": lines, "more": more}, current="changes")
