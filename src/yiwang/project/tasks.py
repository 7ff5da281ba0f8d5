"""Jobs of the node itself."""

from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import job
from yiwang.project.health.queries import BEAT


@job(BEAT, repeat="every 30s")
def beat(job: Job) -> None:
    """Do nothing: that it keeps coming is the worker's sign of life."""
