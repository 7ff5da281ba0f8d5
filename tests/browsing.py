"""A browser without a window, signed in as somebody without going through the sign-in pages."""

from django.test import Client

from yiwang.kernel.base.moments import now
from yiwang.kernel.org.models import Account
from yiwang.sites.identity import sessions

BACKEND = "yiwang.sites.identity.credentials.AccountBackend"


def signed_in(account: Account, *, tells_errors: bool = True) -> Client:
    """A session of this account as the session rules want it; `tells_errors=False` gives pages for faults."""
    client = Client(raise_request_exception=tells_errors)
    client.force_login(account, backend=BACKEND)
    session = client.session
    session[sessions.STARTED] = session[sessions.SEEN] = now().timestamp()
    session.save()
    return client
