"""Keeping how far the log server is."""

from datetime import date

from django.db import transaction

from yiwang.adapters.syslog.models import SentDay
from yiwang.kernel.ledger.services import Author


@transaction.atomic(durable=True)
def note_sent(*, actor: Author, day: date, seq: int) -> None:
    """Keep the last line that was sent of a day; it never goes back."""
    row, _is_new = SentDay.objects.select_for_update().get_or_create(day=day)
    if seq > row.seq:
        SentDay.objects.filter(pk=row.pk).update(seq=seq)
