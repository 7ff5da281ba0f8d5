"""Amounts of a quota as exact decimals: four places at most, kept as whole ten-thousandths, never as floating point."""

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.registers.refusals import AmountInvalid

PLACES = 4
SCALE = 10**PLACES
MOST = 10**14

if TYPE_CHECKING:
    IntegerField = models.BigIntegerField[Decimal | int, Decimal]
else:
    IntegerField = models.BigIntegerField


def exact(value: Decimal | int | str, *, field: str = "amount") -> Decimal:
    """A number as an exact amount without superfluous zeros.

    Raises AmountInvalid for floating point, more than four places, no finite number, or one beyond 10^14.
    """
    if isinstance(value, float | bool) or not isinstance(value, Decimal | int | str):
        raise AmountInvalid(field=field)
    number = _number(value)
    if number is None or units(number) != number * SCALE:
        raise AmountInvalid(field=field, facts={"given": str(value)[:40]})
    return plain(units(number))


def minus(one: Decimal, two: Decimal) -> Decimal:
    """The difference of two exact amounts, without superfluous zeros."""
    return plain(units(one) - units(two))


def _number(value: Decimal | int | str) -> Decimal | None:
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    return number if number.is_finite() and abs(number) < MOST else None


def units(amount: Decimal) -> int:
    """Whole ten-thousandths of an exact amount."""
    return int(amount * SCALE)


def plain(count: int) -> Decimal:
    """The amount of so many ten-thousandths, without superfluous zeros: 12.5, 300."""
    whole, rest = divmod(abs(count), SCALE)
    text = f"{whole}.{rest:04d}".rstrip("0").rstrip(".")
    return Decimal(text if count >= 0 else f"-{text}")


class AmountField(IntegerField):
    """A decimal with four places in a column of whole numbers, so that both engines add and compare it exactly."""

    description = _("四位小数的数量")

    def get_prep_value(self, value: Decimal | int | None) -> int | None:
        """Ten-thousandths on the way in."""
        return None if value is None else units(exact(value))

    def from_db_value(self, value: int | Decimal | None, expression: object, connection: object) -> Decimal | None:
        """Decimal on the way out, also for sums."""
        return None if value is None else plain(int(value))

    def to_python(self, value: Decimal | int | str | None) -> Decimal | None:
        """Decimal in Python."""
        return None if value is None else exact(value)
