"""Jobs of the exchange: messages to bring to other nodes, files to bring to addressees here."""

from datetime import timedelta

from yiwang.kernel.dispatch.queries import SETTLE, TRANSFER
from yiwang.kernel.dispatch.sending import transfer
from yiwang.kernel.dispatch.settling import settle
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import SLOW, JobKind, register

TRIES = 400  # with pauses of an hour: a node may be away for a fortnight
LONGEST = timedelta(hours=2)


def transfer_is_due(job: Job) -> None:
    """Bring a message to its node."""
    transfer(job.ref or 0)


def settling_is_due(job: Job) -> None:
    """Bring files to their addressees."""
    settle(job.ref or 0)


register(JobKind(TRANSFER, transfer_is_due, tries=TRIES, queue=SLOW, once=True, limit=LONGEST))
register(JobKind(SETTLE, settling_is_due, queue=SLOW, once=True))
