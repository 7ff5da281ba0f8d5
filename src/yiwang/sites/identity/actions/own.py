"""What an account does to itself."""

from django.contrib.auth.hashers import check_password
from django.db import transaction

from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.ledger.services import Event, record
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Account
from yiwang.sites.identity import passwords, second_factor, sessions
from yiwang.sites.identity.accounts import held
from yiwang.sites.identity.dossiers import account_dossier
from yiwang.sites.identity.models import SignIn
from yiwang.sites.identity.refusals import WrongCredentials


@transaction.atomic(durable=True)
def enrol_second_factor(*, actor: Actor, secret: str, code: str) -> None:
    """Keep a new authenticator and recovery codes; earlier ones are void. Records `account.factor_enrolled`.

    Raises WrongCode.
    """
    account = held(actor.account)
    second_factor.enrol(account, secret, code)
    subject = account_dossier(account, unit=actor.unit)
    record(Event(subject, "account.factor_enrolled", {"kind": "totp"}), actor=actor)


@transaction.atomic(durable=True)
def use_second_factor(*, actor: Actor, code: str) -> str:
    """Accept a one-time or recovery code, each once only, and tell its kind. Raises WrongCode."""
    account = held(actor.account)
    kind = second_factor.use(account, code)
    if kind == "recovery_codes":
        subject = account_dossier(account, unit=actor.unit)
        record(Event(subject, "account.recovery_code_used"), actor=actor)
    return kind


@transaction.atomic(durable=True)
def give_up_second_factor(*, actor: Actor, code: str) -> Account:
    """Void the authenticator and its paper codes by one last code of theirs, to enrol another; every session ends.

    Records `account.factor_given_up`. Raises WrongCode.
    """
    account = held(actor.account)
    kind = second_factor.use(account, code)
    second_factor.remove(account)
    sessions.end_all(account, SignIn.End.CHANGED)
    subject = account_dossier(account, unit=actor.unit)
    record(Event(subject, "account.factor_given_up", {"by": kind}), actor=actor)
    return account


@transaction.atomic(durable=True)
def show_recovery_codes(*, actor: Actor) -> list[str]:
    """The recovery codes of a fresh enrolment, once; empty afterwards."""
    return second_factor.unseen_paper_codes(held(actor.account))


@transaction.atomic(durable=True)
def change_password(*, actor: Actor, old: str, new: str, session_key: str) -> Account:
    """Set a new password and end every other session. Records `account.password_changed`.

    Raises WrongCredentials for a wrong old password, WeakPassword.
    """
    account = held(actor.account)
    if not check_password(old, account.password):
        raise WrongCredentials(field="old")
    passwords.set_password(account, new)
    ended = sessions.end_all(account, SignIn.End.CHANGED, keep=session_key)
    subject = account_dossier(account, unit=actor.unit)
    record(Event(subject, "account.password_changed", {"sessions_ended": ended}), actor=actor)
    return account


@transaction.atomic(durable=True)
def end_session(*, actor: Actor, sign_in: int) -> None:
    """End one of the actor's own sessions. Raises NotFound for any other."""
    row = SignIn.objects.filter(pk=sign_in, account=actor.account).first()
    if row is None:
        raise NotFound()
    sessions.end_one(row.session_key, SignIn.End.ENDED)


@transaction.atomic(durable=True)
def end_other_sessions(*, actor: Actor, session_key: str) -> int:
    """End all sessions of the actor but this one; how many."""
    return sessions.end_all(held(actor.account), SignIn.End.ENDED, keep=session_key)
