"""Jobs of cases: timers that are due, papers to draw, work of somebody who left his post."""

from yiwang.kernel.cases.actions.handover import ITEM, PLAN, hand_over_item, plan_hand_over
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


def holding_is_over(job: Job) -> None:
    """See what is open in the name of somebody whose last day in a post has passed."""
    plan_hand_over(actor=SYSTEM, holding=job.ref or 0)


def item_is_handed_over(job: Job) -> None:
    """Hand one of his items over."""
    hand_over_item(actor=SYSTEM, case=int(job.args["case"]), item=job.ref or 0, holding=int(job.args["holding"]))


def register() -> None:
    """Make the kinds of job known."""
    register_kind(JobKind(TIMER, timer_is_due, once=True))
    register_kind(JobKind(REACTION, reaction_is_due, queue=SLOW))
    register_kind(JobKind(PLAN, holding_is_over, once=True))
    register_kind(JobKind(ITEM, item_is_handed_over, once=True))
