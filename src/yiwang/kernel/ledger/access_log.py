"""The access log 访问日志: written outside the business transaction, chained by day, read by the audit officer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC

from django.db import transaction
from django.utils import timezone

from yiwang.kernel.base.moments import now
from yiwang.kernel.ledger.models import AccessDay, AccessEntry
from yiwang.kernel.ledger.rules import chain_hash


@dataclass(frozen=True)
class Access:
    """One sign-in, refusal, view of personal data or export."""

    verb: str
    account: int
    success: bool = True
    name: str = ""
    subject: int | None = None
    address: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


@transaction.atomic(durable=True)
def log_access(access: Access) -> None:
    """Append to today's chain; called after the business transaction has ended, whatever its outcome."""
    moment = now()
    AccessDay.objects.get_or_create(day=timezone.localdate(moment))
    day = AccessDay.objects.select_for_update().get(day=timezone.localdate(moment))
    entry = AccessEntry(day=day, seq=day.length + 1, at=moment, facts=dict(access.facts), **_plain(access))
    entry.hash = chain_hash(bytes(day.head), _covered(entry))
    entry.save(force_insert=True)
    AccessDay.objects.filter(pk=day.pk).update(head=entry.hash, length=entry.seq)


def _plain(access: Access) -> dict[str, object]:
    names = ("verb", "account", "success", "name", "subject", "address")
    return {name: getattr(access, name) for name in names}


def _covered(entry: AccessEntry) -> list[object]:
    moment = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    who = [entry.account, entry.name, entry.address]
    return [entry.seq, moment, *who, entry.verb, entry.success, entry.subject, entry.facts]


def verify_days() -> Iterator[str]:
    """Every place where a day's chain of the access log does not fit."""
    for day in AccessDay.objects.order_by("day"):
        head, count = b"", 0
        for count, entry in enumerate(day.entries.order_by("seq"), start=1):
            if entry.seq != count or chain_hash(head, _covered(entry)) != bytes(entry.hash):
                yield f"access log of {day.day}: line {count} changed or removed"
                break
            head = bytes(entry.hash)
        else:
            if count != day.length:
                yield f"access log of {day.day}: {day.length - count} lines removed at the end"
