"""Enrolling the second factor: QR picture, first code, recovery codes shown once."""

import base64

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.org.models import Account
from yiwang.kernel.org.queries import actor_of
from yiwang.sites.identity import pending, second_factor
from yiwang.sites.identity.actions.own import enrol_second_factor, give_up_second_factor, show_recovery_codes
from yiwang.sites.identity.bridge import wrong_code
from yiwang.sites.identity.forms import CodeForm
from yiwang.sites.identity.refusals import WrongCode
from yiwang.sites.identity.views.sign_in import check_lock, finish, home_of, safe_next
from yiwang.ui.acting import acting
from yiwang.ui.face import face

SEALED = b"identity.enrolling"
AFTER_CODES = "yw.after_codes"


def _secret(request: HttpRequest, half: pending.Pending) -> str:
    """The secret being enrolled; made at first sight, the same at every reload."""
    if half.secret:
        return keyring().unseal(base64.b64decode(half.secret), SEALED).decode()
    secret = second_factor.new_secret()
    sealed = base64.b64encode(keyring().seal(secret.encode(), SEALED)).decode("ascii")
    pending.keep_secret(request, half, sealed)
    return secret


def _enrolling(request: HttpRequest) -> tuple[pending.Pending, Account] | None:
    half = pending.get(request)
    return half if half is not None and not second_factor.is_enrolled(half[1]) else None


@never_cache
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """First sign-in of staff: connect an authenticator app."""
    half = _enrolling(request)
    if half is None:
        return redirect("identity:staff")
    waiting, account = half
    secret = _secret(request, waiting)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            enrol_second_factor(actor=actor_of(account), secret=secret, code=form.cleaned_data["code"])
            finish(request, account, "")
            request.session[AFTER_CODES] = waiting.next or home_of(account)
            return redirect("identity:codes")
        except WrongCode as refusal:
            form.take_refusal(refusal)
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    context = {"form": form, "secret": grouped, "actor": actor_of(account)}
    return render(request, "identity/enrol.html", context, status=400 if form.is_bound else 200)


@never_cache
@require_GET
def qr(request: HttpRequest) -> HttpResponse:
    """The QR picture of the secret being enrolled, for this session only."""
    half = _enrolling(request)
    if half is None or not half[0].secret:
        raise Http404
    address = second_factor.address_of(_secret(request, half[0]), half[1], face().bureau)
    picture = second_factor.qr_svg(address)
    return HttpResponse(picture, content_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@never_cache
@login_required
@require_GET
def codes(request: HttpRequest) -> HttpResponse:
    """The recovery codes, once, to be printed."""
    onward = safe_next(request, request.session.pop(AFTER_CODES, "")) or "/"
    shown = show_recovery_codes(actor=acting(request))
    if not shown:
        return redirect(onward)
    return render(request, "identity/codes.html", {"codes": shown, "onward": onward})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Another phone or lost paper codes: one last code of the old authenticator, then enrol anew."""
    actor, account = acting(request), request.user
    if not isinstance(account, Account) or not second_factor.is_enrolled(account):
        raise Http404
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            check_lock(request, account)
            given_up = give_up_second_factor(actor=actor, code=form.cleaned_data["code"])
        except WrongCode as refusal:
            wrong_code(request, account.username)
            form.take_refusal(refusal)
        else:
            logout(request)
            pending.put(request, given_up, "")
            return redirect("identity:enrol")
    left = second_factor.paper_codes_left(account)
    return render(request, "identity/factor.html", {"form": form, "left": left}, status=400 if form.is_bound else 200)
