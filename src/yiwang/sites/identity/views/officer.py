"""The security officer's list of accounts and what he does to one of them."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.sites.identity.actions.officers import (
    disable_account,
    enable_account,
    reset_password,
    reset_second_factor,
    unlock_account,
)
from yiwang.sites.identity.forms import ReasonForm
from yiwang.sites.identity.queries import accounts_for
from yiwang.ui.acting import acting

MOVES: dict[str, Callable[..., str | None]] = {
    "factor": reset_second_factor,
    "password": reset_password,
    "unlock": unlock_account,
    "disable": disable_account,
    "enable": enable_account,
}


@never_cache
@login_required
@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """Accounts of staff and officers."""
    text = request.GET.get("q", "").strip()[:60]
    context = {"rows": accounts_for(acting(request), text), "text": text, "form": ReasonForm()}
    return render(request, "identity/accounts.html", context)


@never_cache
@login_required
@require_POST
def move(request: HttpRequest, account: int, what: str) -> HttpResponse:
    """Do one thing to one account, with a reason."""
    if what not in MOVES:
        raise Http404
    password = MOVES[what](actor=acting(request), account=account, reason=request.POST.get("reason", ""))
    if password:
        return render(request, "identity/given.html", {"password": password})
    messages.success(request, _("已办理并记录在案"))
    return redirect("identity:officer")
