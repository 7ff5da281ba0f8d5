"""What nouns register for the entries after which their subjects are to be found by other words."""

from yiwang.kernel.ledger.models import Entry
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.search.actions import index_subjects


def follow(entry: Entry) -> None:
    """Let the subject of an entry be found by what its noun says of it now."""
    index_subjects(actor=SYSTEM, subjects=[entry.subject_id])
