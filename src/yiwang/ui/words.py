"""People's words for dates, limits and amounts. Pure: values in, words out; the language is the request's."""

from datetime import date, datetime
from decimal import Decimal

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def day_words(day: date, today: date) -> str:
    """「11月25日」, with the year when it is not this year's: 「2027年3月31日」."""
    facts = {"year": day.year, "month": day.month, "day": day.day}
    if day.year == today.year:
        return _("%(month)d月%(day)d日") % facts
    return _("%(year)d年%(month)d月%(day)d日") % facts


def full_day_words(day: date) -> str:
    """「2026年11月25日」."""
    return _("%(year)d年%(month)d月%(day)d日") % {"year": day.year, "month": day.month, "day": day.day}


def moment_words(moment: datetime, today: date) -> str:
    """「11月9日 10:42」 in the node's time zone."""
    local = localtime(moment)
    return f"{day_words(local.date(), today)} {local:%H:%M}"


def left_words(left: int, unit: str) -> str:
    """「还剩 3 个工作日」, 「今天到期」, 「已超 2 个工作日」; `unit` as in a limit: `wd`, `cd`, `hour` or `month`."""
    if left > 0:
        return _("还剩 %(amount)s") % {"amount": amount_words(left, unit)}
    if left == 0:
        return _("今天到期")
    return _("已超 %(amount)s") % {"amount": amount_words(-left, unit)}


def amount_words(count: int, unit: str) -> str:
    """「10 个工作日」, 「15 日」, 「24 小时」, 「2 个月」."""
    patterns = {
        "wd": ngettext("%(count)d 个工作日", "%(count)d 个工作日", count),
        "cd": ngettext("%(count)d 日", "%(count)d 日", count),
        "hour": ngettext("%(count)d 小时", "%(count)d 小时", count),
        "month": ngettext("%(count)d 个月", "%(count)d 个月", count),
    }
    return patterns[unit] % {"count": count}


def plain_number(value: Decimal | float | int) -> str:
    """31240.500 → 「31,240.5」: grouped, no trailing zeros, never an exponent."""
    exact = Decimal(str(value))
    whole = exact == exact.to_integral_value()
    return f"{exact.quantize(Decimal(1)) if whole else exact.normalize():,f}"


def weekday_words(day: date) -> str:
    """「星期五」."""
    names = (_("星期一"), _("星期二"), _("星期三"), _("星期四"), _("星期五"), _("星期六"), _("星期日"))
    return names[day.weekday()]
