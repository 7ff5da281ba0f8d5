"""Pages of one's own account: password, sessions, the form kept when a session ran out."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.org.models import Account
from yiwang.sites.identity import kept, passwords
from yiwang.sites.identity.actions.own import change_password, end_other_sessions
from yiwang.sites.identity.actions.own import end_session as end_own_session
from yiwang.sites.identity.forms import PasswordForm
from yiwang.sites.identity.limits import limits
from yiwang.sites.identity.middleware import MUST_CHANGE
from yiwang.sites.identity.queries import sessions_of
from yiwang.sites.identity.rules import device_of
from yiwang.sites.identity.sessions import move_session
from yiwang.sites.identity.views.sign_in import home_of, safe_next
from yiwang.ui.acting import acting


def base_for(request: HttpRequest) -> str:
    """Citizens see the hall's frame, staff their own."""
    return "ui/slim.html" if acting(request).party is not None else "identity/inner.html"


@never_cache
@login_required
@sensitive_post_parameters("old", "password", "again")
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change the password; every other session ends."""
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _changed(request, form)
        except Refusal as refusal:
            form.take_refusal(refusal)
    context = {
        "form": form,
        "base": base_for(request),
        "rules": passwords.rules_in_words(),
        "must": request.session.get(MUST_CHANGE, False),
        "days": limits().password_days,
    }
    return render(request, "identity/password.html", context, status=400 if form.is_bound else 200)


def _changed(request: HttpRequest, form: PasswordForm) -> HttpResponse:
    key, data = request.session.session_key or "", form.cleaned_data
    account = change_password(actor=acting(request), old=data["old"], new=data["password"], session_key=key)
    update_session_auth_hash(request, account)
    move_session(request, key)
    request.session.pop(MUST_CHANGE, None)
    messages.success(request, _("密码已修改，其他地方的登录已经退出。"))
    return HttpResponseRedirect(safe_next(request, request.GET.get("next", "")) or home_of(account))


@never_cache
@login_required
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    """Where the account is signed in, and was."""
    context = {
        "rows": [(row, device_of(row.agent)) for row in sessions_of(acting(request))],
        "here": request.session.session_key,
        "base": base_for(request),
        "limits": limits(),
    }
    return render(request, "identity/sessions.html", context)


@login_required
@require_POST
def end(request: HttpRequest, sign_in: int) -> HttpResponse:
    """End one session of one's own."""
    end_own_session(actor=acting(request), sign_in=sign_in)
    return redirect("identity:sessions")


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End all sessions but this."""
    end_other_sessions(actor=acting(request), session_key=request.session.session_key or "")
    return redirect("identity:sessions")


@never_cache
@login_required
@require_GET
def kept_form(request: HttpRequest) -> HttpResponse:
    """What was typed when the session ran out, to be sent again by one button."""
    account = request.user
    form = kept.take(request, account.pk) if isinstance(account, Account) else None
    if form is None or not safe_next(request, form.path):
        return redirect(home_of(account) if isinstance(account, Account) else "/")
    return render(request, "identity/kept.html", {"kept": form, "base": base_for(request)})
