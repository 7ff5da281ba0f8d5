"""How often an address, a telephone or an account may try something; counted in the database, for every process."""

from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from yiwang.kernel.base.moments import now
from yiwang.kernel.crypto.keyring import keyring
from yiwang.sites.identity.models import Attempts
from yiwang.sites.identity.refusals import TooManyAttempts


def count_attempt(what: str, who: str, most: int, window: timedelta) -> None:
    """Count one attempt of `who` at `what`. Raises TooManyAttempts beyond `most` in a window of time."""
    number = int(now().timestamp() // window.total_seconds())
    key = keyring().tag("identity.attempts", f"{what}:{who}:{number}".encode()).hex()
    until = datetime.fromtimestamp((number + 1) * window.total_seconds(), UTC)
    if _counted(key, until) > most:
        raise TooManyAttempts()


def _counted(key: str, until: datetime) -> int:
    with transaction.atomic():
        if not Attempts.objects.filter(pk=key).update(count=F("count") + 1) and _is_first(key, until):
            return 1
        return Attempts.objects.values_list("count", flat=True).get(pk=key)


def _is_first(key: str, until: datetime) -> bool:
    try:
        with transaction.atomic():
            Attempts.objects.create(pk=key, count=1, until=until)
    except IntegrityError:  # somebody else made it between the two statements
        Attempts.objects.filter(pk=key).update(count=F("count") + 1)
        return False
    return True
