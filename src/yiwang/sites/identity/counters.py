"""Who sits at a counter 窗口."""

from django.conf import settings

from yiwang.kernel.org.actors import Actor, HeldPost
from yiwang.sites.identity.refusals import NotAtCounter


def counter_post(actor: Actor) -> HeldPost:
    """The post in which the actor sits at a counter. Raises NotAtCounter for everybody else."""
    posts = [held for held in actor.posts if held.role in settings.COUNTER_ROLES]
    if not posts:
        raise NotAtCounter()
    return next((held for held in posts if held.post == actor.post), posts[0])
