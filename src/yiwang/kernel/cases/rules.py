"""Rules of cases over plain values."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from yiwang.kernel.cases.refusals import NothingToCorrect, OpinionNeeded, TooEarly, TooLate

INTAKE, JUDGE, SIGN, SUPPLEMENT, DELIVER = "intake", "judge", "sign", "supplement", "deliver"
ACCEPT, CORRECT, REFUSE, GRANT, DENY = "accept", "correct", "refuse", "grant", "deny"
MOST_WORDS = 4000
REFUSAL_GROUNDS = ("not_needed", "not_ours", "not_corrected", "unlawful")
NAME = re.compile(r"{([a-z_][a-z0-9_]*)}")


def filled(template: str, values: Mapping[str, str]) -> str:
    """A title or sentence with `{name}` replaced by plain text; a name without value leaves nothing."""
    return NAME.sub(lambda found: values.get(found[1], ""), template).strip()


def checked_opinion(text: str, *, is_needed: bool) -> str:
    """The opinion as kept. Raises OpinionNeeded when a reason is due and none was given, or it is too long."""
    words = text.strip()
    if is_needed and not words:
        raise OpinionNeeded(field="opinion")
    if len(words) > MOST_WORDS:
        raise OpinionNeeded(f"意见不能超过 {MOST_WORDS} 字", field="opinion")
    return words


def needs_reason(act: str, move: str) -> bool:
    """Whether a move must be explained: refusals and denials are (行政许可法 art. 38)."""
    return move in (REFUSE, DENY) or (act == INTAKE and move == CORRECT)


def checked_corrections(items: tuple[str, ...], words: str) -> tuple[str, ...]:
    """What has to be corrected, all in one notice. Raises NothingToCorrect when there is nothing."""
    kept = tuple(item.strip()[:300] for item in items if item.strip())
    if not kept and not words.strip():
        raise NothingToCorrect(field="corrections")
    return kept


def check_days_left(left: int | None, earliest: int, latest: int, rule: str, field: str) -> None:
    """Whether so many days before its last day something may be asked for an entry; an entry without end always may.

    Raises TooEarly more than `earliest` days before (0: never too early), TooLate less than `latest` days before.
    """
    if left is None:
        return
    facts = {"left": left, "earliest": earliest, "latest": latest}
    if earliest and left > earliest:
        message = _("离有效期届满还有 %(left)d 天，届满前 %(earliest)d 天以内才能申请") % facts
        remedy = _("请 %(wait)d 天以后再来申请") % {"wait": left - earliest}
        raise TooEarly(message, rule, remedy, field, facts)
    if left < latest:
        message = _("离有效期届满只有 %(left)d 天，应当在届满 %(latest)d 日前提出") % facts
        raise TooLate(message, rule, field=field, facts=facts)


def result_of(end: str) -> str:
    """Key of the result by the end a process reached: `end_granted` → `granted`."""
    return end.removeprefix("end_")
