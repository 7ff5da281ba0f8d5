"""The first page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from yiwang.sites.hall.queries import home as queries


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Services first: search, items, progress, figures, quotas, counters."""
    return render(request, "hall/home.html", {"here": "home", "home": queries.home()})
