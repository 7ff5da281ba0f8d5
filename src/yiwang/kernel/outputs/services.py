"""Steps of documents: put the data of a document together, draw it, keep it as a version of a subject."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

from yiwang.kernel.base.moments import now, today
from yiwang.kernel.crypto.digests import sha256_hex, sm3_hex
from yiwang.kernel.files.models import Blob
from yiwang.kernel.files.services import attach
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.ledger.services import Event
from yiwang.kernel.org.models import Post
from yiwang.kernel.outputs.binding import Context, breakable, fill, text_of
from yiwang.kernel.outputs.codes import qr_svg
from yiwang.kernel.outputs.compiler import compile_pdf, engine, root
from yiwang.kernel.outputs.definition import OutputSpec
from yiwang.kernel.outputs.models import Document, Seal, SealCertificate, SealUse
from yiwang.kernel.outputs.refusals import DocumentFailed, ValueMissing
from yiwang.kernel.outputs.rules import Decided, Purpose, Standing, Use, check_use
from yiwang.kernel.outputs.seals import seal_svg

DIGEST_SHOWN = 32
_PAGES = re.compile(rb"/Type/Pages/Count (\d+)")


@dataclass(frozen=True)
class Marks:
    """What makes a document checkable: issuer and moment, content of the QR code, licence number, code to read out."""

    unit: str
    moment: datetime
    qr: str = ""
    licence: str = ""
    code: str = ""


@dataclass(frozen=True)
class Rendered:
    """A finished document: bytes, digests of bytes, template and data, number of pages."""

    pdf: bytes
    key: str
    title: str
    number: str
    template_hash: str
    data_hash: str
    sha256: str
    sm3: str
    pages: int


def compose(spec: OutputSpec, context: Context, marks: Marks) -> dict[str, object]:
    """The data of a document, all plain text and lists. Raises ValueMissing naming the empty fields."""
    fields = {name: fill(pattern, context) for name, pattern in spec.fields.items()}
    missing = sorted(name for name in spec.required if not fields[name])
    if missing:
        raise ValueMissing(facts={"document": spec.key, "fields": missing}, remedy="、".join(missing))
    data: dict[str, object] = {
        "title": spec.title,
        "number": fill(spec.number, context),
        "unit": marks.unit,
        "date": text_of(marks.moment.date()),
        "fields": fields,
        "lists": {name: _plain(_list(context, name)) for name in spec.lists},
        "licence": marks.licence,
        "code": marks.code,
        "qr_text": marks.qr,
    }
    return data | {"digest": data_hash(data)[:DIGEST_SHOWN]}


def _list(context: Context, name: str) -> object:
    lists = context.get("lists")
    return lists.get(name, []) if isinstance(lists, Mapping) else []


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return text_of(value)


def data_hash(data: Mapping[str, object]) -> str:
    """SM3 over the canonical JSON of a document's data; its first half is printed on the document."""
    return sm3_hex(json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())


def render(spec: OutputSpec, context: Context, marks: Marks) -> Rendered:
    """Draw a document as PDF/A-2b. Equal context, marks and templates give equal bytes.

    Raises ValueMissing, FontsMissing, CharactersMissing, DocumentFailed. Takes about 20 ms of CPU; the first one in a
    process a second and 100 MB, so it belongs into a job.
    """
    data = compose(spec, context, marks)
    pdf = compile_pdf(spec.source, _printable(data) | _pictures(spec, marks), marks.moment)
    return Rendered(
        pdf=pdf,
        key=spec.key,
        title=spec.title,
        number=str(data["number"]),
        template_hash=template_hash(spec.source),
        data_hash=data_hash(data),
        sha256=sha256_hex(pdf),
        sm3=sm3_hex(pdf),
        pages=_pages(pdf),
    )


def _printable(data: Mapping[str, object]) -> dict[str, object]:
    return {**data, "fields": _soft(data["fields"]), "lists": _soft(data["lists"])}


