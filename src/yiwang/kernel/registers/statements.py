"""The statements whose atomicity the law of this package rests on: check and change in one, on both engines."""

from decimal import Decimal

from django.db import connection

from yiwang.kernel.registers.amounts import plain, units

TAKE_NUMBER = """
INSERT INTO registers_series (key, scope, year, last) VALUES (%s, %s, %s, 1)
ON CONFLICT (key, scope, year) DO UPDATE SET last = registers_series.last + 1
RETURNING id, last
"""
USE = """
UPDATE registers_quota SET used = used + %s
WHERE id = %s AND used + %s <= "limit" AND used + %s >= 0
RETURNING used
"""
SET_LIMIT = """
UPDATE registers_quota SET "limit" = "limit" + %s WHERE id = %s AND "limit" + %s >= used RETURNING "limit"
"""


def take_number(key: str, scope: str, year: int) -> tuple[int, int]:
    """(series, next number) of a run; held until the transaction ends, given back when it fails."""
    row = _returned(TAKE_NUMBER, [key, scope, year])
    if row is None:
        raise RuntimeError("the database gave no number")
    return row[0], row[1]


def use(quota: int, amount: Decimal) -> Decimal | None:
    """Add to what is used unless that would pass the limit or fall below zero. The new sum, or None."""
    count = units(amount)
    row = _returned(USE, [count, quota, count, count])
    return None if row is None else plain(row[0])


def move_limit(quota: int, amount: Decimal) -> Decimal | None:
    """Add to the limit unless it would fall below what is used. The new limit, or None."""
    count = units(amount)
    row = _returned(SET_LIMIT, [count, quota, count])
    return None if row is None else plain(row[0])


def _returned(sql: str, values: list[str | int]) -> tuple[int, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[int, ...]] = cursor.fetchall()
    return rows[0] if rows else None
