"""A sign-in half done: the password was right, the second factor is to come. Kept in the session for ten minutes."""

from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from django.http import HttpRequest

from yiwang.kernel.base.moments import now
from yiwang.kernel.org.models import Account

KEY = "yw.pending"
LIFE = timedelta(minutes=10)


@dataclass(frozen=True)
class Pending:
    """Whose, since when, where to afterwards; the sealed secret while the second factor is being enrolled."""

    account: int
    at: float
    next: str
    secret: str = ""


def put(request: HttpRequest, account: Account, next_page: str) -> None:
    """Begin; the session gets a new key, so that nobody who knew the old one comes along."""
    request.session.cycle_key()
    request.session[KEY] = asdict(Pending(account.pk, now().timestamp(), next_page))


def keep_secret(request: HttpRequest, pending: Pending, sealed: str) -> None:
    """Remember the secret shown, so that a reload shows the same."""
    request.session[KEY] = asdict(replace(pending, secret=sealed))


def get(request: HttpRequest) -> tuple[Pending, Account] | None:
    """The half-done sign-in of this session with its active account; None when there is none, or it is too old."""
    kept = request.session.get(KEY)
    if not isinstance(kept, dict):
        return None
    pending = Pending(**kept)
    account = Account.objects.select_related("party", "person").filter(pk=pending.account, is_active=True).first()
    if account is None or now().timestamp() - pending.at > LIFE.total_seconds():
        drop(request)
        return None
    return pending, account


def drop(request: HttpRequest) -> None:
    """Forget it."""
    request.session.pop(KEY, None)
