"""Cases about an entry of a register 延续、变更、注销: which one, whose, and in which days it may be asked for."""

from yiwang.kernel.base.moments import today
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.refusals import AlreadyConcerned, NoSuchEntry
from yiwang.kernel.cases.rules import check_days_left
from yiwang.kernel.cases.types import Offer
from yiwang.kernel.forms.models import Fact
from yiwang.kernel.forms.rules import Outcome as Answers
from yiwang.kernel.forms.services import add_ref
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import lock
from yiwang.kernel.registers.models import Entry
from yiwang.kernel.registers.queries import find_for_verification, status_of
from yiwang.kernel.registers.rules import Status

FACT = "case.entry"
"""The fact under which a case keeps the entry it is about."""


def concerned_entry(offer: Offer, answers: Answers, party: int | None) -> Entry | None:
    """The applicant's entry that a new case is about, its subject locked; None for a type that is about none.

    Raises NoSuchEntry for an unknown number and for somebody else's alike, TooEarly, TooLate, AlreadyConcerned.
    """
    rule = offer.spec.concern
    if rule is None:
        return None
    number = str(answers.seen.get(rule.field) or "")
    entry = next((one for one in find_for_verification(number) if _is_of(one, rule.register, party)), None)
    if entry is None:
        raise NoSuchEntry(field=rule.field)
    _held(entry, rule.field)
    left = (entry.valid_to - today()).days if entry.valid_to is not None else None
    check_days_left(left, rule.earliest, rule.latest, str(rule.basis), rule.field)
    if _open_about(entry):
        raise AlreadyConcerned(field=rule.field)
    return entry


def _held(entry: Entry, field: str) -> None:
    lock(entry.subject_id)
    entry.refresh_from_db(fields=["state", "valid_to"])
    if not _is_in_force(entry):
        raise NoSuchEntry(field=field)


def _is_of(entry: Entry, register: str, party: int | None) -> bool:
    return entry.register_id == register and party is not None and entry.holder_id == party and _is_in_force(entry)


def _is_in_force(entry: Entry) -> bool:
    return status_of(entry) in (Status.VALID, Status.UPCOMING)


def _open_about(entry: Entry) -> bool:
    facts = Fact.objects.filter(field=FACT, ref=entry.pk).values("subject")
    return Case.objects.exclude(status=Case.Status.CLOSED).filter(pk__in=facts).exists()


def concern(subject: Subject, entry: Entry) -> None:
    """Note which entry a case is about."""
    add_ref(subject, FACT, entry.pk)


def entry_about(case: int) -> Entry | None:
    """The entry that a case is about."""
    ids = Fact.objects.filter(subject=case, field=FACT).values("ref")
    return Entry.objects.filter(pk__in=ids).select_related("issuer", "subject", "register").first()


def subjects_about(case: int) -> list[int]:
    """Subject of the entry that a case is about, to be locked together with it."""
    ids = Fact.objects.filter(subject=case, field=FACT).values("ref")
    return list(Entry.objects.filter(pk__in=ids).values_list("subject_id", flat=True))
