"""Jobs of clocks: counting anew after the calendar changed."""

from datetime import date

from yiwang.kernel.base.moments import today
from yiwang.kernel.clock.actions import RECOUNT, recount_clocks
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import JobKind
from yiwang.kernel.jobs.registry import register as register_kind
from yiwang.kernel.org.actors import SYSTEM


def recount(job: Job) -> None:
    """Count anew what falls due since the day given, else since today (every night, should a job have been lost)."""
    given = job.args.get("since")
    recount_clocks(actor=SYSTEM, since=date.fromisoformat(str(given)) if given else today())


def register() -> None:
    """Make the kinds of job known."""
    register_kind(JobKind(RECOUNT, recount, repeat="daily 02:40"))
