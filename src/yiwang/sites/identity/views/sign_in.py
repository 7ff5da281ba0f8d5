"""Sign-in: password, second factor, the way back to where one came from."""

from datetime import timedelta
from urllib.parse import urlencode

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.kernel.org.models import Account
from yiwang.kernel.org.queries import actor_of
from yiwang.sites.identity import passwords, pending, second_factor
from yiwang.sites.identity.actions.own import use_second_factor
from yiwang.sites.identity.attempts import count_attempt
from yiwang.sites.identity.bridge import wrong_code
from yiwang.sites.identity.credentials import username_of
from yiwang.sites.identity.forms import CodeForm, SignInForm, StaffSignInForm
from yiwang.sites.identity.limits import limits
from yiwang.sites.identity.middleware import MUST_CHANGE
from yiwang.sites.identity.queries import BACKEND
from yiwang.sites.identity.refusals import AccountLocked, WrongCode, WrongCredentials
from yiwang.ui.acting import address_of

HOMES = {"staff": "/desk/", "party": "/", "system": "/admin/", "security": "/id/officer/", "audit": "/admin/changes/"}


def safe_next(request: HttpRequest, wanted: str) -> str:
    """A page of this host, or nothing."""
    host = {request.get_host()}
    is_safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=host, require_https=request.is_secure())
    return wanted if is_safe and not wanted.startswith("//") else ""


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def public(request: HttpRequest) -> HttpResponse:
    """Citizens and firms."""
    return _first_step(request, SignInForm, "identity/sign_in.html")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def staff(request: HttpRequest) -> HttpResponse:
    """Staff and officers."""
    return _first_step(request, StaffSignInForm, "identity/staff.html")


def _first_step(request: HttpRequest, form_class: type[SignInForm], template: str) -> HttpResponse:
    if request.method == "GET":
        if isinstance(request.user, Account):
            return HttpResponseRedirect(safe_next(request, request.GET.get("next", "")) or home_of(request.user))
        form = form_class(initial={"next": request.GET.get("next", "")})
        return render(request, template, {"form": form, "over": request.GET.get("over", ""), "limits": limits()})
    form = form_class(request.POST)
    status = 400
    if form.is_valid():
        try:
            return _after_password(request, _check_password(request, form), form.cleaned_data["next"])
        except (WrongCredentials, AccountLocked) as refusal:
            form.take_refusal(refusal)
            status = refusal.status
    return render(request, template, {"form": form, "limits": limits()}, status=status)


def _check_password(request: HttpRequest, form: SignInForm) -> Account:
    window = timedelta(minutes=limits().lock_minutes)
    count_attempt("sign_in", address_of(request), limits().address_attempts, window)
    username = username_of(form.cleaned_data["login"])
    account = authenticate(request, username=username, password=form.cleaned_data["password"])
    if isinstance(account, Account):
        return account
    if getattr(request, "axes_locked_out", False):
        raise AccountLocked()
    raise WrongCredentials()


def _after_password(request: HttpRequest, account: Account, wanted: str) -> HttpResponse:
    next_page = safe_next(request, wanted)
    if not second_factor.is_wanted(account):
        return finish(request, account, next_page)
    pending.put(request, account, next_page)
    return redirect("identity:second" if second_factor.is_enrolled(account) else "identity:enrol")


def locked_out(request: HttpRequest, response: HttpResponse, credentials: object) -> HttpResponse:
    """What axes answers when an account is locked: the page the view made, which says so."""
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """The second step: a code of the app, or one of the paper codes."""
    half = pending.get(request)
    if half is None:
        return redirect("identity:staff")
    waiting, account = half
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            check_code(request, account, form.cleaned_data["code"])
            return finish(request, account, waiting.next)
        except WrongCode as refusal:
            form.take_refusal(refusal)
        except AccountLocked as refusal:
            pending.drop(request)
            return render(request, "identity/locked.html", {"refusal": refusal}, status=refusal.status)
    status = 400 if form.is_bound else 200
    return render(request, "identity/second.html", {"form": form, "actor": actor_of(account)}, status=status)


def check_lock(request: HttpRequest, account: Account) -> None:
    """Raise AccountLocked while it is locked."""
    if not AxesProxyHandler.is_allowed(request, {"username": account.username}):
        raise AccountLocked()


def check_code(request: HttpRequest, account: Account, code: str) -> None:
    """Accept a code; wrong ones count like wrong passwords. Raises WrongCode, AccountLocked."""
    check_lock(request, account)
    try:
        use_second_factor(actor=actor_of(account), code=code)
    except WrongCode:
        wrong_code(request, account.username)
        if getattr(request, "axes_locked_out", False):
            raise AccountLocked() from None
        raise


def finish(request: HttpRequest, account: Account, next_page: str) -> HttpResponse:
    """Begin the session and lead to where the visitor wanted to go."""
    pending.drop(request)
    login(request, account, backend=BACKEND)
    if passwords.is_too_old(account):
        request.session[MUST_CHANGE] = True
        return HttpResponseRedirect(f"{reverse('identity:password')}?{urlencode({'next': next_page})}")
    return HttpResponseRedirect(next_page or home_of(account))


def home_of(account: Account) -> str:
    """First page of staff, officers and everybody else."""
    if account.party_id is not None:
        return HOMES["party"]
    return HOMES[account.officer or "staff"]


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    is_party = isinstance(request.user, Account) and request.user.party_id is not None
    logout(request)
    return redirect("/" if is_party else "identity:staff")
