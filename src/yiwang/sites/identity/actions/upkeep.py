"""What goes away by itself."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db import transaction

from yiwang.kernel.base.moments import now
from yiwang.kernel.org.actors import Actor
from yiwang.sites.identity.limits import limits
from yiwang.sites.identity.models import Attempts, PhoneCode, SignIn

SIGN_INS_KEPT = timedelta(days=400)


@transaction.atomic(durable=True)
def forget_what_expired(*, actor: Actor) -> None:
    """Delete codes, counts and session rows past their time; sign-ins stay 400 days (网络安全法 art. 21: ≥ 6 months).

    What is deleted here proves nothing: sign-ins and failures stand in the access log.
    """
    moment = now()
    PhoneCode.objects.filter(expires__lt=moment - timedelta(days=1)).delete()
    Attempts.objects.filter(until__lt=moment).delete()
    Session.objects.filter(expire_date__lt=moment).delete()
    forgotten = SignIn.objects.filter(ended=None, started__lt=moment - limits().length)
    forgotten.update(ended=moment, end=SignIn.End.LENGTH)
    SignIn.objects.filter(started__lt=moment - SIGN_INS_KEPT).delete()
