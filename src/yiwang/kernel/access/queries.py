"""The two doors through which lists and look-ups go: `visible` and `page`. There is no third."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from yiwang.kernel.access.models import Grant
from yiwang.kernel.access.principals import keys_of
from yiwang.kernel.access.statements import count_sql, page_sql
from yiwang.kernel.org.actors import Actor

Plain = str | int | datetime | None
COUNT_LIMIT = 1000
PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """What a page shows: one state, maybe one kind, a span of the sorting moment, in which direction."""

    state: int
    kind: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    newest_first: bool = False
    size: int = PAGE


@dataclass(frozen=True)
class Row:
    """One line of a page; `(at, subject)` is also the place to go on after."""

    at: datetime
    subject: int


def visible(actor: Actor, field: str = "pk") -> Q:
    """Condition on a query whose column `field` holds subject ids: only those the actor may see."""
    return Q(Exists(Grant.objects.filter(subject=OuterRef(field), key__in=keys_of(actor))))


def sees(actor: Actor, subject: int) -> bool:
    """Whether the actor may see one subject."""
    return Grant.objects.filter(subject=subject, key__in=keys_of(actor)).exists()


def who_sees(subject: int) -> list[int]:
    """Every principal that sees a subject; for what comes of it and is to be seen by the same people."""
    return list(Grant.objects.filter(subject=subject).values_list("key", flat=True))


def page(actor: Actor, wanted: Wanted, after: Row | None = None) -> list[Row]:
    """One page of what the actor may see, in order of (at, subject): one short branch per key, merged."""
    branches = [_conditions(key, wanted, after) for key in keys_of(actor)]
    sql = page_sql([where for where, _ in branches], newest_first=wanted.newest_first)
    parameters = [value for _, values in branches for value in (*values, wanted.size)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, wanted.size])
        return [Row(_moment(at), subject) for at, subject in cursor.fetchall()]


def _conditions(key: int, wanted: Wanted, after: Row | None = None) -> tuple[str, list[Plain]]:
    where: list[str] = ["key = %s", "state = %s"]
    values: list[Plain] = [key, wanted.state]
    optional = (("kind_id = %s", wanted.kind), ("at >= %s", wanted.since), ("at < %s", wanted.until))
    for condition, value in optional:
        if value is not None:
            where.append(condition)
            values.append(_adapted(value) if isinstance(value, datetime) else value)
    if after is not None:
        where.append(f"(at, subject_id) {'<' if wanted.newest_first else '>'} (%s, %s)")
        values += [_adapted(after.at), after.subject]
    return " AND ".join(where), values


def _adapted(moment: datetime) -> Plain:
    adapted: Plain = connection.ops.adapt_datetimefield_value(moment)
    return adapted


def _moment(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def count(actor: Actor, wanted: Wanted) -> int:
    """How many the actor may see, stopping at 1,000 (shown as 1 000+)."""
    branches = [_conditions(key, wanted) for key in keys_of(actor)]
    with connection.cursor() as cursor:
        cursor.execute(
            count_sql([where for where, _ in branches], COUNT_LIMIT),
            [value for _, values in branches for value in values],
        )
        return int(cursor.fetchone()[0])
