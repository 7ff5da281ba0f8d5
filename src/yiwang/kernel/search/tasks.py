"""Jobs of search."""

from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import SLOW, job
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.search.actions import REINDEX, reindex_batch


@job(REINDEX, queue=SLOW, once=True)
def more_to_index(job: Job) -> None:
    """Look at the next batch of subjects."""
    reindex_batch(actor=SYSTEM)
