"""The only door to the wall clock, so that demonstrations and tests can set the moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

_frozen: ContextVar[datetime | None] = ContextVar("yiwang_moment", default=None)


def now() -> datetime:
    """The present moment, aware."""
    return _frozen.get() or timezone.now()


def today() -> date:
    """The present day in the time zone of the node."""
    return timezone.localdate(now())


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """Let everything inside happen at `moment`; for demonstration data and tests only."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)
