"""Steps that tell people something."""

from collections.abc import Iterable

from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.notify.models import Message


def tell(keys: Iterable[int], cause: Entry, *, title: str, text: str) -> None:
    """Leave a message for each principal about a ledger entry; a repeat changes nothing."""
    rows = [
        Message(key=key, subject_id=cause.subject_id, cause=cause.pk, title=title[:100], text=text[:500], at=cause.at)
        for key in sorted(set(keys))
    ]
    Message.objects.bulk_create(rows, ignore_conflicts=True)
