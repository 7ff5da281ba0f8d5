"""What follows an entry of a register after the commit: it can be found by its words."""

from yiwang.kernel.ledger import reactions
from yiwang.kernel.registers.documents import documents_of
from yiwang.kernel.registers.services import KIND
from yiwang.kernel.search import sources
from yiwang.kernel.search.reactions import follow

INDEX = "registers.index_words"


def register() -> None:
    """Make the reaction and the source of words known."""
    sources.register(KIND, documents_of)
    reactions.register(INDEX, ["entry.issued", "entry.amended"], follow)
