"""Holding an account while an action changes it."""

from axes.models import AccessAttempt

from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.org.models import Account


def held(account: int) -> Account:
    """A step: the account's row, locked. Raises NotFound."""
    row = Account.objects.select_for_update(of=("self",)).select_related("party", "person").filter(pk=account).first()
    if row is None:
        raise NotFound()
    return row


def forget_failures(account: Account) -> None:
    """A step: the account is locked no more."""
    AccessAttempt.objects.filter(username=account.username).delete()
