"""Jobs of syslog."""

from yiwang.adapters.syslog.sending import send_waiting
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import SLOW, job


@job("syslog.send", queue=SLOW, repeat="every 30s")
def lines_are_due(job: Job) -> None:
    """Hand on what was written to the access log since."""
    send_waiting()
