"""A page that was sent after the session had ended: kept sealed until its writer has signed in again.

What was typed waits in the new anonymous session, which signing in carries over; it is put into the draft as soon as
the draft's owner opens the page again, and into nobody else's.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from yiwang.kernel.cases.types import current_offer
from yiwang.kernel.crypto.keyring import KeyringError, keyring
from yiwang.kernel.forms.definition import Raw
from yiwang.kernel.forms.posted import read_step
from yiwang.ui.acting import acting

PLACE = "hall.stash"
LARGEST = 200_000
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Stashed:
    """What was typed, and the revision of the draft it was typed over."""

    raw: Raw
    revision: int


def kept(view: View) -> View:
    """Keeps a page posted by somebody whose session has ended, and sends him to sign in."""

    @wraps(view)
    def guarded(request: HttpRequest, key: str, draft: str, step: str) -> HttpResponseBase:
        if request.method == "POST" and acting(request).account <= 0:
            _put(request, key, draft, step)
            messages.info(request, _("登录时间到了。刚才填的已经替您留着，登录以后自动接回来。"))
            return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
        return view(request, key=key, draft=draft, step=step)

    return guarded


def _put(request: HttpRequest, key: str, draft: str, step: str) -> None:
    form = current_offer(key).form
    if step not in {one.key for one in form.steps}:
        return
    raw = read_step(form.step(step), {name: list(values) for name, values in request.POST.lists()})
    revision = request.POST.get("_revision", "")
    plain = json.dumps({"raw": raw, "revision": int(revision) if revision.isdigit() else 0}).encode()
    if len(plain) <= LARGEST:
        sealed = keyring().seal(plain, _context(draft, step))
        request.session[PLACE] = {"draft": draft, "step": step, "sealed": b64encode(sealed).decode()}


def taken(request: HttpRequest, draft: str, step: str) -> Stashed | None:
    """What waits for this page, taken out of the session; None when nothing does."""
    found = request.session.get(PLACE)
    if not isinstance(found, dict) or (found.get("draft"), found.get("step")) != (draft, step):
        return None
    del request.session[PLACE]
    try:
        plain = json.loads(keyring().unseal(b64decode(found["sealed"]), _context(draft, step)))
    except (KeyringError, ValueError):
        return None
    messages.success(request, _("刚才填的已经接回来了，请接着填。"))
    return Stashed(plain["raw"], plain["revision"])


def _context(draft: str, step: str) -> bytes:
    return f"hall.stash/{draft}/{step}".encode()
