"""How the queue is: for health pages and administrators."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet

from yiwang.kernel.base.moments import now
from yiwang.kernel.jobs.models import Beat, Job
from yiwang.kernel.jobs.registry import known_kinds


@dataclass(frozen=True, slots=True)
class Health:
    """Jobs due and waiting, planned for later, running, dead, of kinds unknown here; age of the oldest due one."""

    waiting: int
    planned: int
    running: int
    dead: int
    unknown: int
    oldest: timedelta


def health() -> Health:
    """The queue as it stands, in one query."""
    moment = now()
    waiting, due = Q(state=Job.State.WAITING), Q(state=Job.State.WAITING, due__lte=moment)
    told = Job.objects.aggregate(
        waiting=Count("pk", filter=due),
        planned=Count("pk", filter=waiting & Q(due__gt=moment)),
        running=Count("pk", filter=Q(state=Job.State.RUNNING)),
        dead=Count("pk", filter=Q(state=Job.State.DEAD)),
        unknown=Count("pk", filter=waiting & ~Q(kind__in=[kind.name for kind in known_kinds()])),
        oldest=Min("due", filter=due),
    )
    oldest = moment - told.pop("oldest") if told["oldest"] else timedelta()
    return Health(**{name: told[name] for name in told if name != "oldest"}, oldest=oldest)


def dead_jobs() -> QuerySet[Job]:
    """The dead list, newest first."""
    return Job.objects.filter(state=Job.State.DEAD).order_by("-pk")


def last_beat() -> datetime | None:
    """When any worker last gave a sign of life; None when none did for a day."""
    beaten: datetime | None = Beat.objects.aggregate(last=Max("at"))["last"]
    return beaten
