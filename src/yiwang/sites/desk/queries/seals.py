"""The register of seals 印章台账 as the desk shows it: seals with their standing, the log of uses with names."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yiwang.kernel.access.policies import may
from yiwang.kernel.base.moments import now, today
from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.ledger.queries import entries_of
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Account, Post
from yiwang.kernel.outputs import queries as outputs
from yiwang.kernel.outputs.models import Document, Seal, SealCertificate, SealUse
from yiwang.kernel.outputs.policies import KEEP
from yiwang.kernel.outputs.rules import is_valid
from yiwang.kernel.outputs.services import standing_of

PAGE = 50
WAITING_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SealLine:
    """A seal with its certificate and its standing today in words."""

    seal: Seal
    certificate: SealCertificate | None
    status: str
    tone: str
    used: int

    @property
    def purpose(self) -> str:
        """The line below the star, or what a plain seal is."""
        return self.seal.line or _("公章")

    @property
    def keeper(self) -> str:
        """Who keeps it."""
        return self.seal.keeper.name if self.seal.keeper else _("印章保管岗")


@dataclass(frozen=True, slots=True)
class UseLine:
    """A use with the names behind the numbers; empty where the platform acted by itself."""

    use: SealUse
    decided_by: str
    post: str


@dataclass(frozen=True, slots=True)
class MoveLine:
    """A change of a seal in the ledger, in words."""

    entry: Entry
    word: str
    by: str

    @property
    def reason(self) -> str:
        """Why."""
        return str(self.entry.facts.get("reason", ""))


@dataclass(frozen=True, slots=True)
class SealPage:
    """One seal: standing, log of uses, changes; `may_keep` shows what the keeper may do."""

    line: SealLine
    uses: tuple[UseLine, ...]
    moves: tuple[MoveLine, ...]
    more: int
    may_keep: bool

    @property
    def may_suspend(self) -> bool:
        """Whether it can be suspended here."""
        return self.may_keep and self.line.seal.state == Seal.State.IN_USE

    @property
    def may_resume(self) -> bool:
        """Whether it can be resumed, or destroyed, here."""
        return self.may_keep and self.line.seal.state == Seal.State.SUSPENDED


def seal_lines(actor: Actor) -> tuple[SealLine, ...]:
    """Every seal the actor may see; two queries."""
    rows = list(outputs.seals(actor))
    found = SealCertificate.objects.filter(seal__in=[row.pk for row in rows]).order_by("pk")
    latest = {one.seal_id: one for one in found.defer("key", "certificate")}
    return tuple(_line(row, latest.get(row.pk)) for row in rows)


def waiting_papers(actor: Actor) -> tuple[Document, ...]:
    """Papers that wait for the signer, oldest first."""
    return tuple(outputs.waiting(actor)[:WAITING_SHOWN])


def _line(seal: Seal, certificate: SealCertificate | None) -> SealLine:
    standing = standing_of(seal, certificate)
    status, tone = seal.get_state_display(), "late"
    if seal.state == Seal.State.IN_USE:
        valid = is_valid(standing, today(), now())
        status, tone = (status, "ok") if valid else (_("不在有效期"), "late")
    return SealLine(seal, certificate, str(status), tone, int(getattr(seal, "used", 0)))


def seal_page(actor: Actor, seal: int, before: int = 0) -> SealPage:
    """One seal the actor may see. Raises NotFound."""
    found = outputs.seals(actor).select_related("subject").filter(pk=seal).first()
    if found is None:
        raise NotFound()
    rows = list(_uses(found, before)[: PAGE + 1])
    return SealPage(
        line=_line(found, found.certificates.order_by("-pk").first()),
        uses=tuple(named(rows[:PAGE])),
        moves=tuple(_moves(found.pk)),
        more=rows[PAGE - 1].pk if len(rows) > PAGE else 0,
        may_keep=may(actor, KEEP, found.subject),
    )


def uses_to_take(actor: Actor, seal: int, most: int) -> tuple[SealLine, list[UseLine]]:
    """The log of uses for a table to take along, newest first, at most so many. Raises NotFound."""
    page = seal_page(actor, seal)
    return page.line, list(named(list(outputs.uses_of(seal)[:most])))


def _uses(seal: Seal, before: int) -> QuerySet[SealUse]:
    rows = outputs.uses_of(seal.pk).order_by("-pk")
    return rows.filter(pk__lt=before) if before else rows


def named(rows: list[SealUse]) -> Iterator[UseLine]:
    """Uses with the names of people and posts; two queries."""
    names = _names({row.decided_by for row in rows})
    posts = Post.objects.filter(pk__in={row.decided_post for row in rows}).select_related("unit")
    words = {post.pk: f"{post.unit.short_name} {post.name}" for post in posts}
    for row in rows:
        yield UseLine(row, names.get(row.decided_by, ""), words.get(row.decided_post, ""))


def _names(accounts: Iterable[int]) -> dict[int, str]:
    """Names of members of staff; applicants are not named here."""
    found = Account.objects.filter(pk__in=set(accounts), person__isnull=False).values_list("pk", "person__name")
    return dict(found)


def _moves(seal: int) -> Iterator[MoveLine]:
    words = {
        "seal.opened": _("启用"),
        "seal.renewed": _("更新证书"),
        "seal.suspended": _("停用"),
        "seal.resumed": _("恢复使用"),
        "seal.destroyed": _("销毁"),
    }
    rows = list(entries_of(seal).filter(verb__in=words).order_by("-seq"))
    names = _names({row.author for row in rows})
    return (MoveLine(row, words[row.verb], names.get(row.author, _("系统"))) for row in rows)
