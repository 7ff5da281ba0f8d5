"""Codes of administrative divisions (GB/T 2260, GB/T 10114); who may change the organisation, and from which day."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.translation import gettext as _

from yiwang.kernel.base.refusals import InvalidInput
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.refusals import HoldingEnded, NotSystemOfficer

SYSTEM_OFFICER = "system"
EARLIEST = date(1950, 1, 1)
AHEAD = timedelta(days=731)
_ROLE = re.compile(r"[a-z][a-z0-9_]{1,39}")

PROVINCE, CITY, COUNTY, TOWNSHIP, VILLAGE = 2, 3, 4, 5, 6
LENGTHS = {2: PROVINCE, 4: CITY, 6: COUNTY, 9: TOWNSHIP, 12: VILLAGE}


def parent_code(code: str) -> str:
    """Code of the division above: 360725104 → 360725; empty for a province."""
    shorter = [length for length in LENGTHS if length < len(code)]
    return code[: max(shorter)] if shorter else ""


def require_system_officer(actor: Actor) -> None:
    """Only the system officer, and the platform itself, changes units, posts and people (三员分立).

    Raises NotSystemOfficer.
    """
    if actor.account != 0 and actor.officer != SYSTEM_OFFICER:
        raise NotSystemOfficer()


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, list[object]]:
    """What differs, as field → [before, after]."""
    return {name: [before[name], value] for name, value in after.items() if before[name] != value}


def require_text(text: str, most: int, field: str, label: str) -> str:
    """The text without blanks around it. Raises InvalidInput when empty, too long or with signs nobody can read."""
    kept = text.strip()
    if not kept or len(kept) > most or not kept.isprintable():
        message = _("%(label)s要写 1 到 %(most)d 个字") % {"label": label, "most": most}
        raise InvalidInput(message, field=field)
    return kept


def require_role(role: str) -> str:
    """A role as diagrams name it. Raises InvalidInput."""
    if not _ROLE.fullmatch(role):
        raise InvalidInput(_("角色代码用小写英文字母、数字和下划线，字母开头，2 到 40 位"), field="role")
    return role


def require_start(since: date, day: date) -> date:
    """A first day in a post that can be meant. Raises InvalidInput."""
    if not EARLIEST <= since <= day + AHEAD:
        raise InvalidInput(_("任职日期不对：不早于 1950 年，不晚于两年以后"), field="since")
    return since


def require_end(since: date, until: date | None, last: date, day: date) -> None:
    """A last day in a post: not before it began, not before yesterday, because what was done since stands.

    `until` is the last day set before. Raises HoldingEnded, InvalidInput.
    """
    if until is not None and until < day:
        raise HoldingEnded()
    if last < day - timedelta(days=1):
        remedy = _("要立即免去的，最后任职日填昨天")
        raise InvalidInput(_("最后任职日不能早于昨天：以后办的件仍然有效"), remedy=remedy, field="until")
    if last < since or last > day + AHEAD:
        raise InvalidInput(_("最后任职日不能早于任职日，也不能晚于两年以后"), field="until")
