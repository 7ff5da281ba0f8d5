"""Jobs of cases: timers that are due, papers to draw."""

from yiwang.kernel.cases.actions.life import fire_timer
from yiwang.kernel.cases.board import REACTION, TIMER
from yiwang.kernel.cases.drawing import draw_certificate
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import SLOW, JobKind
from yiwang.kernel.jobs.registry import register as register_kind
from yiwang.kernel.org.actors import SYSTEM


def timer_is_due(job: Job) -> None:
    """Take the flow of a timer, unless its item closed meanwhile."""
    fire_timer(actor=SYSTEM, case=int(job.args["case"]), item=job.ref or 0, timer=str(job.args["timer"]))


def reaction_is_due(job: Job) -> None:
    """Draw what a reaction of the process asks for."""
    draw_certificate(int(job.args["case"]), job.ref or 0, str(job.args["parameters"]["output"]))


def register() -> None:
    """Make the kinds of job known."""
    register_kind(JobKind(TIMER, timer_is_due, once=True))
    register_kind(JobKind(REACTION, reaction_is_due, queue=SLOW))
