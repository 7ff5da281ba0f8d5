"""Pages for people who are signed in; strangers go to sign in and come back."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url

from yiwang.ui.acting import acting

View = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """Lets only signed-in people through; the address of a GET is where they come back to."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if acting(request).account <= 0:
            return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
        return view(request, *args, **kwargs)

    return guarded
