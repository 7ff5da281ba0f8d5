"""Jobs of forms."""

from yiwang.kernel.forms.actions import drop_expired_drafts
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import job
from yiwang.kernel.org.actors import SYSTEM


@job("forms.drop_expired_drafts", repeat="daily 03:20")
def drop_drafts(job: Job) -> None:
    """Delete drafts nobody came back to."""
    drop_expired_drafts(actor=SYSTEM)
