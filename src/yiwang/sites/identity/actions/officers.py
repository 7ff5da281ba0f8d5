"""What the security officer does to accounts; each with a reason, each recorded. Nobody does it to himself."""

from django.db import transaction
from django.utils.translation import gettext as _

from yiwang.kernel.base.refusals import InvalidInput
from yiwang.kernel.ledger.services import Event, record
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Account
from yiwang.sites.identity import passwords, second_factor, sessions
from yiwang.sites.identity.accounts import forget_failures, held
from yiwang.sites.identity.dossiers import account_dossier
from yiwang.sites.identity.models import SignIn
from yiwang.sites.identity.refusals import NotSecurityOfficer

MAX_REASON = 200


def _target(actor: Actor, account: int, reason: str) -> Account:
    if actor.officer != Account.Officer.SECURITY or actor.account == account:
        raise NotSecurityOfficer()
    if not reason.strip() or len(reason) > MAX_REASON:
        raise InvalidInput(_("请写明理由，不超过 200 字"), field="reason")
    return held(account)


def _record(actor: Actor, account: Account, verb: str, reason: str, ended: int) -> None:
    subject = account_dossier(account, unit=actor.unit)
    record(Event(subject, verb, {"reason": reason.strip(), "sessions_ended": ended}), actor=actor)


@transaction.atomic(durable=True)
def reset_second_factor(*, actor: Actor, account: int, reason: str) -> None:
    """Void every factor and recovery code, end all sessions; the owner enrols anew at the next sign-in.

    Records `account.factor_reset`. Raises NotSecurityOfficer, InvalidInput without a reason.
    """
    target = _target(actor, account, reason)
    second_factor.remove(target)
    _record(actor, target, "account.factor_reset", reason, sessions.end_all(target, SignIn.End.CHANGED))


@transaction.atomic(durable=True)
def reset_password(*, actor: Actor, account: int, reason: str) -> str:
    """Give a password that must be changed at the next sign-in, unlock, end all sessions; it is told only here.

    Records `account.password_reset`. Raises NotSecurityOfficer, InvalidInput without a reason.
    """
    target = _target(actor, account, reason)
    password = passwords.given_password()
    target.set_password(password)
    target.password_changed = passwords.GIVEN
    target.save(update_fields=["password", "password_changed"])
    forget_failures(target)
    _record(actor, target, "account.password_reset", reason, sessions.end_all(target, SignIn.End.CHANGED))
    return password


@transaction.atomic(durable=True)
def unlock_account(*, actor: Actor, account: int, reason: str) -> None:
    """Forget the failures that locked it. Records `account.unlocked`. Raises NotSecurityOfficer, InvalidInput."""
    target = _target(actor, account, reason)
    forget_failures(target)
    _record(actor, target, "account.unlocked", reason, 0)


@transaction.atomic(durable=True)
def disable_account(*, actor: Actor, account: int, reason: str) -> None:
    """Let nobody sign in with it; open sessions end with the next request. Records `account.disabled`.

    Raises NotSecurityOfficer, InvalidInput without a reason.
    """
    target = _target(actor, account, reason)
    target.is_active = False
    target.save(update_fields=["is_active"])
    _record(actor, target, "account.disabled", reason, sessions.end_all(target, SignIn.End.DISABLED))


@transaction.atomic(durable=True)
def enable_account(*, actor: Actor, account: int, reason: str) -> None:
    """Let it be used again. Records `account.enabled`. Raises NotSecurityOfficer, InvalidInput without a reason."""
    target = _target(actor, account, reason)
    target.is_active = True
    target.save(update_fields=["is_active"])
    _record(actor, target, "account.enabled", reason, 0)


@transaction.atomic(durable=True)
def make_account(*, actor: Actor, username: str, person: int | None = None, officer: str = "") -> tuple[Account, str]:
    """An account of a member of staff or an officer with a given password, told only here.

    Only the platform itself makes accounts until officers are set up. Records `account.made`.
    Raises NotSecurityOfficer, InvalidInput when the name is taken or belongs to neither kind.
    """
    if actor.account != 0:
        raise NotSecurityOfficer()
    name = username.strip().lower()
    if not name or Account.objects.filter(username=name).exists() or bool(person) == bool(officer):
        raise InvalidInput(_("账号已存在，或者没有指定一名工作人员或一种管理员"), field="username")
    account = Account(username=name, person_id=person, officer=officer, password_changed=passwords.GIVEN)
    password = passwords.given_password()
    account.set_password(password)
    account.save(force_insert=True)
    _record(actor, account, "account.made", officer or "staff", 0)
    return account, password
