"""Reading documents, and telling whether a file in somebody's hands is one of them."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet

from yiwang.kernel.access.queries import visible
from yiwang.kernel.crypto.digests import sha256_hex
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.outputs.models import Document
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


def same_document(subject: int, rendered: Rendered) -> Document | None:
    """The latest version of a document if it was made from the same data and template."""
    latest = latest_document(subject, rendered.key)
    hashes = (rendered.data_hash, rendered.template_hash)
    return latest if latest and (latest.data_hash, latest.template_hash) == hashes else None


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
