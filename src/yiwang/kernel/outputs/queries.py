"""Reading documents, and telling whether a file in somebody's hands is one of them."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Exists, OuterRef, QuerySet

from yiwang.kernel.access.queries import visible
from yiwang.kernel.crypto.digests import sha256_hex
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.outputs.models import Document, Seal, SealUse
from yiwang.kernel.outputs.services import Rendered


class Likeness(StrEnum):
    """How a file compares with the documents of a subject."""

    CURRENT = "current"
    REPLACED = "replaced"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Match:
    """What a comparison found: the document whose bytes these are, if any."""

    likeness: Likeness
    document: Document | None = None


def same_document(subject: int, rendered: Rendered, *, is_signed: bool = False) -> Document | None:
    """The latest version of a document if it was made from the same data and template, and is signed if this one is."""
    latest = latest_document(subject, rendered.key)
    if latest is None or (latest.data_hash, latest.template_hash) != (rendered.data_hash, rendered.template_hash):
        return None
    return None if is_signed and latest.signature == Document.Signature.WAITING else latest


def latest_document(subject: int, key: str) -> Document | None:
    """The newest version of a document of a subject."""
    versions = Document.objects.filter(subject=subject, key=key).select_related("attachment__blob")
    return versions.order_by("-version").first()


def documents_of(actor: Actor, subject: int) -> QuerySet[Document]:
    """Documents of a subject that the actor may see, newest first."""
    rows = Document.objects.filter(visible(actor, "subject"), subject=subject)
    return rows.select_related("attachment__blob").order_by("-made", "-pk")


def matches(sha256: str, *, subject: int, key: str) -> Match:
    """Whether bytes with this SHA-256 are the present document, an earlier version of it, or neither."""
    found = Document.objects.filter(subject=subject, key=key, sha256=sha256.lower()).order_by("-version").first()
    if found is None:
        return Match(Likeness.UNKNOWN)
    latest = latest_document(subject, key)
    is_current = latest is not None and latest.pk == found.pk
    return Match(Likeness.CURRENT if is_current else Likeness.REPLACED, found)


def matches_bytes(pdf: bytes, *, subject: int, key: str) -> Match:
    """`matches` for the bytes themselves."""
    return matches(sha256_hex(pdf), subject=subject, key=key)


def waiting(actor: Actor) -> QuerySet[Document]:
    """Documents the actor may see that wait for the signer, oldest first; those signed in a later version left out."""
    signed = Document.objects.filter(subject=OuterRef("subject"), key=OuterRef("key"), version__gt=OuterRef("version"))
    rows = Document.objects.filter(visible(actor, "subject"), ~Exists(signed), signature=Document.Signature.WAITING)
    return rows.order_by("made", "pk")


def seals(actor: Actor) -> QuerySet[Seal]:
    """The register of seals 印章台账 as far as the actor may see it."""
    rows = Seal.objects.filter(visible(actor, "subject")).select_related("unit", "keeper")
    return rows.annotate(used=Count("uses")).order_by("unit__path", "line", "pk")


def uses_of(seal: int) -> QuerySet[SealUse]:
    """The log of uses of a seal, newest first; the caller has checked that the seal may be seen."""
    rows = SealUse.objects.filter(seal=seal).select_related("document", "certificate")
    return rows.order_by("-at", "-pk")
