"""Limits in people's words."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yiwang.kernel.clock.explanations import DayMark, PauseText, Sign, rest_names
from yiwang.kernel.clock.limits import Unit
from yiwang.kernel.clock.standing import Phase, Standing


def amount_text(unit: Unit, amount: int) -> str:
    """「10 个工作日」「30 天」「2 小时」「1 个月」."""
    if unit is Unit.WORKING_DAY:
        return ngettext("%(n)d 个工作日", "%(n)d 个工作日", amount) % {"n": amount}
    if unit is Unit.HOUR:
        return ngettext("%(n)d 小时", "%(n)d 小时", amount) % {"n": amount}
    if unit is Unit.MONTH:
        return ngettext("%(n)d 个月", "%(n)d 个月", amount) % {"n": amount}
    return ngettext("%(n)d 天", "%(n)d 天", amount) % {"n": amount}


def day_text(day: date, today: date) -> str:
    """「11 月 25 日」, with the year when it is not this year's."""
    if day.year == today.year:
        return _("%(month)d 月 %(day)d 日") % {"month": day.month, "day": day.day}
    return _("%(year)d 年 %(month)d 月 %(day)d 日") % {"year": day.year, "month": day.month, "day": day.day}


def headline(standing: Standing) -> str:
    """「还剩 3 个工作日（至 11 月 25 日）」, 「今天到期」, 「超 2 个工作日」 …; says so when provisional."""
    text = _headline(standing)
    if not standing.provisional:
        return text
    return _("%(text)s，暂定：%(year)d 年放假安排尚未公布") % {"text": text, "year": standing.due.year}


def _headline(standing: Standing) -> str:
    if standing.phase is Phase.STOPPED:
        return _stopped(standing)
    if standing.is_late:
        return _late(standing)
    if standing.phase is Phase.PAUSED:
        return _("已停止计时，恢复后还剩 %(left)s") % {"left": _left(standing)}
    if standing.unit is not Unit.HOUR and standing.due == standing.today:
        return _("今天到期（%(day)s）") % {"day": _until(standing)}
    return _("还剩 %(left)s（至 %(day)s）") % {"left": _left(standing), "day": _until(standing)}


def _stopped(standing: Standing) -> str:
    if standing.is_late:
        return _("已办结，%(late)s") % {"late": _late(standing)}
    if standing.used == 0:
        return _("已办结，当天办完")
    used = amount_text(_day_unit(standing.unit), standing.used)
    return _("已办结，用了 %(used)s，没有超期") % {"used": used}


def _late(standing: Standing) -> str:
    if standing.over == 0:
        return _("已超期（%(day)s 到期）") % {"day": _until(standing)}
    over = _clock_text(-standing.time_left) if standing.unit is Unit.HOUR else _days(standing, standing.over)
    return _("超 %(over)s（%(day)s 到期）") % {"over": over, "day": _until(standing)}


def _left(standing: Standing) -> str:
    return _clock_text(standing.time_left) if standing.unit is Unit.HOUR else _days(standing, standing.left)


def _days(standing: Standing, amount: int) -> str:
    return amount_text(_day_unit(standing.unit), amount)


def _day_unit(unit: Unit) -> Unit:
    return Unit.DAY if unit is Unit.MONTH else unit


def _clock_text(span: timedelta) -> str:
    hours, rest = divmod(span, timedelta(hours=1))
    minutes = -(-rest // timedelta(minutes=1))
    if hours == 0:
        return ngettext("%(n)d 分钟", "%(n)d 分钟", minutes) % {"n": minutes}
    if minutes == 0:
        return amount_text(Unit.HOUR, hours)
    return _("%(hours)d 小时 %(minutes)d 分钟") % {"hours": hours, "minutes": minutes}


def _until(standing: Standing) -> str:
    if standing.unit is not Unit.HOUR:
        return day_text(standing.due, standing.today)
    moment: datetime = standing.due_at
    return f"{day_text(moment.date(), standing.today)} {moment:%H:%M}"


def how_text(title: str, total: str, started: date, days: Sequence[DayMark], pauses: Sequence[PauseText]) -> str:
    """The paragraph under 「怎么算的」: start, what did not count, pauses."""
    today = next((mark.day for mark in days if mark.is_today), started)
    parts = [
        _("%(title)s %(total)s。") % {"title": title, "total": total},
        _("%(day)s当天不算，从第二天算起") % {"day": day_text(started, today)},
        _rest_text(days),
        _moved_text(days, today),
        _pause_text(pauses, today),
    ]
    return parts[0] + _("；").join(part for part in parts[1:] if part) + _("。")


def _rest_text(days: Sequence[DayMark]) -> str:
    if not any(mark.sign is Sign.REST and not mark.is_moved for mark in days):
        return ""
    names = rest_names(days)
    return _("周末和%(names)s放假不算") % {"names": _("、").join(names)} if names else _("周六、周日不算")


def _moved_text(days: Sequence[DayMark], today: date) -> str:
    due = next((mark for mark in days if mark.is_due and mark.is_moved), None)
    return _("最后一天遇休息日，顺延到 %(day)s") % {"day": day_text(due.day, today)} if due else ""


def _pause_text(pauses: Sequence[PauseText], today: date) -> str:
    if not pauses:
        return _("没有停过表")
    return _("；").join(_one_pause(pause, today) for pause in pauses)


def _one_pause(pause: PauseText, today: date) -> str:
    values = {"name": pause.name, "begun": day_text(pause.begun, today), "basis": pause.basis}
    if pause.ended is None:
        return _("%(begun)s起因%(name)s停表（%(basis)s）") % values
    values["ended"] = day_text(pause.ended, today)
    return _("%(begun)s起因%(name)s停表（%(basis)s），%(ended)s恢复") % values
