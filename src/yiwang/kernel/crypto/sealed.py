"""Columns for sensitive personal data: sealed in the table, plain in Python."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from yiwang.kernel.crypto.keyring import keyring

if TYPE_CHECKING:
    TextField = models.TextField[str, str]
else:
    TextField = models.TextField


class SealedTextField(TextField):
    """Text sealed by the key ring and bound to its table and column; empty text stays empty."""

    def get_internal_type(self) -> str:
        """Kept as bytes."""
        return "BinaryField"

    def _context(self) -> bytes:
        return f"{self.model._meta.label_lower}.{self.attname}".encode()

    def get_prep_value(self, value: str | None) -> bytes | None:
        """Seal on the way in."""
        if not value:
            return b"" if value == "" else None
        return keyring().seal(value.encode(), self._context())

    def get_db_prep_value(self, value: str | None, connection: BaseDatabaseWrapper, prepared: bool = False) -> object:
        """Seal exactly once; both drivers take bytes as they are."""
        return value if prepared else self.get_prep_value(value)

    def from_db_value(self, value: bytes | None, expression: object, connection: object) -> str | None:
        """Unseal on the way out. Raises KeyringError when the ring does not fit."""
        if value is None:
            return None
        return keyring().unseal(bytes(value), self._context()).decode() if value else ""

    def value_to_string(self, obj: models.Model) -> str:
        """Never serialised in plain."""
        return ""

    def to_python(self, value: str | None) -> str | None:
        """Python side is text."""
        return value
