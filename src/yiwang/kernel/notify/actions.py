"""What people do with their messages."""

from django.db import transaction

from yiwang.kernel.base.moments import now
from yiwang.kernel.notify.queries import messages_for
from yiwang.kernel.org.actors import Actor


@transaction.atomic(durable=True)
def read_messages(*, actor: Actor, subject: int | None = None) -> int:
    """Mark messages as read, of one subject or all; how many were new."""
    messages = messages_for(actor).filter(read=None)
    if subject is not None:
        messages = messages.filter(subject=subject)
    return messages.order_by().update(read=now())
