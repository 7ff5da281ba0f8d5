"""Phrases of one's own for the opinion: what this person wrote most, then what the step usually says."""

from collections import Counter

from django.utils.translation import gettext as _

from yiwang.kernel.cases.models import Opinion
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.process.models import WorkItem

SHOWN, LONGEST, LOOKED_AT = 5, 24, 40


def phrases_for(actor: Actor, act: str) -> tuple[str, ...]:
    """At most five; two queries."""
    usual = {
        "intake": [_("材料齐全，符合法定形式，予以受理。"), _("材料已补齐，予以受理。")],
        "check": [_("经核查，情况属实。"), _("建议批准。")],
        "sign": [_("同意。"), _("同意，请严格按许可范围采伐。")],
    }.get(act, [_("拟同意。"), _("请严格按设计和许可范围采伐。"), _("伐后当年或次年更新。")])
    own = [text for text, _count in Counter(_own(actor)).most_common(SHOWN)]
    return tuple(dict.fromkeys([*own, *usual]))[:SHOWN]


def _own(actor: Actor) -> list[str]:
    if actor.person is None:
        return []
    done = WorkItem.objects.filter(person=actor.person, state=WorkItem.State.DONE).order_by("-done")
    subjects = list(done.values_list("subject", flat=True)[:LOOKED_AT])
    said = Opinion.objects.filter(subject__in=subjects, person=actor.person)
    return [text.strip() for text in said.values_list("text", flat=True) if 0 < len(text.strip()) <= LONGEST]
