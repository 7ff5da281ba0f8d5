"""The bounds in force."""

from typing import Any

from django.conf import settings

from yiwang.sites.identity.bounds import Limits


def limits() -> Limits:
    """The bounds of this node."""
    values: dict[str, Any] = settings.IDENTITY
    return Limits(**values)
