"""What the platform does by itself after an entry: tells the applicant, notes what is asked of a quota."""

from django.db import transaction

from yiwang.kernel.access.principals import of_party
from yiwang.kernel.base.moments import now
from yiwang.kernel.cases.models import Case
from yiwang.kernel.jobs.services import finish_once
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.notify.services import tell
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.registers.bookings import Ask, drop_request, note_request
from yiwang.kernel.registers.refusals import NoQuota, QuotaAmbiguous
from yiwang.kernel.registers.services import Change


@transaction.atomic(durable=True)
def tell_party(*, actor: Actor, case: Case, cause: Entry, words: tuple[str, str]) -> None:
    """Leave the applicant a message about an entry: title and sentence; a repeat changes nothing."""
    if case.party_id is not None:
        title, text = words
        tell([of_party(case.party_id)], cause, title=title, text=f"{case.number} {text}")
    finish_once()


@transaction.atomic(durable=True)
def note_quota_request(*, actor: Actor, case: Case, ask: Ask | None) -> None:
    """Show on the board of quotas what an open case asks for; take it off when the case has ended.

    A case that no quota covers is shown by its finding instead.
    """
    if not case.is_open:
        drop_request(case.subject)
    elif ask is not None:
        _note(actor, case, ask)
    finish_once()


def _note(actor: Actor, case: Case, ask: Ask) -> None:
    try:
        note_request(case.subject, ask, Change(actor, now(), case=case.pk))
    except (NoQuota, QuotaAmbiguous):
        return
