"""Signs of life of workers 心跳, so that an idle queue can be told from a dead one."""

from datetime import timedelta

from yiwang.kernel.base.moments import now
from yiwang.kernel.jobs.models import Beat

BEATING = 10.0
KEPT = timedelta(days=1)


def beat(name: str) -> None:
    """Note that this worker lives; forget those that have not for a day."""
    moment = now()
    Beat.objects.update_or_create(name=name[:120], defaults={"at": moment})
    Beat.objects.filter(at__lt=moment - KEPT).delete()
