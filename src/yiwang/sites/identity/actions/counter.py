"""A clerk of a window or township station sees people in person: level 2."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from yiwang.kernel.base.refusals import InvalidInput, NotFound
from yiwang.kernel.files.inspection import Arrival
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.files.services import attach, store
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import Event, record
from yiwang.kernel.org.actors import Actor, HeldPost
from yiwang.kernel.org.models import Account, Party
from yiwang.kernel.org.queries import party_tag, phone_tag
from yiwang.sites.identity import sessions
from yiwang.sites.identity.applicants import Applicant, check_applicant, make_party
from yiwang.sites.identity.counters import counter_post
from yiwang.sites.identity.dossiers import party_dossier
from yiwang.sites.identity.models import Confirmation, SignIn
from yiwang.sites.identity.rules import is_mobile

CONSENT_SLOT = "consent"


@dataclass(frozen=True)
class Seen:
    """What the clerk saw: the paper shown, and the telephone given there (empty: none, or unchanged)."""

    paper: str
    phone: str = ""


@transaction.atomic(durable=True)
def confirm_identity(*, actor: Actor, id_number: str, seen: Seen) -> Party:
    """Note that a registered party was seen in person: level 2. Records `party.confirmed` with clerk, paper and moment.

    Where a new telephone is given, the account goes over to who stands at the counter: its password is void, its
    sessions end, and a new password is set by a code to that telephone. Raises NotAtCounter, NotFound, InvalidInput.
    """
    post = counter_post(actor)
    _check(seen)
    party = Party.objects.select_for_update().filter(id_tag=party_tag(id_number)).first()
    if party is None:
        raise NotFound(_("这个证件号码还没有登记"), remedy=_("请用“代为登记”"), field="id_number")
    is_moved = bool(seen.phone) and party.phone_tag != phone_tag(seen.phone)
    if is_moved:
        _hand_over(party, seen.phone)
    party.level = Party.Identity.SEEN
    party.save()
    subject = party_dossier(party, unit=post.unit)
    _confirm(actor, party, seen, post)
    record(Event(subject, "party.confirmed", {"paper": seen.paper, "level": 2, "handed_over": is_moved}), actor=actor)
    return party


def _check(seen: Seen) -> None:
    if seen.paper not in Confirmation.Paper.values:
        raise InvalidInput(_("请选择所看的证件"), field="paper")
    if seen.phone and not is_mobile(seen.phone):
        raise InvalidInput(_("手机号应为 11 位数字"), field="phone")


def _hand_over(party: Party, phone: str) -> None:
    party.phone, party.phone_tag = phone, phone_tag(phone)
    account = Account.objects.select_for_update(of=("self",)).filter(party=party).first()
    if account is not None:
        account.set_unusable_password()
        account.save(update_fields=["password"])
        sessions.end_all(account, SignIn.End.CHANGED)


def _confirm(actor: Actor, party: Party, seen: Seen, post: HeldPost, consent: Attachment | None = None) -> None:
    Confirmation.objects.create(party=party, clerk_id=actor.account, unit=post.unit, paper=seen.paper, consent=consent)


@transaction.atomic(durable=True)
def register_villager(*, actor: Actor, who: Applicant, address: str, seen: Seen, consent: Arrival) -> Party:
    """Register somebody who stands at the counter, maybe without a telephone: level 2, with his signed consent stored
    (个人信息保护法 art. 29: separate consent for sensitive personal information).

    Records `party.registered_at_counter`. Raises NotAtCounter, InvalidInput, IdentityTaken, StorageFull.
    """
    post = counter_post(actor)
    check_applicant(who)
    _check(seen)
    party = make_party(who, Party.Identity.SEEN)
    party.address = address.strip()
    party.save(update_fields=["address"])
    subject = party_dossier(party, unit=post.unit)
    file = _keep_consent(actor, subject, consent, post)
    _confirm(actor, party, seen, post, file)
    facts = {"kind": party.kind, "paper": seen.paper, "level": 2, "consent": file.blob.sha256}
    record(Event(subject, "party.registered_at_counter", facts), actor=actor)
    return party


def _keep_consent(actor: Actor, subject: Subject, consent: Arrival, post: HeldPost) -> Attachment:
    blob = store(consent.staged, unit=post.unit, mime=consent.mime)
    return attach(blob, subject=subject, slot=CONSENT_SLOT, name=consent.name, by=actor.account)
