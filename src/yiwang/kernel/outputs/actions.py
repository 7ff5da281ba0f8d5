"""Keeping a finished document, and the register of seals 印章台账."""

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yiwang.kernel.access.policies import require
from yiwang.kernel.access.principals import of_person, of_post, units_above
from yiwang.kernel.access.services import grant
from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import InvalidInput, NotFound, NotPermitted
from yiwang.kernel.crypto.authority import Issued
from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.files.services import store
from yiwang.kernel.files.staging import Staged
from yiwang.kernel.jobs.services import Order, enqueue_all, finish_once
from yiwang.kernel.ledger.models import Entry, Subject
from yiwang.kernel.ledger.services import Event, create_subject, lock, record
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Unit
from yiwang.kernel.outputs.models import Authority, Document, Seal, SealCertificate
from yiwang.kernel.outputs.policies import KEEP, SEAL, keeper_posts
from yiwang.kernel.outputs.queries import same_document
from yiwang.kernel.outputs.refusals import SealExists, SealStands
from yiwang.kernel.outputs.rules import Use
from yiwang.kernel.outputs.services import Rendered, keep, log_use
from yiwang.kernel.outputs.signers import key_context

PDF = "application/pdf"
LONGEST_REASON = 200


@transaction.atomic(durable=True)
def keep_document(
    *,
    actor: Actor,
    subject: int,
    rendered: Rendered,
    staged: Staged,
    slot: str,
    use: Use | None = None,
    again: Order | None = None,
) -> Document:
    """Attach a finished document to its subject and record `output.made`, and `seal.used` when a seal signed it.

    With `again` it is kept unsigned and waiting, and that job, which draws it anew, is put off in the same transaction.
    Called again with the same data and template it returns the version that is there, so that a reaction may run twice;
    a signed one follows an unsigned one. Raises NotFound, StorageFull, SealSuspended, SealDestroyed, SealExpired; the
    staged bytes are thrown away then.
    """
    try:
        held = lock(subject, *([use.seal] if use else []))
        known = same_document(subject, rendered, is_signed=use is not None)
        if known is None:
            signature = _signature(use, again)
            blob = store(staged, unit=held[subject].unit, mime=PDF)
            row = keep(rendered, blob, subject=held[subject], slot=slot, by=actor.account, signature=signature)
            record(*_made(row, held, use), actor=actor, orders=[again] if again else [])
            return row
    except BaseException:
        staged.discard()
        raise
    staged.discard()
    if again is not None and known.signature == Document.Signature.WAITING:
        enqueue_all([again])
    finish_once()
    return known


def _signature(use: Use | None, again: Order | None) -> Document.Signature:
    if use is not None:
        return Document.Signature.SIGNED
    return Document.Signature.WAITING if again is not None else Document.Signature.NONE


def _made(document: Document, held: dict[int, Subject], use: Use | None) -> list[Event]:
    facts = {"document": document.pk, "key": document.key, "version": document.version, "sha256": document.sha256}
    made = Event(held[document.subject_id], "output.made", {**facts, "sm3": document.sm3})
    return [made] if use is None else [made, log_use(use, document, held[use.seal])]


@transaction.atomic(durable=True)
def keep_authority(*, actor: Actor, name: str, root: Issued) -> Authority:
    """Keep the root of the node's own certificates, its key sealed; a node has one, the first one stays.

    Raises NotPermitted for anybody but the platform itself.
    """
    _only_the_platform(actor)
    known = Authority.objects.first()
    if known is not None:
        return known
    return Authority.objects.create(
        name=name, kind=root.kind, certificate=root.certificate, key=_sealed_key(root), made=now()
    )


@dataclass(frozen=True)
class NewSeal:
    """A seal to be entered in the register: of which unit, with which line below the star, for which papers and posts.

    `papers` and `roles` may be empty: any paper whose definition names the seal, any post.
    """

    unit: int
    line: str
    name: str
    valid_from: date
    valid_to: date | None = None
    keeper: int | None = None
    papers: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@transaction.atomic(durable=True)
