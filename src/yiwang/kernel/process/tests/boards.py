"""A board for tests: pools by role, days as limits, bookings and numbers kept in plain lists."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.ledger.services import create_subject
from yiwang.kernel.process import services
from yiwang.kernel.process.board import Alarm, Assignment, Card, Held, Outcome, StepCall, StepDone, StepUndo
from yiwang.kernel.process.catalogue import StepKind, register_step
from yiwang.kernel.process.definitions import ensure_definition
from yiwang.kernel.process.graph import Limit, Node, Signers
from yiwang.kernel.process.models import Definition, Instance, WorkItem
from yiwang.kernel.process.withdrawal import withdraw

KINDS = (
    StepKind("tests.book", "扣减"),
    StepKind("tests.issue", "编号", issues=True),
    StepKind("tests.burn", "销毁", reversible=False, procedure="走撤销程序"),
    StepKind("tests.make", "制作", waits=True, optional=frozenset({"output"})),
    StepKind("tests.value", "取值", required=frozenset({"name", "value"})),
)


def register() -> None:
    """Make the steps of these tests known."""
    for kind in KINDS:
        register_step(kind)


register()
UNITS = {"wd": 1440, "d": 1440, "h": 60}


class Rejected(Refusal):
    """What the board of a test refuses."""


@dataclass(frozen=True)
class Person:
    """An actor of a test."""

    person: int | None = 1
    post: int = 0


@dataclass
class TestBoard:
    """Answers like the owner of a case; `booked` holds runs that stand, `journal` everything in order."""

    __test__ = False
    booked: list[int] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)
    queued: list[StepCall] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    former: dict[str, int | None] = field(default_factory=dict)
    banned: str = ""
    failing: str = ""
    serial: int = 0
    panel: tuple[int, ...] = (1, 2, 3)
    """Who signs joint steps: posts of these numbers, or persons."""

    def card(self) -> Card:
        return Card(7, "测〔2026〕1号", "测试办件", "张三")

    def admit(self, item: Held, node: Node) -> None:
        if node.id == self.banned:
            raise Rejected("不是您的")

    def assign(self, node: Node, former: int | None) -> Assignment:
        self.former[node.id] = former
        return Assignment(post=11, person=former, unit=3)

    def signers(self, node: Node, named: Sequence[int]) -> list[Assignment]:
        joint = node.task.joint if node.task else None
        if joint is not None and joint.signers is Signers.POSTS:
            return [Assignment(post=100 + number, unit=3) for number in self.panel]
        return [Assignment(post=11, person=person, unit=3) for person in named or self.panel]

    def name(self, person: int) -> str:
        return f"第{person}号"

    def moment(self, limit: Limit, start: datetime) -> datetime:
        return start + timedelta(minutes=limit.amount * UNITS[limit.unit])

    def resumed(self, moment: datetime, since: datetime) -> datetime:
        return moment + (now() - since)

    def run_step(self, call: StepCall) -> StepDone:
        if call.name == self.failing:
            raise Rejected("限额不足")
        self.serial += 1
        self.booked.append(self.serial)
        self.journal.append(f"+{call.node}")
        if call.name == "tests.value":
            return StepDone({"serial": self.serial}, {call.parameters["name"]: float(call.parameters["value"])})
        return StepDone({"serial": self.serial})

    def undo_step(self, step: StepUndo) -> None:
        self.journal.append(f"-{step.node}")
        if step.name != "tests.make":
            serial = step.result["serial"]
            assert isinstance(serial, int)
            self.booked.remove(serial)

    def queue_reaction(self, call: StepCall) -> None:
        self.queued.append(call)

    def arm(self, alarms: Sequence[Alarm]) -> None:
        self.alarms.extend(alarms)


def publish(xml: str, key: str = "test") -> Definition:
    """A published definition of this diagram."""
    with transaction.atomic():
        return ensure_definition(key=key, xml=xml, drafted_by=1, published_by=2)


@dataclass
class Run:
    """One case under test."""

    definition: Definition
    board: TestBoard = field(default_factory=TestBoard)
    subject: int = 0

    @transaction.atomic
    def start(self) -> Outcome:
        self.subject = create_subject("case:test", unit=1).pk
        return services.start(subject_id=self.subject, definition_id=self.definition.pk, board=self.board)

    def items(self) -> dict[str, int]:
        """Live items by node."""
        rows = WorkItem.objects.filter(subject=self.subject, state__lte=WorkItem.State.WAITING, asking=0)
        return dict(rows.values_list("node", "id"))

    def signers(self, node: str) -> dict[int, int]:
        """Open items of a joint step by person, or by post where none has taken it."""
        rows = WorkItem.objects.filter(subject=self.subject, node=node, state=WorkItem.State.OPEN, asking=0)
        return {item.person or item.post or 0: item.pk for item in rows.order_by("order")}

    def sign(self, node: str, person: int, move: str = "") -> Outcome:
        """One signer's move."""
        return self.take_item(self.signers(node)[person], move, person)

    @transaction.atomic
    def withdraw(self, item: int, person: int | None = 1) -> Outcome:
        return withdraw(subject_id=self.subject, item_id=item, actor=Person(person), board=self.board)

    def instance(self) -> Instance:
        return Instance.objects.get(subject=self.subject)

    def take(self, node: str, move: str = "", person: int | None = 1, **values: object) -> Outcome:
        return self.take_item(self.items()[node], move, person, (), **values)

    @transaction.atomic
    def take_item(
        self, item: int, move: str = "", person: int | None = 1, named: tuple[int, ...] = (), **values: object
    ) -> Outcome:
        return services.take(
            subject_id=self.subject,
            item_id=item,
            actor=Person(person),
            board=self.board,
            move=move,
            values=values,  # type: ignore[arg-type]
            named=named,
        )

    @transaction.atomic
    def back(self, target: int, item: int | None = None, note: str = "") -> Outcome:
        return services.back(
            subject_id=self.subject, item_id=item, target_id=target, actor=Person(), board=self.board, note=note
        )

    def latest(self, node: str) -> int:
        """The last done item of a node."""
        done = WorkItem.objects.filter(subject=self.subject, node=node, state=WorkItem.State.DONE, asking=0)
        return done.latest("pk").pk
