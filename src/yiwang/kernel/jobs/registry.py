"""Which kinds of job this code knows. A worker leaves jobs of other kinds to newer workers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.rules import parse_repeat

QUICK = "default"
SLOW = "slow"
QUEUES = (QUICK, SLOW)

Run = Callable[[Job], None]


@dataclass(frozen=True, slots=True)
class JobKind:
    """How jobs of one kind are run.

    `tries`: failures before the dead list. `queue`: QUICK jobs are taken up to fifty at a time and struck off together;
    SLOW ones (outside I/O, long work) one at a time. `once`: its only action finishes it in its own transaction
    (see `services.finish_once`). `repeat`: rule by which it comes by itself. `limit`: after this its lease is let go.
    """

    name: str
    run: Run
    tries: int = 8
    queue: str = QUICK
    once: bool = False
    repeat: str = ""
    limit: timedelta = timedelta(minutes=15)

    def __post_init__(self) -> None:
        if self.queue not in QUEUES:
            raise ValueError(f"job {self.name!r}: queue is one of {QUEUES}")
        if self.tries < 1:
            raise ValueError(f"job {self.name!r}: at least one try")
        if self.repeat:
            parse_repeat(self.repeat)


_kinds: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    """Add a kind. Raises ValueError when its name belongs to another function."""
    known = _kinds.get(kind.name)
    if known is not None and known.run is not kind.run:
        raise ValueError(f"job kind {kind.name!r} is registered twice")
    _kinds[kind.name] = kind


def job(name: str, *, tries: int = 8, queue: str = QUICK, once: bool = False, repeat: str = "") -> Callable[[Run], Run]:
    """Decorator: the function runs jobs of this kind; see `JobKind`."""

    def add(run: Run) -> Run:
        register(JobKind(name, run, tries=tries, queue=queue, once=once, repeat=repeat))
        return run

    return add


def kind_named(name: str) -> JobKind:
    """The kind of this name. Raises LookupError when this code has none."""
    try:
        return _kinds[name]
    except KeyError:
        raise LookupError(f"no job kind {name!r} is registered") from None


def known_kinds() -> list[JobKind]:
    """Every kind, by name."""
    return [_kinds[name] for name in sorted(_kinds)]


@contextmanager
def only(*kinds: JobKind) -> Iterator[None]:
    """Know these kinds and no others inside the block; for tests."""
    kept = dict(_kinds)
    _kinds.clear()
    try:
        for kind in kinds:
            register(kind)
        yield
    finally:
        _kinds.clear()
        _kinds.update(kept)
