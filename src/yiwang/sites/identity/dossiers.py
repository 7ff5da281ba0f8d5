"""The chains on which account and identity matters are recorded."""

from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import create_subject, lock
from yiwang.kernel.org.models import Account, Party
from yiwang.sites.identity.models import Dossier


def account_dossier(account: Account, *, unit: int) -> Subject:
    """The locked subject of an account; the caller holds the account's row."""
    known = Dossier.objects.filter(account=account).values_list("pk", flat=True).first()
    if known is not None:
        return lock(known)[known]
    subject = create_subject("account:account", unit=unit)
    Dossier.objects.create(subject=subject, account=account)
    return subject


def party_dossier(party: Party, *, unit: int) -> Subject:
    """The locked subject of a party; the caller holds the party's row."""
    known = Dossier.objects.filter(party=party).values_list("pk", flat=True).first()
    if known is not None:
        return lock(known)[known]
    subject = create_subject("party:party", unit=unit)
    Dossier.objects.create(subject=subject, party=party)
    return subject
