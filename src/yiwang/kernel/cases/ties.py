"""What of cases and their work hangs on a unit or a person; `kernel/org` asks before it closes or undoes one."""

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.cases.models import Case, Opinion
from yiwang.kernel.org import ties
from yiwang.kernel.org.models import Holding, Post
from yiwang.kernel.process.models import WorkItem

LIVE = (WorkItem.State.OPEN, WorkItem.State.WAITING)


def work_in_pools(unit: int) -> int:
    """Open steps in the pools of the unit's posts, or in the name of somebody there."""
    posts = list(Post.objects.filter(unit=unit).values_list("pk", flat=True))
    return WorkItem.objects.filter(post__in=posts, state__in=LIVE).count()


def open_cases(unit: int) -> int:
    """Cases in progress that the unit is in charge of."""
    return Case.objects.filter(unit=unit, closed=None).count()


def work_of(person: int) -> int:
    """Steps that are or were this person's."""
    return WorkItem.objects.filter(person=person).count()


def opinions_of(person: int) -> int:
    """Opinions he gave."""
    return Opinion.objects.filter(person=person).count()


def work_in(holding: int) -> int:
    """Steps that are or were his in this post."""
    row = Holding.objects.filter(pk=holding).values_list("person", "post").first()
    return WorkItem.objects.filter(person=row[0], post=row[1]).count() if row else 0


OF_UNITS = (
    ties.Tie("cases.open", _("在办的件 %(count)d 件"), open_cases),
    ties.Tie("cases.work", _("岗位上待办 %(count)d 项"), work_in_pools),
)
OF_PEOPLE = (
    ties.Tie("cases.opinions", _("意见 %(count)d 条"), opinions_of),
    ties.Tie("cases.work", _("经办 %(count)d 项"), work_of),
)
OF_HOLDINGS = (ties.Tie("cases.work", _("经办 %(count)d 项"), work_in),)


def register() -> None:
    """Make these counts known."""
    for tie in OF_HOLDINGS:
        ties.register(ties.HOLDING, tie)
    for tie in OF_UNITS:
        ties.register(ties.UNIT, tie)
    for tie in OF_PEOPLE:
        ties.register(ties.PERSON, tie)
