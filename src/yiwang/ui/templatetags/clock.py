"""Limits on the page: how a due date was counted, day by day."""

from collections.abc import Sequence

from django import template
from django.utils.translation import gettext as _

from yiwang.kernel.clock.explanations import DayMark, Explanation, Sign

register = template.Library()


@register.inclusion_tag("ui/parts/counted.html")
def counted(explained: Explanation, more: Sequence[str] = ()) -> dict[str, object]:
    """「怎么算的」: the sentence, one cell per day in weeks from Monday, the basis; `more` are further lines."""
    week = (_("一"), _("二"), _("三"), _("四"), _("五"), _("六"), _("日"))
    return {"explained": explained, "more": more, "week_names": week}


@register.filter
def day_look(mark: DayMark) -> str:
    """Classes of a cell; what a class says is said in words inside the cell as well."""
    if mark.is_due:
        looks = ["due"]
    elif mark.sign is Sign.COUNTED:
        looks = ["used" if mark.is_past or mark.is_today else "left"]
    else:
        looks = [{Sign.REST: "rest", Sign.PAUSED: "paused", Sign.OVER: "over"}.get(mark.sign, "")]
    if mark.is_today:
        looks.append("today")
    return " ".join(look for look in looks if look)


@register.filter
def day_says(mark: DayMark) -> str:
    """The words of a cell: 「第 3」, 「剩 2」, 「不算」, 「今天」, 「到期」."""
    if mark.is_due:
        return _("到期")
    if mark.is_today:
        return _("今天")
    fixed = {Sign.START: _("当天"), Sign.REST: _("不算"), Sign.PAUSED: _("停表")}
    if mark.sign in fixed:
        return fixed[mark.sign]
    if mark.sign is Sign.OVER:
        return _("超 %(n)d") % {"n": mark.number}
    if mark.is_past:
        return _("第 %(n)d") % {"n": mark.number}
    return _("剩 %(n)d") % {"n": mark.left}
