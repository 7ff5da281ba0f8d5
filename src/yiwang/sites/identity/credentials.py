"""From what somebody types into the sign-in form to a user name."""

from django.contrib.auth.backends import ModelBackend
from django.db.models import Q

from yiwang.kernel.base.masks import mask_phone
from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.org.models import Account
from yiwang.kernel.org.queries import party_tag, phone_tag


class AccountBackend(ModelBackend):
    """Django's password check; a session's account comes with its party in one query, or not at all if disabled."""

    def get_user(self, user_id: int) -> Account | None:
        """The active account of a session."""
        return Account.objects.select_related("party").filter(pk=user_id, is_active=True).first()


def username_of(text: str) -> str:
    """User name, staff number, identity number or telephone → user name.

    What fits nobody, or more than one (a telephone shared in a family), becomes a name nobody has, always the same
    for the same text, so that failures count alike for strangers and members. The text itself is never stored.
    """
    typed = text.strip()
    either = Q(username=typed.lower()) | Q(person__staff_number=typed, person__isnull=False)
    either |= Q(party__id_tag=party_tag(typed)) | Q(party__phone_tag=phone_tag(typed))
    found = list(Account.objects.filter(either if typed else Q(pk=None)).values_list("username", flat=True)[:2])
    if len(found) == 1:
        return found[0]
    return "?" + keyring().tag("identity.stranger", typed.lower().encode()).hex()[:32]


def shown(account: Account) -> str:
    """How an account is called on screens of others: the user name of staff, the masked telephone of a party."""
    if account.party is None:
        return account.username
    return mask_phone(account.party.phone) or account.party.name
