"""Small numbers for kinds of subjects, read once per process."""

from django.db import transaction

from yiwang.kernel.ledger.models import Kind

_ids: dict[str, int] = {}
_keys: dict[int, str] = {}
_unsure: set[int] = set()
"""Made here by a transaction that has not committed yet: it may still be rolled back."""


def kind_id(key: str) -> int:
    """The number of a kind; made at first use."""
    if key in _ids:
        return _ids[key]
    kind, is_new = Kind.objects.get_or_create(key=key)
    if is_new:
        _unsure.add(kind.pk)
        transaction.on_commit(lambda: _remember(kind))
    elif kind.pk not in _unsure:
        _remember(kind)
    return kind.pk


def kind_key(number: int) -> str:
    """The key of a kind number. Raises Kind.DoesNotExist for a number never given out."""
    if number not in _keys:
        return Kind.objects.get(pk=number).key
    return _keys[number]


def known_kind(key: str) -> int | None:
    """The number of a kind if it exists already; for reading doors, which never write."""
    if key not in _ids:
        for kind in Kind.objects.filter(key=key):
            _remember(kind)
    return _ids.get(key)


def forget() -> None:
    """Drop what was read; tests that empty the tables call it."""
    _ids.clear()
    _keys.clear()
    _unsure.clear()


def _remember(kind: Kind) -> None:
    _unsure.discard(kind.pk)
    _ids[kind.key] = kind.pk
    _keys[kind.pk] = kind.key
