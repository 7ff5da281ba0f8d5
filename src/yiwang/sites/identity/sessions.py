"""Sessions 会话: begun at sign-in, listed for their owner, ended by time, by hand and by every change of trust."""

from django.contrib.sessions.models import Session
from django.http import HttpRequest

from yiwang.kernel.base.moments import now
from yiwang.kernel.org.models import Account
from yiwang.sites.identity.models import SignIn
from yiwang.ui.acting import address_of

STARTED = "yw.started"
SEEN = "yw.seen"
NOTED_EVERY = 60


def begin(request: HttpRequest, account: Account) -> None:
    """A step: note the new session of an account; signing in again within a session begins it anew."""
    if request.session.session_key is None:
        request.session.save()
    moment = now()
    request.session[STARTED] = request.session[SEEN] = moment.timestamp()
    told = {
        "account": account,
        "address": address_of(request),
        "agent": request.headers.get("User-Agent", "")[:200],
        "started": moment,
        "seen": moment,
    }
    SignIn.objects.update_or_create(session_key=request.session.session_key or "", defaults=told)


def move_session(request: HttpRequest, old_key: str) -> None:
    """The session goes on under a new key."""
    SignIn.objects.filter(session_key=old_key).update(session_key=request.session.session_key)


def note_seen(request: HttpRequest) -> None:
    """Push the idle limit on; written once a minute, not at every request."""
    moment = now()
    if moment.timestamp() - float(request.session.get(SEEN, 0)) >= NOTED_EVERY:
        request.session[SEEN] = moment.timestamp()
        SignIn.objects.filter(session_key=request.session.session_key).update(seen=moment)


def end_one(session_key: str, why: SignIn.End) -> None:
    """A step: end a session wherever it is open."""
    Session.objects.filter(session_key=session_key).delete()
    SignIn.objects.filter(session_key=session_key, ended=None).update(ended=now(), end=why)


def end_all(account: Account, why: SignIn.End, *, keep: str = "") -> int:
    """A step: end every session of an account but one; how many."""
    rows = SignIn.objects.filter(account=account, ended=None).exclude(session_key=keep)
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    return rows.update(ended=now(), end=why)
