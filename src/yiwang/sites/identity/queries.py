"""Reading accounts, sessions and parties for the pages of sign-in."""

from django.db.models import F, Q, QuerySet

from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Account
from yiwang.sites.identity.models import SignIn
from yiwang.sites.identity.refusals import NotSecurityOfficer

BACKEND = "yiwang.sites.identity.credentials.AccountBackend"
SHOWN_SESSIONS = 20
SHOWN_ACCOUNTS = 50


def sessions_of(actor: Actor) -> QuerySet[SignIn]:
    """The actor's latest sessions, open ones first."""
    rows = SignIn.objects.filter(account=actor.account)
    return rows.order_by(F("ended").asc(nulls_first=True), "-started")[:SHOWN_SESSIONS]


def accounts_for(actor: Actor, text: str) -> QuerySet[Account]:
    """Accounts of staff and officers by user name, staff number or name; only for the security officer.

    Raises NotSecurityOfficer.
    """
    if actor.officer != Account.Officer.SECURITY:
        raise NotSecurityOfficer()
    rows = Account.objects.filter(party=None).select_related("person").exclude(pk=actor.account)
    if text:
        named = Q(person__name__contains=text) | Q(person__staff_number=text)
        rows = rows.filter(Q(username__contains=text.lower()) | named)
    return rows.order_by("username")[:SHOWN_ACCOUNTS]
