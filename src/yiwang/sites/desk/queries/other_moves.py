"""Moves beside deciding: suspend, resume, extend, withdraw; each says why it cannot be made now."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from yiwang.kernel.base.refusals import Text
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.types import Offer
from yiwang.kernel.clock.law import PauseKind
from yiwang.kernel.clock.models import Clock
from yiwang.kernel.org.actors import Actor


@dataclass(frozen=True, slots=True)
class OtherMove:
    """One move with what it asks for; `choices` are kinds of pause."""

    key: str
    label: str
    law: str
    url: str
    hint: str
    why_not: Text = ""
    choices: tuple[tuple[str, str], ...] = ()
    asks_notice: bool = False


def other_moves(
    actor: Actor, case: Case, offer: Offer, item: int, kinds: Mapping[str, PauseKind]
) -> tuple[OtherMove, ...]:
    """Suspend or resume, then extend; one query."""
    if case.status == Case.Status.SUSPENDED:
        return (_resume(item),)
    return (_suspend(case, offer, item, kinds), _extend(actor, case, offer, item))


def _suspend(case: Case, offer: Offer, item: int, kinds: Mapping[str, PauseKind]) -> OtherMove:
    limit = offer.spec.limits.get("statutory")
    allowed = limit.pausable_by if limit else ()
    why_not = "" if case.status == Case.Status.ACCEPTED else _("受理以后才能中止")
    return OtherMove(
        key="suspend",
        label=_("中止（停表）"),
        law=_("行政许可法第四十五条"),
        url=reverse("desk:suspend", args=[item]),
        hint=_("只有法律列明的情形才停表，现场核查不停。理由写在上面的意见栏里，书面告知申请人。"),
        why_not=why_not if allowed else _("这个事项没有可以停表的情形"),
        choices=tuple((key, kind.name) for key, kind in kinds.items() if key in allowed),
        asks_notice=True,
    )


def _resume(item: int) -> OtherMove:
    url = reverse("desk:resume", args=[item])
    return OtherMove("resume", _("恢复办理"), _("行政许可法第四十五条"), url, _("期限从恢复当天接着算。"))


def _extend(actor: Actor, case: Case, offer: Offer, item: int) -> OtherMove:
    limit = offer.spec.limits.get("statutory")
    extension = limit.extension if limit else None
    hint = _("延长 %(days)s 个工作日，只能一次。理由写在上面的意见栏里，告知申请人。")
    return OtherMove(
        key="extend",
        label=_("延长期限一次"),
        law=str(extension.basis) if extension else "",
        url=reverse("desk:extend", args=[item]),
        hint=hint % {"days": extension.amount} if extension else "",
        why_not=_why_not_extend(actor, case, extension.approver if extension else ""),
    )


def _why_not_extend(actor: Actor, case: Case, role: str) -> str:
    clock = Clock.objects.filter(subject=case.pk, name=Clock.Name.STATUTORY, stopped_at=None).first()
    if not role:
        return _("这个事项不能延长")
    if clock is None:
        return _("受理以后、决定以前才能延长")
    if clock.extension:
        return _("已经延长过一次")
    return "" if actor.has_role(role) else _("由本机关负责人批准，您不在这个岗位")
