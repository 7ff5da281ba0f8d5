"""Jobs of sign-in and registration."""

from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import SLOW, job
from yiwang.kernel.org.actors import SYSTEM
from yiwang.sites.identity.actions.upkeep import forget_what_expired
from yiwang.sites.identity.phone_codes import SEND, send


@job(SEND, queue=SLOW, tries=3)
def send_code(row: Job) -> None:
    """Send a code to its telephone."""
    send(row.ref or 0)


@job("identity.upkeep", repeat="daily 03:40")
def upkeep(row: Job) -> None:
    """Wipe codes, attempts and sessions that expired."""
    forget_what_expired(actor=SYSTEM)
