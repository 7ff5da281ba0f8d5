"""Items and their guides."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from yiwang.sites.hall.queries import guide as guides
from yiwang.sites.hall.queries import offers

LONGEST_QUERY = 60


@require_safe
def items(request: HttpRequest) -> HttpResponse:
    """Every item, or those that fit a query."""
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    found = offers.search(query) if query else offers.items()
    return render(request, "hall/items.html", {"here": "items", "items": found, "query": query})


@require_safe
def guide(request: HttpRequest, key: str) -> HttpResponse:
    """The guide of one item, for the county in `?at=`."""
    found = guides.guide_of(key, request.GET.get("at", "")[:12])
    return render(request, "hall/guide.html", {"here": "items", "guide": found})


@require_safe
def sample(request: HttpRequest, key: str, slot: str) -> HttpResponse:
    """What a paper should look like, in words or as a picture of the definition."""
    return render(request, "hall/sample.html", {"here": "items", "sample": guides.sample_of(key, slot)})
