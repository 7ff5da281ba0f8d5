"""The chains on which account and identity matters are recorded."""

from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import create_subject, lock
from yiwang.kernel.org.models import Account, Party
from yiwang.sites.identity.models import Dossier


def account_dossier(account: Account, *, unit: int) -> Subject:
    """The locked subject of an account; the caller holds the account's row."""
    return _dossier("account:account", unit, account=account)


def party_dossier(party: Party, *, unit: int) -> Subject:
    """The locked subject of a party; the caller holds the party's row."""
    return _dossier("party:party", unit, party=party)


def _dossier(kind: str, unit: int, **owner: Account | Party) -> Subject:
    known = Dossier.objects.filter(**owner).values_list("pk", flat=True).first()
    if known is not None:
        return lock(known)[known]
    subject = create_subject(kind, unit=unit)
    Dossier.objects.create(subject=subject, **owner)
    return subject
