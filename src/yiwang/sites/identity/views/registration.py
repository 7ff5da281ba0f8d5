"""Citizens and firms register, and find their way back when the password is lost."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from yiwang.kernel.base.masks import mask_phone
from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.org.actors import ANONYMOUS
from yiwang.sites.identity import passwords, phone_codes
from yiwang.sites.identity.actions.registration import (
    ask_to_register,
    ask_to_reset,
    finish_registration,
    finish_reset,
    register_unconfirmed,
)
from yiwang.sites.identity.attempts import count_attempt
from yiwang.sites.identity.forms import CodeForm, ForgotForm, RegisterForm, ResetForm
from yiwang.sites.identity.limits import limits
from yiwang.sites.identity.rules import tidy_digits
from yiwang.sites.identity.views.sign_in import finish, safe_next
from yiwang.ui.acting import address_of

WAITING = "yw.waiting"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _wait(request: HttpRequest, purpose: str, code: int, phone: str) -> None:
    next_page = safe_next(request, request.GET.get("next", ""))
    request.session[WAITING] = {"purpose": purpose, "code": code, "phone": mask_phone(phone), "next": next_page}


def _waiting(request: HttpRequest, purpose: str) -> dict[str, object] | None:
    kept = request.session.get(WAITING)
    return kept if isinstance(kept, dict) and kept.get("purpose") == purpose else None


def _bounded(request: HttpRequest, phone: str) -> None:
    count_attempt("register", address_of(request), limits().registrations_per_hour, HOUR)
    count_attempt("code", phone, limits().codes_per_day, DAY)


@never_cache
@sensitive_post_parameters("password", "again", "id_number")
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Who registers, once: then the telephone is confirmed."""
    form = RegisterForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _registered(request, form)
        except Refusal as refusal:
            form.take_refusal(refusal)
    context = {"form": form, "rules": passwords.rules_in_words(), "reachable": phone_codes.can_reach_phones()}
    return render(request, "identity/register.html", context, status=400 if form.is_bound else 200)


def _registered(request: HttpRequest, form: RegisterForm) -> HttpResponse:
    who, password = form.who, form.cleaned_data["password"]
    _bounded(request, who.phone)
    if not phone_codes.can_reach_phones():
        register_unconfirmed(actor=ANONYMOUS, who=who, password=password)
        return render(request, "identity/registered.html", {"level": 0})
    waiting = ask_to_register(actor=ANONYMOUS, who=who, password=password)
    _wait(request, "register", waiting, who.phone)
    return redirect("identity:register_code")


@never_cache
@require_http_methods(["GET", "POST"])
def register_code(request: HttpRequest) -> HttpResponse:
    """The code that came to the telephone; then the account exists and is signed in."""
    kept = _waiting(request, "register")
    if kept is None:
        return redirect("identity:register")
    waiting = int(str(kept["code"]))
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _confirmed(request, waiting, form.cleaned_data["code"], str(kept["next"]))
        except Refusal as refusal:
            form.take_refusal(refusal)
    context = {"form": form, "phone": kept["phone"], "shown": phone_codes.code_on_page(waiting), "limits": limits()}
    return render(request, "identity/register_code.html", context, status=400 if form.is_bound else 200)


def _confirmed(request: HttpRequest, waiting: int, code: str, next_page: str) -> HttpResponse:
    window = timedelta(minutes=limits().code_minutes)
    count_attempt("enter", str(waiting), limits().code_tries, window)
    account = finish_registration(actor=ANONYMOUS, waiting=waiting, code=code)
    request.session.pop(WAITING, None)
    messages.success(request, _("注册成功，手机号已确认。需要当面核验的事项，请带证件到政务服务窗口。"))
    return finish(request, account, next_page)


@never_cache
@require_http_methods(["GET", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """Ask for a code that sets a new password. The answer is the same for everybody."""
    reachable = phone_codes.can_reach_phones()
    form = ForgotForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and reachable and form.is_valid():
        phone, number = tidy_digits(form.cleaned_data["phone"]), tidy_digits(form.cleaned_data["id_number"]).upper()
        try:
            _bounded(request, phone)
            waiting = ask_to_reset(actor=ANONYMOUS, id_number=number, phone=phone)
        except Refusal as refusal:
            form.take_refusal(refusal)
        else:
            _wait(request, "reset", waiting, phone)
            return redirect("identity:forgot_code")
    context = {"form": form, "reachable": reachable}
    return render(request, "identity/forgot.html", context, status=400 if form.is_bound else 200)


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def forgot_code(request: HttpRequest) -> HttpResponse:
    """The code and the new password."""
    kept = _waiting(request, "reset")
    if kept is None:
        return redirect("identity:forgot")
    waiting = int(str(kept["code"]))
    form = ResetForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _reset(request, waiting, form)
        except Refusal as refusal:
            form.take_refusal(refusal)
    context = {
        "form": form,
        "phone": kept["phone"],
        "shown": phone_codes.code_on_page(waiting),
        "rules": passwords.rules_in_words(),
        "limits": limits(),
    }
    return render(request, "identity/forgot_code.html", context, status=400 if form.is_bound else 200)


def _reset(request: HttpRequest, waiting: int, form: ResetForm) -> HttpResponse:
    count_attempt("enter", str(waiting), limits().code_tries, timedelta(minutes=limits().code_minutes))
    finish_reset(
        actor=ANONYMOUS, waiting=waiting, code=form.cleaned_data["code"], password=form.cleaned_data["password"]
    )
    request.session.pop(WAITING, None)
    messages.success(request, _("新密码已设好，请登录。"))
    return redirect("identity:sign_in")
