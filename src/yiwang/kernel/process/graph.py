"""The compiled diagram: immutable, plain, shared by all runs of one definition."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from yiwang.kernel.base.expressions import Expression

DONE = "done"
"""The move of a step that has only one."""


class NodeKind(StrEnum):
    """What a node of the verified subset of BPMN 2.0 does with a token."""

    START = "startEvent"
    END = "endEvent"
    TERMINATE = "terminateEnd"
    USER = "userTask"
    STEP = "stepTask"
    REACTION = "reactionTask"
    CHOICE = "exclusiveGateway"
    PARALLEL = "parallelGateway"
    INCLUSIVE = "inclusiveGateway"
    TIMER = "timerEvent"
    BOUNDARY = "boundaryTimer"


WAITS = frozenset({NodeKind.USER, NodeKind.REACTION, NodeKind.TIMER})
"""Nodes at which a token stays and becomes a row."""


GATES = frozenset({NodeKind.CHOICE, NodeKind.PARALLEL, NodeKind.INCLUSIVE})
"""Nodes a token passes without anything being done."""
JOINS = frozenset({NodeKind.PARALLEL, NodeKind.INCLUSIVE})
"""Gateways that wait for every flow that enters them."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of a step or a timer 时限: `unit` is `wd` (working day), `d`, `h` or `min`."""

    amount: int
    unit: str
    promise: bool = False
    """Part of the promised limit of the item; otherwise it stands by itself."""
    basis: str = ""
    """Article of law, where one sets it."""

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


@dataclass(frozen=True, slots=True)
class Flow:
    """An arrow; `condition` only behind an exclusive or inclusive gateway."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: Expression | None = None
    line: int = 0


class Rule(StrEnum):
    """When a joint sign is decided."""

    ALL = "all"
    """Everybody is heard; agreed when all agree."""
    RATIO = "ratio"
    """Agreed as soon as the share is reached, refused as soon as it cannot be reached any more."""
    VETO = "one_veto"
    """The first refusal ends it."""


class Signers(StrEnum):
    """Who signs."""

    POSTS = "posts"
    """Every post of the role in the unit, one item for each."""
    HOLDERS = "holders"
    """Every person who holds such a post."""
    NAMED = "named"
    """The persons named when an earlier step was done."""


@dataclass(frozen=True, slots=True)
class Joint:
    """Several people do one step, together or one after the other 会签.

    Of the moves of the step the first is agreement and the second refusal; the step ends with one of the two. Further
    moves (abstention) count for neither.
    """

    rule: Rule
    signers: Signers = Signers.HOLDERS
    sequential: bool = False
    share: Fraction = Fraction(1)
    """Share of agreements that `RATIO` needs, of all signers, rounded up to whole people."""
    naming: str = ""
    """The step at which `NAMED` signers are named."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a user task asks for 办理环节."""

    role: str = ""
    unit: str = ""
    """Name of the rule that finds the unit: `owner`, `station`, `parent`, `applicant` …"""
    form: str = ""
    act: str = ""
    moves: Mapping[str, str] = field(default_factory=dict)
    """Key of each move and its label; never empty, a step with one way out has `done`."""
    limit: Limit | None = None
    separate: frozenset[str] = frozenset()
    """Steps whose person may not do this one; already symmetric."""
    certified: bool = False
    """The officer must hold an enforcement certificate 执法证."""
    reread: bool = False
    """The page must be opened again before deciding: what was read may have changed meanwhile."""
    irreversible: bool = False
    joint: Joint | None = None
    consult: frozenset[str] = frozenset()
    """Roles whose holders may be asked for an opinion besides those of the unit 加签."""

    @property
    def results(self) -> tuple[str, ...]:
        """The moves the step may end with."""
        return tuple(self.moves)[:2] if self.joint else tuple(self.moves)


@dataclass(frozen=True, slots=True)
class Service:
    """A registered step or reaction with the parameters drawn."""

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """A box, diamond or circle; exactly one of the parts is set, according to its kind."""

    id: str
    kind: NodeKind
    name: str = ""
    line: int = 0
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default: str = ""
    task: Task | None = None
    service: Service | None = None
    limit: Limit | None = None
    """How long a timer waits."""
    host: str = ""
    """The step a boundary timer sits on."""
    interrupting: bool = True
    timers: tuple[str, ...] = ()
    """Boundary timers on this step."""
    result: str = ""
    """What an end means for the case: `granted`, `denied` …"""

    @property
    def label(self) -> str:
        """What people read."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable; `type` is `text`, `number` or `boolean`."""

    name: str
    type: str
    label: str = ""


@dataclass(frozen=True, eq=False)
class Graph:
    """A whole process: nodes and flows by id, the start, the declared variables."""

    key: str
    name: str
    start: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    variables: Mapping[str, Variable]
    watched: frozenset[str] = frozenset()
    """Steps whose doers must be remembered because another step is *separate* from them."""
    bridges: Mapping[str, str] = field(default_factory=dict)
    """For each flow out of an inclusive split the flow by which its branch enters the matching join."""

    def choose(self, node: Node, values: Mapping[str, object]) -> tuple[str, ...]:
        """The flows a token leaves by: one behind an exclusive gateway, some behind an inclusive one, all elsewhere."""
        if node.kind not in (NodeKind.CHOICE, NodeKind.INCLUSIVE) or len(node.outgoing) == 1:
            return node.outgoing
        holding = (flow for flow in node.outgoing if self._holds(flow, values))
        if node.kind is NodeKind.INCLUSIVE:
            return tuple(holding) or (node.default,)
        return (next(holding, node.default),)

    def _holds(self, flow: str, values: Mapping[str, object]) -> bool:
        condition = self.flows[flow].condition
        return condition is not None and condition.holds(values)

    @cached_property
    def naming(self) -> frozenset[str]:
        """Steps at which the signers of a later step are named."""
        joints = [node.task.joint for node in self.nodes.values() if node.task and node.task.joint]
        return frozenset(joint.naming for joint in joints if joint.naming)

    def task(self, node_id: str) -> Task:
        """The task of a user step. Raises KeyError for any other node."""
        task = self.nodes[node_id].task
        if task is None:
            raise KeyError(node_id)
        return task


def has_act(graph: Graph, act: str) -> bool:
    """Whether some step of the diagram is of this kind."""
    return any(node.task is not None and node.task.act == act for node in graph.nodes.values())
