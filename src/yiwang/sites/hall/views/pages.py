"""Fixed pages: how to use the hall, who can use it, what happens to personal data."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def usage(request: HttpRequest) -> HttpResponse:
    """How to apply, track and verify, and whom to ask."""
    return render(request, "hall/help.html", {"here": "help"})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What the pages promise to people with disabilities and to the old."""
    return render(request, "hall/accessibility.html", {"here": "help"})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Which personal data is kept, why, for how long (个人信息保护法 art. 17, 35)."""
    return render(request, "hall/privacy.html", {"here": "help"})
