"""What an entry is found by: number, register, holder, issuer, and what the certificate says in words."""

from collections.abc import Mapping, Sequence

from yiwang.kernel.ledger.queries import day_bounds
from yiwang.kernel.registers.models import Entry
from yiwang.kernel.search.sources import Document


def documents_of(ids: Sequence[int]) -> Mapping[int, Document]:
    """Documents of entries by the id of their subject; one query."""
    entries = Entry.objects.select_related("register", "issuer").filter(subject__in=ids).defer("code", "code_hash")
    return {entry.subject_id: _document(entry) for entry in entries}


def _document(entry: Entry) -> Document:
    said = [value for value in entry.data.values() if isinstance(value, str) and not value.isascii()]
    return Document(
        number=entry.number,
        title=f"{entry.register.name} {entry.holder_name}",
        at=day_bounds(entry.valid_from)[0],
        texts=[entry.issuer.name, *said],
    )
