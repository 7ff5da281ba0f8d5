"""Limits on guessing: per number and per address, counted from the access log itself, so that every process agrees."""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest

from yiwang.kernel.base.moments import now
from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.ledger.access_log import Access, log_access
from yiwang.kernel.ledger.models import AccessEntry
from yiwang.kernel.org.actors import ANONYMOUS
from yiwang.sites.hall.refusals import TooManyAttempts
from yiwang.ui.acting import acting, address_of

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class Door:
    """A question that strangers may ask with a code: the verb of its failures and how many are borne."""

    verb: str
    per_number: int = 5
    per_address: int = 30


TRACKING = Door("track.failed")
VERIFYING = Door("verify.failed")


def guard(request: HttpRequest, door: Door, number: str) -> None:
    """Raise TooManyAttempts when this number or this address has failed too often."""
    since = now() - WINDOW
    failures = AccessEntry.objects.filter(account=ANONYMOUS.account, at__gte=since, verb=door.verb)
    if failures.filter(address=address_of(request)).count() >= door.per_address:
        raise TooManyAttempts()
    if failures.filter(facts__number=_mark(number)).count() >= door.per_number:
        raise TooManyAttempts()


def note_failure(request: HttpRequest, door: Door, number: str) -> None:
    """Log a wrong code; the number is kept as a tag, because anything may have been typed there.

    All failures stand under one account, whoever is signed in, so that the index by account and moment finds them.
    """
    log_access(
        Access(
            verb=door.verb,
            account=ANONYMOUS.account,
            success=False,
            address=address_of(request),
            facts={"number": _mark(number), "by": acting(request).account},
        )
    )


def _mark(number: str) -> str:
    return keyring().tag("hall.attempt", number.strip().upper().encode()).hex()[:32]