def open_seal(*, actor: Actor, new: NewSeal, issued: Issued) -> Seal:
    """Enter a seal with its first certificate. Raises NotPermitted, NotFound, InvalidInput, SealExists."""
    _only_the_platform(actor)
    unit = Unit.objects.filter(pk=new.unit).first()
    if unit is None:
        raise NotFound()
    if not new.name.strip() or (new.valid_to is not None and new.valid_to < new.valid_from):
        raise InvalidInput(_("印章要有名称，有效期的截止日不能早于起始日"), field="name")
    seal = _opened(new, unit)
    certificate = _certify(seal, issued)
    grant(seal.subject, _keys(seal, unit), state=0, at=seal.opened)
    record(Event(seal.subject, "seal.opened", {"line": seal.line, "certificate": certificate.serial}), actor=actor)
    return seal


def _opened(new: NewSeal, unit: Unit) -> Seal:
    seal = Seal(
        subject=create_subject(SEAL, unit=unit.pk, node=unit.node_id),
        unit=unit,
        line=new.line,
        name=new.name.strip(),
        keeper_id=new.keeper,
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        papers=list(new.papers),
        roles=list(new.roles),
        opened=now(),
    )
    try:
        seal.save(force_insert=True)
    except IntegrityError as error:
        raise SealExists(facts={"unit": unit.pk, "line": new.line}) from error
    return seal


def _keys(seal: Seal, unit: Unit) -> list[int]:
    """Who sees a seal: whoever sees the unit, its keeper, the keepers' posts of the unit and of those above."""
    keeper = [of_person(seal.keeper_id)] if seal.keeper_id else []
    return [*units_above(unit), *map(of_post, keeper_posts(unit)), *keeper]


def _certify(seal: Seal, issued: Issued) -> SealCertificate:
    parsed = issued.parsed
    return SealCertificate.objects.create(
        seal=seal,
        serial=issued.serial,
        kind=issued.kind,
        certificate=issued.certificate,
        key=_sealed_key(issued) if issued.key else b"",
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        made=now(),
    )


def _sealed_key(issued: Issued) -> bytes:
    return keyring().seal(issued.key, key_context(issued.serial))


@transaction.atomic(durable=True)
def renew_certificate(*, actor: Actor, seal: int, issued: Issued) -> SealCertificate:
    """Let a seal sign with a new certificate; the earlier ones go on verifying. Raises NotPermitted, SealStands."""
    _only_the_platform(actor)
    held, row = _held_seal(seal)
    if row.state == Seal.State.DESTROYED:
        raise SealStands()
    certificate = _certify(row, issued)
    record(Event(held, "seal.renewed", {"certificate": certificate.serial}), actor=actor)
    return certificate


@transaction.atomic(durable=True)
def suspend_seal(*, actor: Actor, seal: int, reason: str) -> Entry:
    """Stop the use of a seal from this moment. Raises NotFound, NotPermitted, InvalidInput, SealStands."""
    return _moved(actor, seal, Seal.State.SUSPENDED, (Seal.State.IN_USE,), "seal.suspended", reason)


@transaction.atomic(durable=True)
def resume_seal(*, actor: Actor, seal: int, reason: str) -> Entry:
    """Let a suspended seal be used again. Raises NotFound, NotPermitted, InvalidInput, SealStands."""
    return _moved(actor, seal, Seal.State.IN_USE, (Seal.State.SUSPENDED,), "seal.resumed", reason)


@transaction.atomic(durable=True)
def destroy_seal(*, actor: Actor, seal: int, reason: str) -> Entry:
    """End a suspended seal for good; what it signed stays valid.

    Raises NotFound, NotPermitted, InvalidInput, SealStands.
    """
    return _moved(actor, seal, Seal.State.DESTROYED, (Seal.State.SUSPENDED,), "seal.destroyed", reason)


def _moved(actor: Actor, seal: int, state: Seal.State, before: tuple[Seal.State, ...], verb: str, reason: str) -> Entry:
    held, row = _held_seal(seal)
    require(actor, KEEP, held)
    if not reason.strip():
        raise InvalidInput(_("请写明理由"), field="reason")
    if row.state not in before:
        raise SealStands(facts={"state": row.state})
    row.state, row.reason = state, reason.strip()[:LONGEST_REASON]
    row.save(update_fields=["state", "reason"])
    return record(Event(held, verb, {"reason": row.reason}), actor=actor)[0]


def _held_seal(seal: int) -> tuple[Subject, Seal]:
    row = Seal.objects.filter(pk=seal).first()
    if row is None:
        raise NotFound()
    held = lock(seal)[seal]
    row.refresh_from_db()
    return held, row


def _only_the_platform(actor: Actor) -> None:
    if actor.account != 0:
        raise NotPermitted()
