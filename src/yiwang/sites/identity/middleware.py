"""Session rules 会话规则 on every request, and `request.actor`."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django_htmx.http import HttpResponseClientRedirect

from yiwang.kernel.base.moments import now
from yiwang.kernel.ledger.access_log import Access, log_access
from yiwang.kernel.org.models import Account
from yiwang.sites.identity import kept, sessions
from yiwang.sites.identity.limits import limits
from yiwang.sites.identity.models import SignIn
from yiwang.sites.identity.rules import session_end
from yiwang.ui.acting import acting, address_of

MUST_CHANGE = "yw.must_change"
ALWAYS_OPEN = {"identity:password", "identity:sign_out", "identity:codes", "identity:qr"}


class SessionRules:
    """Ends sessions that are over, holds those whose password must be changed, names who acts.

    Looks after the check against forged requests (`process_view`), so that nothing a stranger sent is ever kept.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """`request.actor` costs nothing until it is asked, then two queries at most."""
        request.actor = SimpleLazyObject(lambda: acting(request))  # type: ignore[attr-defined]  # for every view
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> HttpResponse | None:
        """The answer to a session that is over; None lets the view answer."""
        account = request.user
        if not isinstance(account, Account):
            return None
        why = _over(request)
        if why:
            return end_session(request, account, why)
        sessions.note_seen(request)
        match = request.resolver_match
        if request.session.get(MUST_CHANGE) and (match is None or match.view_name not in ALWAYS_OPEN):
            return redirect("identity:password")
        return None


def _over(request: HttpRequest) -> str:
    times = (request.session.get(sessions.STARTED), request.session.get(sessions.SEEN))
    known = [datetime.fromtimestamp(moment, UTC) for moment in times if isinstance(moment, int | float)]
    if len(known) != len(times):
        return "length"
    started, seen = known
    return session_end(started, seen, now(), limits().idle, limits().length)


def end_session(request: HttpRequest, account: Account, why: str) -> HttpResponse:
    """End it, keep what was typed, lead to the sign-in that leads back."""
    form = kept.keep(request, account.pk) if request.method == "POST" else None
    sessions.end_one(request.session.session_key or "", SignIn.End(why))
    request.session.flush()
    request.user = AnonymousUser()
    log_access(
        Access("session_over", account.pk, name=account.username, address=address_of(request), facts={"why": why})
    )
    if form is not None:
        kept.put(request, form)
    back = reverse("identity:kept") if form else request.get_full_path() if request.method == "GET" else "/"
    door = "identity:sign_in" if account.party_id else "identity:staff"
    target = f"{reverse(door)}?{urlencode({'next': back, 'over': why})}"
    return HttpResponseClientRedirect(target) if getattr(request, "htmx", False) else HttpResponseRedirect(target)
