"""`process`: `process.take` with its work list row and a history row, against SpiffWorkflow 3.2.

Both sides walk the felling permit through the same ten human steps, one transaction a step, and write the same rows by
the same statements: the closed item, the new items, one history row. SpiffWorkflow gets its specification from memory,
carries only the moves as data and stores only its task tree, as JSON in one row. Figures are CPU seconds of this
process and, on PostgreSQL, of the backend that serves it (nanoseconds on a processor from the kernel's scheduler
statistics, when the server runs on this machine). The two sides take turns, so that both meet the same noise.
"""

import argparse
import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.project.settings.base")
django.setup()

from django.conf import settings
from django.db import connection, transaction
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter, WorkflowConverter
from SpiffWorkflow.util.task import TaskState

from bench.acting.meters import Meter
from bench.acting.review import review_action
from bench.report import Bar, report
from tests.queries import counted
from yiwang.kernel.base.moments import now
from yiwang.kernel.ledger.services import create_subject
from yiwang.kernel.process import services, statements
from yiwang.kernel.process.board import Alarm, Assignment, Card, Held, StepCall, StepDone, StepUndo
from yiwang.kernel.process.catalogue import StepKind, register_step
from yiwang.kernel.process.definitions import ensure_definition
from yiwang.kernel.process.graph import Limit, Node
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.process.tokens import Token

MOVES = (
    ("intake", "correct"),
    ("supplement", "done"),
    ("intake", "accept"),
    ("field_check", "done"),
    ("field_confirm", "done"),
    ("rule_check", "done"),
    ("review", "agree"),
    ("approve", "agree"),
    ("sign", "grant"),
    ("deliver", "delivered"),
)
ROUNDS = 9
CASES = 10
LOOPS = 50
AGE_ROUNDS = 9
OLD_CASES = 6
OPEN, DONE = 0, 2
CARD = Card(7, "采申〔2026〕1号", "上坪村杉木皆伐 14.2 立方米", "赖春香")
SERVICE = re.compile(r'<bpmn:serviceTask id="(\w+)"[^>]*?(?:/>|>.*?</bpmn:serviceTask>)', re.DOTALL)
TABLES = """
CREATE TABLE bench_spiff (id {serial} PRIMARY KEY, status smallint NOT NULL, tree text NOT NULL);
CREATE TABLE bench_guid (item bigint PRIMARY KEY, guid varchar(36) NOT NULL);
CREATE TABLE bench_history (id {serial} PRIMARY KEY, subject bigint NOT NULL, verb varchar(60) NOT NULL,
    facts {json} NOT NULL, author bigint NOT NULL, at {moment} NOT NULL);
CREATE INDEX bench_history_subject ON bench_history (subject, id)
"""
TYPES = {
    "sqlite": {"serial": "integer", "json": "text", "moment": "datetime"},
    "postgresql": {"serial": "bigserial", "json": "jsonb", "moment": "timestamptz"},
}


@dataclass
class Clerk:
    """Whoever acts, and a board that answers from memory, so that only the engine is measured."""

    person: int | None = None
    post: int = 11
    alarms: int = 0

    def card(self) -> Card:
        return CARD

    def admit(self, item: Held, node: Node) -> None:
        """Everybody may."""

    def assign(self, node: Node, former: int | None) -> Assignment:
        return Assignment(post=11, unit=3)

    def signers(self, node: Node, named: Sequence[int]) -> Sequence[Assignment]:
        return [Assignment(post=11, person=person, unit=3) for person in (1, 2, 3)]

    def name(self, person: int) -> str:
        return str(person)

    def moment(self, limit: Limit, start: datetime) -> datetime:
        return start + timedelta(days=limit.amount)

    def resumed(self, moment: datetime, since: datetime) -> datetime:
        return moment

    def run_step(self, call: StepCall) -> StepDone:
        return StepDone()

    def undo_step(self, step: StepUndo) -> None:
        """Nothing was done."""

    def queue_reaction(self, call: StepCall) -> None:
        """There are none."""

    def arm(self, alarms: Sequence[Alarm]) -> None:
        self.alarms += len(alarms)


class Ours:
    """The engine of this project."""

    name = "own engine"

    def __init__(self, xml: str) -> None:
        with transaction.atomic():
            self.definition = ensure_definition(key="bench", xml=xml, drafted_by=1, published_by=2).pk
        self.items: dict[int, dict[str, int]] = {}

    def start(self) -> int:
        with transaction.atomic():
            subject = create_subject("case:bench", unit=3).pk
            outcome = services.start(subject_id=subject, definition_id=self.definition, board=Clerk())
        self.items[subject] = {leg.node: leg.item for leg in outcome.entered}
        return subject

    def take(self, case: int, node: str, move: str) -> None:
        clerk, item = Clerk(), self.items[case].pop(node)
        with transaction.atomic():
            outcome = services.take(subject_id=case, item_id=item, actor=clerk, move=move, board=clerk)
            keep_history(case, outcome.facts())
        self.items[case].update({leg.node: leg.item for leg in outcome.entered})


