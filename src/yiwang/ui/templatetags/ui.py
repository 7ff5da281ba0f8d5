"""Tags and filters of the design system: icons, dates and numbers in people's words, masks, QR codes."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

import segno
from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from yiwang.kernel.base import masks
from yiwang.kernel.base.moments import today
from yiwang.ui import words

register = template.Library()

SOON = 3
QUIET = 2
CODE_GROUP = 4
AFTER_WHICH_A_LINE_MAY_BREAK = "、，。；：）〕》？！"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A picture of the sprite `ui/icons.svg`; hidden from readers of the page aloud unless it has a label."""
    address = static("ui/icons.svg")
    if label:
        return format_html(
            '<svg class="yw-ico" role="img" aria-label="{}"><use href="{}#{}"/></svg>', label, address, name
        )
    return format_html('<svg class="yw-ico" aria-hidden="true"><use href="{}#{}"/></svg>', address, name)


@register.filter
def day(value: date | datetime | None) -> SafeString:
    """「11月25日」 on one line, machine-readable as well."""
    if value is None:
        return SafeString("")
    plain = _day_of(value)
    return format_html('<time class="yw-nowrap" datetime="{}">{}</time>', plain, words.day_words(plain, today()))


@register.filter
def last_day(value: datetime | None) -> SafeString:
    """The last day of a limit whose end is kept as the first moment after it (24:00, 民法典 art. 203)."""
    return day(value - timedelta(microseconds=1)) if value is not None else SafeString("")


@register.filter
def full_day(value: date | datetime | None) -> SafeString:
    """「2026年11月25日」 on one line."""
    if value is None:
        return SafeString("")
    plain = _day_of(value)
    return format_html('<time class="yw-nowrap" datetime="{}">{}</time>', plain, words.full_day_words(plain))


@register.filter
def moment(value: datetime | None) -> SafeString:
    """「11月9日 10:42」 on one line."""
    if value is None:
        return SafeString("")
    text = words.moment_words(value, today())
    return format_html('<time class="yw-nowrap" datetime="{}">{}</time>', value.isoformat(timespec="seconds"), text)


@register.filter
def weekday(value: date | datetime) -> str:
    """「星期五」."""
    return words.weekday_words(_day_of(value))


def _day_of(value: date | datetime) -> date:
    return localtime(value).date() if isinstance(value, datetime) else value


@register.filter
def number(value: Decimal | float | int | None) -> str:
    """31240.500 → 「31,240.5」; nothing for None."""
    return "" if value is None else words.plain_number(value)


@register.filter
def amount(count: int, unit: str) -> str:
    """`10|amount:"wd"` → 「10 个工作日」."""
    return words.amount_words(count, unit)


@register.simple_tag
def due(left: int, unit: str, until: date | datetime, paused: bool = False) -> SafeString:
    """The remaining time as a tag: icon and words, colour only beside them; amber and red mean deadlines only."""
    if paused:
        return format_html('<span class="yw-tag yw-tag--mute">{}{}</span>', icon("pause"), _("计时暂停"))
    state = "late" if left < 0 else "soon" if left <= SOON else ""
    shape = {"late": "alert", "soon": "clock"}.get(state, "clock")
    text = words.left_words(left, unit)
    until_words = words.day_words(_day_of(until), today())
    return format_html(
        '<span class="yw-tag{}" title="{}">{}{}</span>',
        f" yw-tag--{state}" if state else "",
        until_words,
        icon(shape),
        text,
    )


@register.filter
def mask_name(value: str) -> str:
    """林志远 → 林**."""
    return masks.mask_name(value)


@register.filter
def mask_id(value: str) -> str:
    """The middle of an identity number hidden."""
    return masks.mask_id(value)


@register.filter
def mask_phone(value: str) -> str:
    """13800002607 → 138****2607."""
    return masks.mask_phone(value)


@register.filter
def keep(value: object) -> SafeString:
    """Lets a title break after punctuation only; used inside `yw-keep`."""
    pieces, piece = [], ""
    for character in str(value):
        piece += character
        if character in AFTER_WHICH_A_LINE_MAY_BREAK:
            pieces.append(piece)
            piece = ""
    return format_html_join(SafeString("<wbr>"), "{}", ((part,) for part in [*pieces, piece] if part))


@register.filter
def nowrap(value: object) -> SafeString:
    """Numbers, hours and telephone numbers stay on one line."""
    return format_html('<span class="yw-nowrap">{}</span>', value)


@register.filter
def code_groups(value: str) -> str:
    """9VB2F9HQTHE4V → 9VB2-F9HQ-THE4V: a code as people read it to each other."""
    count = max(1, len(value) // CODE_GROUP)
    cut = [value[at * CODE_GROUP : (at + 1) * CODE_GROUP] for at in range(count - 1)]
    return "-".join([*cut, value[(count - 1) * CODE_GROUP :]])


@register.filter
def steps(count: int) -> range:
    """`20|steps` → something to loop over twenty times."""
    return range(int(count))


@register.simple_tag
def qr(text: str, label: str) -> SafeString:
    """A QR code as inline SVG, level M, with its quiet zone; `label` is read aloud."""
    matrix = segno.make(text, error="m", micro=False).matrix_iter(border=QUIET)
    rows = [list(row) for row in matrix]
    path = format_html_join("", "M{} {}h{}v1h-{}z", (run for y, row in enumerate(rows) for run in _dark_runs(y, row)))
    return format_html(
        '<svg viewBox="0 0 {0} {0}" role="img" aria-label="{1}" shape-rendering="crispEdges"><path d="{2}"/></svg>',
        len(rows),
        label,
        path,
    )


def _dark_runs(y: int, row: list[int]) -> Iterator[tuple[int, int, int, int]]:
    x = 0
    for dark, cells in groupby(row, key=bool):
        length = len(list(cells))
        if dark:
            yield x, y, length, length
        x += length
