"""Reading chains."""

from datetime import date, datetime, time, timedelta

from django.db.models import Max, QuerySet
from django.utils import timezone

from yiwang.kernel.ledger.models import Entry


def entries_of(subject: int) -> QuerySet[Entry]:
    """The chain of one subject, oldest first; the caller has checked that it may be seen."""
    return Entry.objects.filter(subject=subject).order_by("seq")


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """First moment of a day and of the next, in the time zone of the node."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    return start, timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def heads_of_day(day: date) -> list[tuple[int, bytes]]:
    """For every chain that moved on `day`: subject and the hash of its last entry of that day."""
    start, end = day_bounds(day)
    moved = Entry.objects.filter(at__gte=start, at__lt=end).values("subject").annotate(last=Max("id"))
    last = Entry.objects.filter(pk__in=moved.values("last")).values_list("subject_id", "hash")
    return [(subject, bytes(head)) for subject, head in last]