class Lean(BpmnWorkflowConverter):  # type: ignore[misc]
    """Stores the task tree only; the specification comes from memory."""

    spec: Any = None

    def to_dict(self, workflow: Any) -> Any:
        told = WorkflowConverter.to_dict(self, workflow)
        told["bpmn_events"] = self.registry.convert(workflow.bpmn_events)
        return told

    def from_dict(self, told: Any) -> Any:
        workflow = self.target_class(Lean.spec, {}, deserializing=True)
        for guid, task in told["tasks"].items():
            workflow.tasks[UUID(guid)] = self.registry.restore(task, workflow=workflow)
        workflow.task_tree = workflow.tasks[UUID(told["root"])]
        self.set_default_attributes(workflow, told)
        workflow.bpmn_events = self.registry.restore(told.pop("bpmn_events", []))
        return workflow


class Spiff:
    """SpiffWorkflow 3.2 with the leanest persistence found, and our own statements for work list and history."""

    name = "SpiffWorkflow"

    def __init__(self, xml: str) -> None:
        parser = BpmnParser()
        parser.add_bpmn_str(xml.encode(), filename="bench")
        Lean.spec = parser.get_spec("felling")
        self.serializer = BpmnWorkflowSerializer(
            BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, BpmnWorkflow: Lean})
        )
        self.subject, self.instance = frame()
        self.items: dict[int, dict[str, tuple[int, str]]] = {}

    def start(self) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            workflow = BpmnWorkflow(Lean.spec)
            workflow.do_engine_steps()
            cursor.execute("INSERT INTO bench_spiff (status, tree) VALUES (0, '') RETURNING id")
            case = int(cursor.fetchone()[0])
            self.items[case] = self.write(workflow, case, set(), None)
        return case

    def take(self, case: int, node: str, move: str) -> None:
        item, guid = self.items[case].pop(node)
        with transaction.atomic():
            workflow = self.load(case)
            task = workflow.get_task_from_id(UUID(guid))
            before = {str(one.id) for one in ready(workflow)}
            task.data[node] = move
            task.run()
            workflow.refresh_timers()
            passed: list[str] = []
            workflow.do_engine_steps(did_complete_task=lambda one: passed.append(one.task_spec.name))
            entered = self.write(workflow, case, before, (item, move))
            told = [[row[0], name] for name, row in entered.items()]
            keep_history(case, {"left": [[item, node, move]], "entered": told})
        self.items[case].update(entered)

    def load(self, case: int) -> Any:
        with statements.prepared_cursor() as cursor:
            cursor.execute("SELECT tree FROM bench_spiff WHERE id = %s", [case])
            return self.serializer.deserialize_json(cursor.fetchone()[0])

    def write(
        self, workflow: Any, case: int, before: set[str], closed: tuple[int, str] | None
    ) -> dict[str, tuple[int, str]]:
        """Rows of the work list and the tree, sent together as our engine sends its own."""
        fresh = {task.task_spec.name: str(task.id) for task in ready(workflow) if str(task.id) not in before}
        writes, at = statements.Writes(now()), now()
        if closed:
            writes.close(closed[0], state=DONE, person=None, move=closed[1], values={}, turn=1)
        due = at + timedelta(days=2)
        rows = [statements.NewItem(name, OPEN, 11, None, 3, name, "", due, Token()) for name in fresh]
        if rows:
            writes.open(self.subject, self.instance, CARD, rows)
        tree = [self.serializer.serialize_json(workflow), int(workflow.completed), case]
        writes.texts.append("UPDATE bench_spiff SET tree = %s, status = %s WHERE id = %s")
        writes.values.append(tree)
        ids = writes.send() or {}
        return {name: (ids[name], guid) for name, guid in fresh.items()}


Side = Ours | Spiff


def ready(workflow: Any) -> list[Any]:
    """Steps that wait for a person."""
    return [task for task in workflow.get_tasks(state=TaskState.READY) if task.task_spec.manual]


def frame() -> tuple[int, int]:
    """A subject and an instance for the work list rows of the other side, which have no other home."""
    ours = Ours(diagram())
    subject = ours.start()
    return subject, WorkItem.objects.filter(subject=subject).values_list("instance", flat=True)[0]


def keep_history(case: int, facts: dict[str, object]) -> None:
    """One row as the ledger keeps it, without its hash, which costs both sides alike."""
    with statements.prepared_cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_history (subject, verb, facts, author, at) VALUES (%s, 'case.step_decided', %s, 1, %s)",
            [str(case), json.dumps(facts), str(statements.moment(now()))],
        )


