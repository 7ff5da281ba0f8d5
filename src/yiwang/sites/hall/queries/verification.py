"""Verification 核验 in words: is it real, is it in force, what may anybody know of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.core import signing
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from yiwang.kernel.base.moments import today
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.types import labels_of, offer_of
from yiwang.kernel.outputs.models import Document
from yiwang.kernel.registers.models import Entry, EntryVersion
from yiwang.kernel.registers.queries import Verdict, verdict_on
from yiwang.kernel.registers.rules import Status
from yiwang.ui.words import full_day_words

TICKET = "hall.verdict"
TICKET_SECONDS = 3600
LONG = 60
LOOKS = {Status.VALID: ("", "yes"), Status.UPCOMING: ("none", "clock"), Status.EXPIRED: ("none", "clock")}
BAD = ("bad", "no")
ENDED = frozenset({Status.REVOKED, Status.CANCELLED, Status.REPLACED, Status.VOID})


@dataclass(frozen=True)
class Line:
    """A label and what stands beside it."""

    name: str
    value: str
    small: bool = False


@dataclass(frozen=True)
class Shown:
    """A verdict as the page shows it; `ticket` lets the same verdict be shown again beside a compared file."""

    word: str
    sentence: str
    look: str
    picture: str
    lines: tuple[Line, ...] = ()
    hints: tuple[str, ...] = ()
    warning: str = ""
    digest: str = ""
    digest_sm3: str = ""
    ticket: str = ""


def shown(verdict: Verdict | None) -> Shown:
    """The verdict in words; None is what both unknown and wrong give."""
    if verdict is None:
        return _unknown()
    look, picture = LOOKS.get(verdict.status, BAD)
    document = _document(verdict.subject)
    return Shown(
        word=_words()[verdict.status][0],
        sentence=_words()[verdict.status][1] % {"issuer": verdict.issuer},
        look=look,
        picture=picture,
        lines=tuple(_lines(verdict)),
        warning=_warning(verdict),
        digest=document.sha256 if document else "",
        digest_sm3=document.sm3 if document else "",
        ticket=signing.dumps(verdict.subject, salt=TICKET),
    )


def shown_again(ticket: str) -> Shown | None:
    """The verdict behind a ticket given less than an hour ago."""
    try:
        subject = signing.loads(ticket, salt=TICKET, max_age=TICKET_SECONDS)
    except signing.BadSignature:
        return None
    entry = Entry.objects.filter(subject=subject).select_related("register", "issuer", "replaced_by").first()
    return shown(verdict_on(entry)) if entry is not None else None


def _words() -> dict[Status, tuple[str, str]]:
    return {
        Status.VALID: (_("有效"), _("这张证是%(issuer)s签发的，现在算数。")),
        Status.UPCOMING: (_("是真的，但还没到期限"), _("这张证是%(issuer)s签发的，还没有开始生效。")),
        Status.EXPIRED: (_("是真的，但已过期"), _("这张证是%(issuer)s签发的，期限已经过了。")),
        Status.REVOKED: (_("已撤销，不算数"), _("%(issuer)s已经撤销，不能再凭它办事。")),
        Status.CANCELLED: (_("已注销，不算数"), _("%(issuer)s已经注销，不能再凭它办事。")),
        Status.REPLACED: (_("已换发新证，这张不算数"), _("%(issuer)s已经换发新证，请看新证。")),
        Status.VOID: (_("已作废，不算数"), _("这个编号已经作废。")),
    }


def _unknown() -> Shown:
    hints = (
        _("编号或者核验码打错了，请对照证书再输一次；"),
        _("老的纸质证还没有录入，请打窗口电话人工查；"),
        _("证是假的。"),
    )
    return Shown(_("没有查到这张证"), _("编号和核验码对不上。"), "none", "ask", hints=hints)


def _lines(verdict: Verdict) -> Iterator[Line]:
    yield Line(_("证书"), f"{verdict.register}　{verdict.number}")
    yield Line(_("持证人"), verdict.holder)
    labels = _labels(verdict.subject)
    for name, value in verdict.data:
        yield Line(labels.get(name, name), "" if value is None else str(value), small=len(str(value)) > LONG)
    yield Line(_("有效期"), _period(verdict.valid_from, verdict.valid_to, verdict.status))
    yield Line(_("发证机关"), verdict.issuer)
    yield from _history(verdict)
    if verdict.replaced_by:
        yield Line(_("新证编号"), verdict.replaced_by)


def _history(verdict: Verdict) -> Iterator[Line]:
    """When it was issued; when and why it ended, where it was ended before its time."""
    versions = list(EntryVersion.objects.filter(entry__subject=verdict.subject).order_by("version"))
    if not versions:
        return
    yield Line(_("发证日期"), full_day_words(localtime(versions[0].at).date()))
    if verdict.status in ENDED:
        last = versions[-1]
        yield Line(_("失效日期"), full_day_words(localtime(last.at).date()))
        if last.reason or last.basis:
            yield Line(_("原因"), "，".join(text for text in (last.reason, last.basis) if text))


def _labels(subject: int) -> dict[str, str]:
    """Labels of the answers that the entry shows, as the form of its case asked for them."""
    version = Case.objects.filter(pk__in=Entry.objects.filter(subject=subject).values("source"))
    found = version.values_list("version", flat=True).first()
    return labels_of(offer_of(found)) if found else {}


def _period(begin: date, end: date | None, status: Status) -> str:
    if end is None:
        return _("%(begin)s起，长期") % {"begin": full_day_words(begin)}
    period = _("%(begin)s至%(end)s") % {"begin": full_day_words(begin), "end": full_day_words(end)}
    if status is Status.VALID and end == today():
        return _("%(period)s，今天是最后一天") % {"period": period}
    if status is Status.VALID:
        return _("%(period)s，还有 %(n)d 天") % {"period": period, "n": (end - today()).days}
    return period


def _warning(verdict: Verdict) -> str:
    if verdict.status is Status.EXPIRED:
        return _("过期以后不能再用。还要办的，持证人要重新申请。")
    return ""


def _document(subject: int) -> Document | None:
    return Document.objects.filter(subject=subject).order_by("-version").first()
