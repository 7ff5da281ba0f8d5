"""Joins the elements of a diagram into a graph and reports every break of structure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.utils.translation import gettext_lazy as _
from lxml import etree

from yiwang.kernel.base.expressions import Expression, ExpressionRefused, compile_expression
from yiwang.kernel.base.refusals import Text
from yiwang.kernel.process.blocks import Blocks, read_blocks
from yiwang.kernel.process.findings import Finding
from yiwang.kernel.process.graph import DONE, GATES, Flow, Graph, Node, NodeKind, Service, Signers, Task, Variable
from yiwang.kernel.process.joint import read_joint
from yiwang.kernel.process.shapes import IDENTIFIER, NAME, Shape, fault, limit_of, read_variables

KINDS = {
    "startEvent": NodeKind.START,
    "userTask": NodeKind.USER,
    "exclusiveGateway": NodeKind.CHOICE,
    "parallelGateway": NodeKind.PARALLEL,
    "inclusiveGateway": NodeKind.INCLUSIVE,
    "intermediateCatchEvent": NodeKind.TIMER,
    "boundaryEvent": NodeKind.BOUNDARY,
}
ACTS = frozenset({"intake", "check", "judge", "review", "approve", "sign", "supplement", "deliver", "inform", "handle"})
FINAL_ACTS = frozenset({"deliver"})
APPLICANT = "applicant"
CHOOSING = frozenset({NodeKind.CHOICE, NodeKind.INCLUSIVE})


class Assembly:
    """Builds one graph; faults go to `findings`, and the graph is usable only when there are none."""

    def __init__(self, process: etree._Element, shapes: list[Shape], findings: list[Finding]) -> None:
        self.process = process
        self.boxes = {shape.id: shape for shape in shapes if shape.tag != "sequenceFlow"}
        self.arrows = {shape.id: shape for shape in shapes if shape.tag == "sequenceFlow"}
        self.findings = findings
        if len(self.boxes) + len(self.arrows) != len(shapes):
            self._report(self._repeated(shapes), "repeated-id", _("编号重复"), _("每个元素的编号要不同"))

    def build(self) -> Graph:
        """The graph of what could be read."""
        variables = read_variables(self.process, self.findings)
        nodes = {shape.id: self._node(shape) for shape in self.boxes.values()}
        nodes = _with_timers(_symmetric(nodes))
        names = frozenset(variables) | {node.id for node in nodes.values() if node.task}
        self._clashes(nodes, variables)
        flows = {shape.id: self._flow(shape, nodes, names) for shape in self.arrows.values()}
        self._structure(nodes, flows)
        blocks = read_blocks(nodes, flows) if not self.findings else Blocks({}, ())
        self.findings += blocks.faults
        return Graph(
            key=self.process.get("id") or "",
            name=self.process.get("name") or "",
            start=next((node.id for node in nodes.values() if node.kind is NodeKind.START), ""),
            nodes=nodes,
            flows=flows,
            variables=variables,
            watched=frozenset(other for node in nodes.values() if node.task for other in node.task.separate),
            bridges=blocks.bridges,
        )

    def _node(self, shape: Shape) -> Node:
        kind = self._kind(shape)
        return Node(
            id=shape.id,
            kind=kind,
            name=shape.name,
            line=shape.line,
            incoming=tuple(flow.id for flow in self.arrows.values() if flow.plain.get("targetRef") == shape.id),
            outgoing=tuple(flow.id for flow in self.arrows.values() if flow.plain.get("sourceRef") == shape.id),
            default=shape.plain.get("default", ""),
            task=self._task(shape) if kind is NodeKind.USER else None,
            service=self._service(shape) if shape.tag == "serviceTask" else None,
            limit=limit_of(shape, shape.text, self.findings) if kind in (NodeKind.TIMER, NodeKind.BOUNDARY) else None,
            host=shape.plain.get("attachedToRef", ""),
            interrupting=shape.plain.get("cancelActivity", "true") == "true",
            result=shape.extra.get("result", ""),
        )

    def _kind(self, shape: Shape) -> NodeKind:
        if shape.tag == "serviceTask":
            return NodeKind.REACTION if shape.extra.get("reaction") else NodeKind.STEP
        if shape.tag == "endEvent":
            return NodeKind.TERMINATE if "terminateEventDefinition" in shape.parts else NodeKind.END
        return KINDS[shape.tag]

    def _task(self, shape: Shape) -> Task:
        said, joint = shape.extra, read_joint(shape, self.findings)
        is_named = joint is not None and joint.signers is Signers.NAMED
        if not said.get("role") and said.get("unit") != APPLICANT and not is_named:
            self._report(shape, "no-role", _("没有写谁来办"), _("写上岗位 role；申请人自己办的写 unit=applicant"))
        if said.get("act", "handle") not in ACTS:
            self._report(
                shape, "unknown-act", _("办理动作不认识"), _("只能是 %(acts)s") % {"acts": "、".join(sorted(ACTS))}
            )
        return Task(
            role=said.get("role", ""),
            unit=said.get("unit", ""),
            form=said.get("form", ""),
            act=said.get("act", "handle"),
            moves=self._moves(shape),
            limit=limit_of(shape, said["limit"], self.findings) if "limit" in said else None,
            separate=self._separate(shape),
            certified=said.get("certified") == "true",
            reread=said.get("reread") == "true",
            irreversible=said.get("irreversible") == "true" or said.get("act") in FINAL_ACTS,
            joint=joint,
            consult=frozenset(said.get("consult", "").replace(",", " ").split()),
        )

    def _moves(self, shape: Shape) -> dict[str, str]:
        words = shape.extra.get("moves", "").split(",")
        pairs = [word.strip().partition(":") for word in words if word.strip()]
        moves = {key.strip(): label.strip() or key.strip() for key, _colon, label in pairs}
        if len(moves) != len(pairs) or not all(IDENTIFIER.match(key) for key in moves):
            self._report(shape, "bad-moves", _("可选操作写法不对"), _("写成 accept:受理,refuse:不予受理，名称不能重复"))
        return moves or {DONE: str(_("办结"))}

    def _separate(self, shape: Shape) -> frozenset[str]:
        others = frozenset(shape.extra.get("separate", "").replace(",", " ").split())
        for other in others:
            if other == shape.id or other not in self.boxes or self.boxes[other].tag != "userTask":
                self._report(
                    shape, "bad-separate", _("须由不同人办理的环节不存在"), _("separate 写另一个人工任务的编号")
                )
        return others

    def _service(self, shape: Shape) -> Service:
        names = [shape.extra[key] for key in ("step", "reaction") if shape.extra.get(key)]
        if len(names) != 1 or not NAME.match(names[0]):
            self._report(
                shape, "no-step", _("服务任务没有写做什么"), _("step 和 reaction 写且只写一个，例如 registers.book")
            )
        return Service(names[0] if names else "", shape.parameters)

    def _flow(self, shape: Shape, nodes: Mapping[str, Node], names: frozenset[str]) -> Flow:
        source, target = shape.plain.get("sourceRef", ""), shape.plain.get("targetRef", "")
        if source not in nodes or target not in nodes:
            self._report(shape, "loose-flow", _("连线没有连好"), _("两头都要连到节点上"))
        return Flow(shape.id, source, target, shape.name, self._condition(shape, names), shape.line)

    def _condition(self, shape: Shape, names: frozenset[str]) -> Expression | None:
        if "conditionExpression" not in shape.parts:
            return None
        try:
            return compile_expression(shape.text, names)
        except ExpressionRefused as refused:
            self._report(shape, "bad-condition", refused.message, refused.remedy)
            return None

    def _structure(self, nodes: Mapping[str, Node], flows: Mapping[str, Flow]) -> None:
        starts = [node for node in nodes.values() if node.kind is NodeKind.START]
        ends = [node for node in nodes.values() if node.kind in (NodeKind.END, NodeKind.TERMINATE)]
        if len(starts) != 1 or not ends:
            place = Finding("no-start-or-end", "", _("要有且只有一个开始，至少一个结束"), _("补上开始事件和结束事件"))
            self.findings.append(place)
        for node in nodes.values():
            self._ways(node)
            self._host(node, nodes)
            self._choice(node, flows)

    def _ways(self, node: Node) -> None:
        shape = self.boxes[node.id]
        ends = node.kind in (NodeKind.END, NodeKind.TERMINATE)
        starts = node.kind in (NodeKind.START, NodeKind.BOUNDARY)
        if (starts and node.incoming) or (not starts and not node.incoming):
            self._report(shape, "bad-incoming", _("进入的连线不对"), _("开始和边界定时不能有进线，其他节点都要有"))
        if (ends and node.outgoing) or (not ends and not node.outgoing):
            self._report(shape, "bad-outgoing", _("离开的连线不对"), _("结束不能有出线，其他节点都要有"))
        if node.kind not in GATES and len(node.outgoing) > 1:
            self._report(shape, "implicit-split", _("节点有几条出线"), _("分支请用排他网关或并行网关画出来"))

    def _host(self, node: Node, nodes: Mapping[str, Node]) -> None:
        host = nodes.get(node.host)
        if node.kind is NodeKind.BOUNDARY and (host is None or host.kind is not NodeKind.USER):
            self._report(self.boxes[node.id], "bad-boundary", _("定时事件没有附在人工任务上"), _("拖到人工任务的边上"))
        elif host is not None and host.task is not None and host.task.joint is not None and not node.interrupting:
            remedy = _("会签环节的定时要打断环节；只是提醒的，用催办")
            self._report(self.boxes[node.id], "joint-timer", _("会签环节上不能有不打断的定时"), remedy)

    def _choice(self, node: Node, flows: Mapping[str, Flow]) -> None:
        shape = self.boxes[node.id]
        leaving = [flows[flow] for flow in node.outgoing]
        if node.kind not in CHOOSING or len(leaving) == 1:
            if any(flow.condition for flow in leaving):
                remedy = _("条件只能写在排他网关和包容网关的出线上")
                self._report(shape, "stray-condition", _("这里的连线不能带条件"), remedy)
            return
        if node.default not in node.outgoing:
            self._report(shape, "no-default", _("网关没有默认出线"), _("指定一条默认出线，条件都不符合时走它"))
        if any((flow.condition is None) != (flow.id == node.default) for flow in leaving):
            self._report(shape, "no-condition", _("出线的条件不对"), _("默认出线不写条件，其他出线都要写"))

    def _clashes(self, nodes: Mapping[str, Node], variables: Mapping[str, Variable]) -> None:
        for name in variables:
            if name in nodes:
                self._report(self.boxes[name], "name-clash", _("变量和节点同名"), _("给变量换个名称"))

    def _repeated(self, shapes: Iterable[Shape]) -> Shape:
        seen: set[str] = set()
        return next(shape for shape in shapes if shape.id in seen or seen.add(shape.id))  # type: ignore[func-returns-value]

    def _report(self, shape: Shape, code: str, message: Text, remedy: Text) -> None:
        self.findings.append(fault(shape, code, message, remedy))


def _symmetric(nodes: Mapping[str, Node]) -> dict[str, Node]:
    """`separate` holds in both directions, whichever of two steps comes first."""
    made = dict(nodes)
    for node in nodes.values():
        for other in node.task.separate if node.task else ():
            there = made.get(other)
            if there is not None and there.task is not None:
                made[other] = replace(there, task=replace(there.task, separate=there.task.separate | {node.id}))
    return made


def _with_timers(nodes: Mapping[str, Node]) -> dict[str, Node]:
    """Every step knows the timers that sit on it."""
    made = dict(nodes)
    for node in nodes.values():
        host = made.get(node.host)
        if node.kind is NodeKind.BOUNDARY and host is not None:
            made[node.host] = replace(host, timers=(*host.timers, node.id))
    return made
