"""What an officer does to the dead list 失败作业; the view writes the line of the access log afterwards."""

from django.db import transaction
from django.utils.translation import gettext as _

from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.services import discard_dead, retry_dead
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.rules import require_system_officer, require_text
from yiwang.sites.administration.refusals import NothingChosen

MOST_REASON, MOST_JOBS = 200, 200


@transaction.atomic(durable=True)
def retry_jobs(*, actor: Actor, jobs: tuple[int, ...]) -> list[str]:
    """Give dead jobs another life. Returns what they were, for the access log.

    Raises NotSystemOfficer, NothingChosen.
    """
    kinds = _dead(actor, jobs)
    retry_dead(*jobs)
    return kinds


@transaction.atomic(durable=True)
def discard_jobs(*, actor: Actor, jobs: tuple[int, ...], reason: str) -> list[str]:
    """Drop dead jobs for good, with a reason. Returns what they were, for the access log.

    Raises NotSystemOfficer, NothingChosen, InvalidInput without a reason.
    """
    kinds = _dead(actor, jobs)
    require_text(reason, MOST_REASON, "reason", _("理由"))
    discard_dead(*jobs)
    return kinds


def _dead(actor: Actor, jobs: tuple[int, ...]) -> list[str]:
    require_system_officer(actor)
    rows = Job.objects.filter(pk__in=jobs[:MOST_JOBS], state=Job.State.DEAD).order_by("pk")
    kinds = [f"{row.kind}:{row.ref}" for row in rows]
    if not kinds or len(jobs) > MOST_JOBS:
        raise NothingChosen()
    return kinds
