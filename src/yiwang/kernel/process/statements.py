"""The statements of the hot path, raw for speed. The same on both engines; PostgreSQL prepares them once a connection.

Behind a pooler that hands out connections by transaction, set `DISABLE_SERVER_SIDE_CURSORS`, Django's own switch for
such poolers: then nothing is prepared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import Cursor

from yiwang.kernel.process.board import Card
from yiwang.kernel.process.state import Marking, State, dump, load_marking, load_values
from yiwang.kernel.process.tokens import Token

READ = """
SELECT w.subject_id, w.node, w.state, w.post, w.person, w.unit,
    n.id, n.status, n.turn, n."values", n.marking, n.definition_id, n.digest, w."group", w.asking,
    (SELECT MIN(q.asking) FROM process_workitem q WHERE q.asker = w.id AND q.state = 0)
FROM process_workitem w JOIN process_instance n ON n.id = w.instance_id WHERE w.id = %s"""
CLOSE = """
UPDATE process_workitem SET state = %s, done = %s, person = COALESCE(%s, person), move = %s, "values" = %s, turn = %s
WHERE id = %s"""
OPEN = """
INSERT INTO process_workitem (subject_id, instance_id, node, state, post, person, unit, kind, number, title, source,
    label, note, urgent, due, created, move, "values", turn, parents, via, "group", "order") VALUES """
OPEN_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '', '{}', 0, %s, %s, %s, %s)"
END_GROUP = """
UPDATE process_workitem SET state = %s, done = %s, note = %s, turn = %s
WHERE instance_id = %s AND node = %s AND "group" = %s AND state = 0 AND id <> %s"""
END_QUESTIONS = "UPDATE process_workitem SET state = %s, done = %s, note = %s WHERE asker = %s AND state = 0"
KEEP = """
INSERT INTO process_steprun (instance_id, node, name, state, result, "values", parents, via, turn, at) VALUES """
KEEP_ROW = "(%s, %s, %s, 0, %s, %s, %s, %s, %s, %s)"
SAVE = """
UPDATE process_instance SET "values" = %s, marking = %s, turn = turn + 1, status = %s, result = %s, ended = %s
WHERE id = %s AND turn = %s"""

Cell = str | int | datetime | None
PREPARED_AFTER = 4
"""Statements sent this often on one connection are planned once."""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item with its instance."""

    subject: int
    node: str
    state: int
    post: int | None
    person: int | None
    unit: int | None
    instance: int
    status: int
    turn: int
    values: dict[str, object]
    marking: Marking
    definition: int
    digest: str
    group: int | None
    asking: int
    awaits: int | None
    """The nearest manner in which opinions are still asked for: before the step may be done, or beside it."""


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item to be opened."""

    node: str
    state: int
    post: int | None
    person: int | None
    unit: int | None
    label: str
    note: str
    due: datetime | None
    token: Token
    group: int | None = None
    order: int = 0


@dataclass(frozen=True, slots=True)
class NewRun:
    """A step that ran or an end that was reached."""

    node: str
    name: str
    result: object
    values: object
    token: Token


class Writes:
    """The writes of one step of the engine, in order."""

    def __init__(self, at: datetime) -> None:
        self.at = moment(at)
        self.texts: list[str] = []
        self.values: list[list[Cell]] = []

    def close(self, item: int, *, state: int, person: int | None, move: str, values: object, turn: int) -> None:
        """Close one item; `person` fills in who did it when it came from a pool."""
        self._add(CLOSE, [state, self.at, person, move, dump(values), turn, item])

    def end_group(self, instance: int, node: str, group: int, *, but: int, state: int, note: str, turn: int) -> None:
        """Close the items of a joint sign that are still open, with the reason, and the questions of their holders."""
        self._add(END_GROUP, [state, self.at, note[:100], turn, instance, node, group, but])

    def end_questions(self, item: int, *, state: int, note: str) -> None:
        """Close the questions that the holder of an item has asked and nobody has answered."""
        self._add(END_QUESTIONS, [state, self.at, note[:100], item])

    def open(self, subject: int, instance: int, card: Card, items: Sequence[NewItem]) -> None:
        """Open items that show what the card says of the case."""
        shown = (card.kind, card.number, card.title[:200], card.source[:100])
        values: list[Cell] = []
        for new in items:
            values += (subject, instance, new.node, new.state, new.post, new.person, new.unit, *shown)
            values += (new.label[:60], new.note[:100], card.urgent, moment(new.due), self.at)
            values += (dump(new.token.by), dump(new.token.via), new.group, new.order)
        self._add(f'{OPEN}{", ".join([OPEN_ROW] * len(items))} RETURNING node, "order", id', values)

    def keep(self, instance: int, turn: int, runs: Sequence[NewRun]) -> None:
        """Remember steps that ran and ends that were reached."""
        values: list[Cell] = []
        for run in runs:
            values += (instance, run.node, run.name, dump(run.result), dump(run.values))
            values += (dump(run.token.by), dump(run.token.via), turn, self.at)
        self._add(KEEP + ", ".join([KEEP_ROW] * len(runs)), values)

    def save(self, state: State, status: int, result: str, is_over: bool) -> None:
        """Write the instance back, unless another transaction moved it since it was read. Must come last."""
        ended = self.at if is_over else None
        key = [state.instance, state.turn]
        self._add(SAVE, [dump(state.values), state.marking(), status, result, ended, *key])

    def send(self) -> dict[tuple[str, int], int] | None:
        """Do it all; ids of opened items by node and order, or nothing when the instance had been moved."""
        ids: dict[tuple[str, int], int] = {}
        with prepared_cursor() as cursor:
            for text, values in zip(self.texts, self.values, strict=True):
                cursor.execute(text, values)
                if cursor.description:
                    ids = {(node, order): pk for node, order, pk in cursor.fetchall()}
            return ids if cursor.rowcount == 1 else None

    def _add(self, text: str, values: list[Cell]) -> None:
        self.texts.append(text)
        self.values.append(values)


def read_item(subject: int, item: int) -> ItemRow | None:
    """The item with its instance; nothing when the subject has no such item."""
    with prepared_cursor() as cursor:
        cursor.execute(READ, (item,))
        row = cursor.fetchone()
    if row is None or row[0] != subject:
        return None
    cells = list(row)
    cells[9:11] = load_values(row[9]), load_marking(row[10])
    return ItemRow(*cells)


def moment(at: datetime | None) -> Cell:
    """A moment as the engine's driver wants it."""
    adapted: Cell = connection.ops.adapt_datetimefield_value(at)
    return adapted


def prepared_cursor() -> CursorWrapper:
    """A cursor that prepares what it repeats, where the database can."""
    if connection.vendor != "postgresql" or connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
        return connection.cursor()
    connection.ensure_connection()
    raw = connection.connection
    raw.prepare_threshold = PREPARED_AFTER
    return connection.make_cursor(Cursor(raw))  # type: ignore[arg-type]  # the stub knows wrapped cursors only