def _soft(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _soft(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_soft(part) for part in value]
    return breakable(str(value))


def _pictures(spec: OutputSpec, marks: Marks) -> dict[str, str]:
    seal = "" if spec.seal is None else _seal(marks.unit, spec.seal, tuple(engine().families["song"]))
    return {"seal": seal, "qr": qr_svg(marks.qr) if spec.qr and marks.qr else ""}


@cache
def _seal(unit: str, sub: str, families: tuple[str, ...]) -> str:
    return seal_svg(unit, sub=sub, families=families)


def _pages(pdf: bytes) -> int:
    found = _PAGES.search(pdf)
    if found is None:
        raise DocumentFailed()
    return int(found[1])


def template_hash(source: str) -> str:
    """SHA-256 over a template and everything templates share."""
    shared = sorted((root() / "shared" / "typst").glob("*.typ"))
    return _hash_of(source, tuple((path, path.stat().st_mtime_ns) for path in shared))


@lru_cache(maxsize=64)
def _hash_of(source: str, shared: tuple[tuple[Path, int], ...]) -> str:
    state = hashlib.sha256(source.encode())
    for path, _changed in shared:
        state.update(b"\0" + path.name.encode() + b"\0" + path.read_bytes())
    return state.hexdigest()


def keep(
    rendered: Rendered,
    blob: Blob,
    *,
    subject: Subject,
    slot: str,
    by: int,
    signature: Document.Signature = Document.Signature.NONE,
) -> Document:
    """Keep a document as the next version of its key; the caller's action holds the subject's lock and records it."""
    versions = Document.objects.filter(subject=subject, key=rendered.key).order_by("-version")
    last = versions.values_list("version", flat=True).first() or 0
    name = f"{rendered.title}{rendered.number}".replace("/", "-") + ".pdf"
    file = attach(blob, subject=subject, slot=slot, name=name, by=by)
    return Document.objects.create(
        subject=subject,
        key=rendered.key,
        version=last + 1,
        title=rendered.title,
        number=rendered.number,
        template_hash=rendered.template_hash,
        data_hash=rendered.data_hash,
        attachment=file,
        sha256=rendered.sha256,
        sm3=rendered.sm3,
        pages=rendered.pages,
        made=now(),
        signature=signature,
    )


def seal_of(unit: int, line: str) -> Seal | None:
    """The seal of a unit with this line below the star, one in being before one destroyed; None without any."""
    rows = Seal.objects.filter(unit=unit, line=line)
    return rows.order_by("state", "-pk").first()


def certificate_of(seal: Seal) -> SealCertificate | None:
    """The certificate that signs for the seal now."""
    return seal.certificates.order_by("-pk").first()


def standing_of(seal: Seal, certificate: SealCertificate | None) -> Standing:
    """The seal as the rules see it."""
    return Standing(
        name=seal.name,
        is_suspended=seal.state == Seal.State.SUSPENDED,
        is_destroyed=seal.state == Seal.State.DESTROYED,
        valid_from=seal.valid_from,
        valid_to=seal.valid_to,
        certified=(certificate.not_before, certificate.not_after) if certificate else None,
        papers=seal.papers,
        roles=seal.roles,
    )


def purpose_of(paper: str, decided: Decided, seal: Seal) -> Purpose:
    """What the seal is to be used for; the role is looked up only where the register asks for one."""
    role = Post.objects.filter(pk=decided.post).values_list("role", flat=True).first() if seal.roles else None
    return Purpose(paper, role or "", today(), now())


def log_use(use: Use, document: Document, held: Subject) -> Event:
    """Write down that a seal was used, and return the event for its chain; the action holds its subject's lock.

    Raises SealSuspended, SealDestroyed, SealExpired when that came about while the paper was drawn.
    """
    seal = Seal.objects.get(pk=use.seal)
    certificate = SealCertificate.objects.get(pk=use.certificate)
    check_use(standing_of(seal, certificate), purpose_of(use.paper, use.decided, seal))
    SealUse.objects.create(
        seal=seal,
        certificate=certificate,
        document=document,
        sha256=document.sha256,
        decided_by=use.decided.account,
        decided_post=use.decided.post,
        at=now(),
    )
    facts = {"document": document.pk, "of": document.subject_id, "key": document.key, "version": document.version}
    digests = {"sha256": document.sha256, "sm3": document.sm3, "certificate": use.serial}
    return Event(held, "seal.used", {**facts, **digests, **_decided(use)})


def note_discarded(use: Use, rendered: Rendered, held: Subject) -> Event:
    """A paper was signed and thrown away, since its case had gone back meanwhile; the key was used all the same."""
    facts = {"key": rendered.key, "sha256": rendered.sha256, "certificate": use.serial}
    return Event(held, "seal.use_discarded", {**facts, **_decided(use)})


def _decided(use: Use) -> dict[str, object]:
    return {"decided_by": use.decided.account, "decided_post": use.decided.post}
