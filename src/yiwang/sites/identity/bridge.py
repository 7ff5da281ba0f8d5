"""The one place where signals of Django and axes are heard: sessions begin and end, the access log is told."""

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from yiwang.kernel.ledger.access_log import Access, log_access
from yiwang.kernel.org.models import Account
from yiwang.sites.identity import sessions
from yiwang.sites.identity.models import SignIn
from yiwang.ui.acting import address_of

STRANGER = -1


@receiver(user_logged_in, dispatch_uid="identity.signed_in")
def signed_in(sender: object, request: HttpRequest, user: Account, **_: object) -> None:
    """A session begins."""
    sessions.begin(request, user)
    log_access(Access("sign_in", user.pk, name=user.username, address=address_of(request)))


@receiver(user_logged_out, dispatch_uid="identity.signed_out")
def signed_out(sender: object, request: HttpRequest, user: Account | None, **_: object) -> None:
    """A session ends by its owner's will."""
    if user is None:
        return
    sessions.end_one(request.session.session_key or "", SignIn.End.OUT)
    log_access(Access("sign_out", user.pk, name=user.username, address=address_of(request)))


@receiver(user_login_failed, dispatch_uid="identity.sign_in_failed")
def sign_in_failed(
    sender: object, credentials: dict[str, object], request: HttpRequest | None = None, **_: object
) -> None:
    """A wrong password or code, or a try while locked; strangers appear under the tag of what they typed."""
    address = address_of(request) if request is not None else ""
    name = str(credentials.get("username", ""))
    factor = str(credentials.get("factor", "password"))
    log_access(Access("sign_in", STRANGER, success=False, name=name[:150], address=address, facts={"factor": factor}))


def wrong_code(request: HttpRequest, username: str) -> None:
    """Let a wrong second factor count like a wrong password."""
    user_login_failed.send(sender=__name__, credentials={"username": username, "factor": "code"}, request=request)


@receiver(user_locked_out, dispatch_uid="identity.locked_out")
def locked_out(sender: object, request: HttpRequest, username: str, **_: object) -> None:
    """An account was locked, or is still."""
    name = username[:150]
    log_access(Access("account_locked", STRANGER, success=False, name=name, address=address_of(request)))
