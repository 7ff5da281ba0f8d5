"""What the log server has not been sent yet."""

from collections.abc import Iterator
from datetime import date

from yiwang.adapters.syslog.models import SentDay
from yiwang.adapters.syslog.rules import Line
from yiwang.kernel.ledger.models import AccessDay, AccessEntry

BATCH = 500


def open_days() -> list[tuple[date, int, int]]:
    """Days with lines left: day, the last one sent, the last one written; oldest first."""
    sent = dict(SentDay.objects.values_list("day", "seq"))
    days = AccessDay.objects.order_by("day").values_list("day", "length")
    return [(day, sent.get(day, 0), length) for day, length in days if length > sent.get(day, 0)]


def waiting() -> int:
    """Lines left in all."""
    return sum(length - sent for _day, sent, length in open_days())


def batches() -> Iterator[tuple[date, list[Line]]]:
    """Lines left, in order, by the batch; whoever asks for the next one has sent the last."""
    for day, sent, length in open_days():
        for start in range(sent, length, BATCH):
            rows = AccessEntry.objects.filter(day=day, seq__gt=start, seq__lte=min(start + BATCH, length))
            yield day, [_line(day, row) for row in rows.order_by("seq")]


def _line(day: date, row: AccessEntry) -> Line:
    return Line(
        day=day.isoformat(),
        seq=row.seq,
        at=row.at,
        verb=row.verb,
        account=row.account,
        success=row.success,
        subject=row.subject,
        address=row.address,
        facts=row.facts,
        hash=bytes(row.hash).hex(),
    )