def diagram(oracle: bool = False) -> str:
    """The felling permit; service tasks do nothing on either side."""
    xml = Path(settings.DEFINITIONS, "forestry/felling/process.bpmn").read_text("utf-8")
    xml = SERVICE.sub(lambda found: _service(found[1], oracle), xml)
    return xml.replace(">5wd<", '>"P5D"<') if oracle else xml


def _service(name: str, oracle: bool) -> str:
    if oracle:
        return f'<bpmn:scriptTask id="{name}"><bpmn:script>pass</bpmn:script></bpmn:scriptTask>'
    return f'<bpmn:serviceTask id="{name}" yw:step="bench.nothing"/>'


def walk(side: Side, cases: int) -> Meter:
    """Walk whole cases; only the human steps are counted."""
    started, meter = [side.start() for _ in range(cases)], Meter.here()
    with meter.on():
        for node, move in MOVES:
            for case in started:
                side.take(case, node, move)
    return meter


def age(side: Side) -> tuple[float, float]:
    """CPU ms a step of young cases and of cases with a long life of supplement loops, in turns; the median round."""
    old = [side.start() for _ in range(OLD_CASES)]
    for _loop in range(LOOPS):
        loop(side, old)
    found: list[tuple[float, float]] = []
    for _round in range(AGE_ROUNDS):
        fresh = [side.start() for _ in range(OLD_CASES)]
        meters = Meter.here(), Meter.here()
        for meter, cases in zip(meters, (fresh, old), strict=True):
            with meter.on():
                loop(side, cases)
        found.append((meters[0].total, meters[1].total))
    young, aged = (median(values) / (2 * OLD_CASES) * 1000 for values in zip(*found, strict=True))
    return young, aged


def loop(side: Side, cases: Sequence[int]) -> None:
    """One round of corrections in each case."""
    for case in cases:
        side.take(case, "intake", "correct")
        side.take(case, "supplement", "done")


@contextmanager
def scratch() -> Iterator[None]:
    """An empty database beside the named one, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "process.sqlite3")
        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        with connection.cursor() as cursor:
            for statement in TABLES.format(**TYPES[connection.vendor]).split(";"):
                cursor.execute(statement)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)


def measure() -> None:
    """Walk both sides in turns and report."""
    register_step(StepKind("bench.nothing", "", issues=True))
    sides = Ours(diagram()), Spiff(diagram(oracle=True))
    for side in sides:
        walk(side, 2)
    rounds = [{side.name: walk(side, CASES) for side in sides} for _round in range(ROUNDS)]
    tell(rounds, {side.name: age(side) for side in sides}, statements_per_take(sides[0]), review_action(6))


def statements_per_take(side: Ours) -> list[int]:
    """Statements of each human step, the history row left out."""
    case, counts = side.start(), []
    for node, move in MOVES:
        with counted() as queries:
            side.take(case, node, move)
        counts.append(queries.count - 1)
    return counts


def tell(
    rounds: Sequence[dict[str, Meter]],
    ages: dict[str, tuple[float, float]],
    counts: list[int],
    action: tuple[float, int],
) -> None:
    """Figures and bars; CPU times are medians of the rounds."""
    steps = CASES * len(MOVES)
    figures: dict[str, object] = {"steps on each side": steps * len(rounds)}
    for name in ages:
        total = median(one[name].total for one in rounds) / steps
        server = median(one[name].server for one in rounds) / steps
        figures[f"{name}: CPU ms a step"] = round(total * 1000, 3)
        figures[f"{name}: of it in the database backend"] = round(server * 1000, 3)
        figures[f"{name}: steps per CPU second"] = round(1 / total)
        figures[f"{name}: CPU ms a step, young / old case"] = " / ".join(f"{one:.2f}" for one in ages[name])
    figures["statements of take"] = f"{min(counts)} to {max(counts)}"
    figures["whole action (review): CPU ms of this process"] = round(action[0], 1)
    figures["whole action (review): statements"] = action[1]
    figures["backend counted"] = connection.vendor != "postgresql" or rounds[0][Ours.name].backend is not None
    ratio = median(one[Spiff.name].total / one[Ours.name].total for one in rounds)
    young, old = ages[Ours.name]
    least = 5 if connection.vendor == "sqlite" else 2.5
    bars = [
        Bar("times SpiffWorkflow's steps per CPU second", round(ratio, 2), least, at_least=True),
        Bar("statements of take", max(counts), 7),
        Bar("an old case costs times a young one", round(old / young, 2), 1.25),
    ]
    report("process", connection.vendor, figures, bars)


def main() -> None:
    """Run on the database of YIWANG_DATABASE_URL."""
    argparse.ArgumentParser("process").parse_args()
    with scratch():
        measure()


if __name__ == "__main__":
    main()
