"""The daily root 日根."""

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from yiwang.kernel.base.moments import today
from yiwang.kernel.base.refusals import InvalidInput
from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.ledger.models import Entry, Root
from yiwang.kernel.ledger.queries import heads_of_day
from yiwang.kernel.ledger.rules import root_digest
from yiwang.kernel.ledger.services import Author


@transaction.atomic(durable=True)
def sign_root(*, actor: Author, day: date) -> Root:
    """Sum up and sign the chains that moved on `day`; a day is signed once, in order.

    Raises InvalidInput when a later day is signed already.
    """
    if Root.objects.filter(day__gt=day).exists():
        raise InvalidInput(f"a day after {day} is signed already")
    return Root.objects.filter(day=day).first() or _make_root(day)


@transaction.atomic(durable=True)
def sign_roots(*, actor: Author) -> list[Root]:
    """Sign every day up to yesterday that was not signed yet, oldest first, from the first entry on."""
    last = Root.objects.aggregate(last=Max("day"))["last"]
    first = Entry.objects.order_by("at").values_list("at", flat=True).first()
    if last is None and first is None:
        return []
    day = last + timedelta(days=1) if last else timezone.localdate(first)
    made = []
    while day < today():
        made.append(_make_root(day))
        day += timedelta(days=1)
    return made


def _make_root(day: date) -> Root:
    before = Root.objects.order_by("-day").values_list("digest", flat=True).first() or b""
    heads = heads_of_day(day)
    digest = root_digest(settings.LEDGER_ALGORITHM, bytes(before), day, heads)
    ring = keyring()
    return Root.objects.create(
        day=day,
        heads=len(heads),
        algorithm=settings.LEDGER_ALGORITHM,
        digest=digest,
        key_id=ring.current,
        signature=ring.sign(digest),
    )
