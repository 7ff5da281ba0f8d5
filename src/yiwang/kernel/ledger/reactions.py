"""Who is interested in which entries 反应. A reaction runs after the commit, from a delivery, and may run again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import QUICK, JobKind
from yiwang.kernel.jobs.registry import register as register_kind
from yiwang.kernel.ledger.models import Entry

DELIVERY = "ledger.deliver"
Handler = Callable[[Entry], None]


@dataclass(frozen=True)
class Reaction:
    """A named handler and the verbs it waits for; `verb.*` matches every verb of a noun."""

    name: str
    verbs: frozenset[str]
    handler: Handler

    @property
    def job_kind(self) -> str:
        """Kind of the jobs that carry its deliveries."""
        return f"{DELIVERY}:{self.name}"

    def deliver(self, job: Job) -> None:
        """Hand the entry of a delivery to the handler."""
        self.handler(Entry.objects.get(pk=job.ref or 0))

    def wants(self, verb: str) -> bool:
        """Whether an entry with this verb is delivered here."""
        return verb in self.verbs or verb.partition(".")[0] + ".*" in self.verbs


_reactions: dict[str, Reaction] = {}


def register(name: str, verbs: Iterable[str], handler: Handler, *, once: bool = True, queue: str = QUICK) -> None:
    """Add a reaction; with `once` its only action strikes the delivery off in its own transaction.

    Raises ValueError when the name is taken by another handler.
    """
    known = _reactions.get(name)
    if known is not None and known.handler is not handler:
        raise ValueError(f"reaction {name!r} is registered twice")
    if known is None:
        reaction = _reactions[name] = Reaction(name, frozenset(verbs), handler)
        register_kind(JobKind(reaction.job_kind, reaction.deliver, once=once, queue=queue))


def reactions_to(verb: str) -> list[Reaction]:
    """Every reaction that wants an entry with this verb, by name."""
    return [_reactions[name] for name in sorted(_reactions) if _reactions[name].wants(verb)]
