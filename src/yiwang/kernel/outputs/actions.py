"""Keeping a finished document."""

from django.db import transaction

from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.files.services import store
from yiwang.kernel.files.staging import Staged
from yiwang.kernel.ledger.services import Event, lock, record
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.outputs.models import Document
from yiwang.kernel.outputs.queries import same_document
from yiwang.kernel.outputs.services import Rendered, keep

PDF = "application/pdf"


@transaction.atomic(durable=True)
def keep_document(*, actor: Actor, subject: int, rendered: Rendered, staged: Staged, slot: str) -> Document:
    """Attach a finished document to its subject and record `output.made`.

    Called again with the same data and template it returns the version that is there, so that a reaction may run twice.
    Raises NotFound, StorageFull; the staged bytes are thrown away then.
    """
    try:
        row = lock(subject)[subject]
    except NotFound:
        staged.discard()
        raise
    known = same_document(subject, rendered)
    if known is not None:
        staged.discard()
        return known
    blob = store(staged, unit=row.unit, mime=PDF)
    document = keep(rendered, blob, subject=row, slot=slot, by=actor.account)
    facts = {"document": document.pk, "key": document.key, "version": document.version, "sha256": document.sha256}
    record(Event(row, "output.made", facts | {"sm3": document.sm3}), actor=actor)
    return document
