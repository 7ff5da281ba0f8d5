"""The three officers 三员: who they are and what each may do, as every page of the organisation shows."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from yiwang.kernel.base.refusals import Text
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Account


@dataclass(frozen=True, slots=True)
class Office:
    """One of the three."""

    name: Text
    who: str
    does: str
    icon: str
    is_me: bool
    is_missing: bool


def officers_shown(actor: Actor) -> tuple[Office, ...]:
    """The three with the active accounts that hold each; one query."""
    rows = Account.objects.exclude(officer="").filter(is_active=True).order_by("pk")
    held: dict[str, list[str]] = {}
    for officer, username in rows.values_list("officer", "username"):
        held.setdefault(officer, []).append(username)
    says = {
        Account.Officer.SYSTEM: (_("建机构、人员和岗位，改不了权限，看不到办件"), "user"),
        Account.Officer.SECURITY: (_("管账号，确认权限，看不到办件内容"), "shield"),
        Account.Officer.AUDIT: (_("只看改动记录和访问日志"), "eye"),
    }
    return tuple(
        Office(kind.label, "、".join(held.get(kind, [])), does, icon, actor.officer == kind, kind not in held)
        for kind, (does, icon) in says.items()
    )
