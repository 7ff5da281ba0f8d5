"""Reading messages."""

from django.db.models import QuerySet

from yiwang.kernel.access.principals import EVERYONE, keys_of
from yiwang.kernel.notify.models import Message
from yiwang.kernel.org.actors import Actor


def messages_for(actor: Actor) -> QuerySet[Message]:
    """Messages to the actor, newest first."""
    keys = [key for key in keys_of(actor) if key != EVERYONE]
    return Message.objects.filter(key__in=keys).order_by("-at", "-pk")


def unread_count(actor: Actor) -> int:
    """Messages not read yet, stopping at 100."""
    return messages_for(actor).filter(read=None)[:100].count()
