"""Citizens and firms register and recover their accounts. Nothing exists until the telephone has been confirmed."""

from dataclasses import asdict

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from yiwang.kernel.base.identifiers import random_code
from yiwang.kernel.base.refusals import InvalidInput
from yiwang.kernel.ledger.services import Event, record
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Account, Party
from yiwang.kernel.org.queries import party_tag, phone_tag
from yiwang.sites.identity import passwords, phone_codes, sessions
from yiwang.sites.identity.applicants import Applicant, check_applicant, make_party, party_for
from yiwang.sites.identity.dossiers import account_dossier, party_dossier
from yiwang.sites.identity.models import PhoneCode, SignIn


@transaction.atomic(durable=True)
def ask_to_register(*, actor: Actor, who: Applicant, password: str) -> int:
    """Keep a registration and send a code to its telephone; the number of the waiting code.

    The answer is the same whether the identity number is known or not: nothing is looked up.
    Raises InvalidInput, WeakPassword.
    """
    check_applicant(who)
    if not who.phone:
        raise InvalidInput(_("请填写手机号"), field="phone")
    passwords.check_rules(password, personal=(who.name, who.id_number, who.phone))
    content = asdict(who) | {"password": make_password(password)}
    return phone_codes.keep(PhoneCode.Purpose.REGISTER, who.phone, content).pk


@transaction.atomic(durable=True)
def finish_registration(*, actor: Actor, waiting: int, code: str) -> Account:
    """Make party and account at level 1, telephone confirmed. Records `party.registered`.

    A party met at a counter before gets its account only with the telephone it gave there.
    Raises WrongCode, IdentityTaken.
    """
    content = phone_codes.take(PhoneCode.Purpose.REGISTER, waiting, code)
    password = content.pop("password")
    party = party_for(Applicant(**content))
    account = Account(username=f"p-{random_code(60).lower()}", party=party, password=password)
    account.save(force_insert=True)
    record(Event(party_dossier(party, unit=0), "party.registered", {"kind": party.kind}), actor=actor)
    return account


@transaction.atomic(durable=True)
def register_unconfirmed(*, actor: Actor, who: Applicant, password: str) -> None:
    """Where no message can be sent: party and account at level 0, to be confirmed at a counter.

    A known identity number changes nothing and answers the same. Records `party.registered`.
    Raises InvalidInput, WeakPassword.
    """
    check_applicant(who)
    passwords.check_rules(password, personal=(who.name, who.id_number, who.phone))
    hashed = make_password(password)
    if Party.objects.filter(id_tag=party_tag(who.id_number)).exists():
        return
    party = make_party(who, Party.Identity.UNCONFIRMED)
    Account(username=f"p-{random_code(60).lower()}", party=party, password=hashed).save(force_insert=True)
    record(Event(party_dossier(party, unit=0), "party.registered", {"kind": party.kind, "level": 0}), actor=actor)


@transaction.atomic(durable=True)
def ask_to_reset(*, actor: Actor, id_number: str, phone: str) -> int:
    """Send a code that sets a new password; the number of the waiting code.

    Whoever does not know both number and telephone of an account gets a waiting code as well, which is never sent.
    """
    account = Account.objects.filter(
        party__id_tag=party_tag(id_number), party__phone_tag=phone_tag(phone), is_active=True
    ).first()
    content = {"account": str(account.pk)} if account else {}
    return phone_codes.keep(PhoneCode.Purpose.RESET, phone, content).pk


@transaction.atomic(durable=True)
def finish_reset(*, actor: Actor, waiting: int, code: str, password: str) -> None:
    """Set a new password and end all sessions. Records `account.password_recovered`. Raises WrongCode, WeakPassword."""
    content = phone_codes.take(PhoneCode.Purpose.RESET, waiting, code)
    account = Account.objects.select_for_update(of=("self",)).select_related("party").get(pk=int(content["account"]))
    passwords.set_password(account, password)
    ended = sessions.end_all(account, SignIn.End.CHANGED)
    subject = account_dossier(account, unit=0)
    record(Event(subject, "account.password_recovered", {"sessions_ended": ended}), actor=actor)
