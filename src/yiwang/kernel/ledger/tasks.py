"""Jobs of the ledger."""

from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import job
from yiwang.kernel.ledger.actions import sign_roots
from yiwang.kernel.ledger.authors import PLATFORM


@job("ledger.sign_roots", repeat="daily 00:40")
def roots_are_due(job: Job) -> None:
    """Sign every day that has ended and was not signed yet."""
    sign_roots(actor=PLATFORM)
