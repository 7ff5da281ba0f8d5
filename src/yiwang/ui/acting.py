"""Who acts in a request, and from which address."""

from django.conf import settings
from django.http import HttpRequest

from yiwang.kernel.org.actors import ANONYMOUS, Actor
from yiwang.kernel.org.models import Account
from yiwang.kernel.org.queries import actor_of


def acting(request: HttpRequest) -> Actor:
    """The actor behind the request, resolved once; ANONYMOUS for strangers."""
    known: Actor | None = getattr(request, "_yiwang_actor", None)
    if known is None:
        account = getattr(request, "user", None)
        known = actor_of(account) if isinstance(account, Account) else ANONYMOUS
        request._yiwang_actor = known  # type: ignore[attr-defined]  # kept for the length of the request
    return known


def address_of(request: HttpRequest) -> str:
    """The client's address; a proxy's word counts only when the proxy itself is listed as trusted."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if direct not in settings.TRUSTED_PROXIES:
        return direct
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    return forwarded.rpartition(",")[2].strip() or direct
