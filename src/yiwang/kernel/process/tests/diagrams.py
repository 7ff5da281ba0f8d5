"""Draws diagrams for tests: by hand, or at random from nested blocks."""

import re
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:yw="urn:yiwang:process:1" id="d" '
    'targetNamespace="urn:test"><bpmn:process id="p" name="测试" isExecutable="true">'
)
TAIL = "</bpmn:process></bpmn:definitions>"
SIGNERS = 3
LOOP = '<bpmn:multiInstanceLoopCharacteristics isSequential="{}"/>'
ELEMENTS = {
    "inclusive": "inclusiveGateway",
    "choice": "exclusiveGateway",
    "parallel": "parallelGateway",
    "start": "startEvent",
    "end": "endEvent",
}


@dataclass
class Drawing:
    """Collects elements; `xml()` is ours, `xml(oracle=True)` has script tasks where ours has service tasks."""

    nodes: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    extension: str = ""
    moves: dict[str, list[str]] = field(default_factory=dict)
    serial: int = 0

    def name(self, prefix: str) -> str:
        self.serial += 1
        return f"{prefix}{self.serial}"

    def task(self, node: str = "", moves: str = "", **extra: str) -> str:
        node = node or self.name("t")
        said = {"role": "clerk", **({"moves": moves} if moves else {}), **extra}
        self.moves[node] = [word.split(":")[0] for word in moves.split(",")] if moves else ["done"]
        written = " ".join(f"yw:{key}={quoteattr(value)}" for key, value in said.items())
        self.nodes.append(f"<bpmn:userTask id={quoteattr(node)} name={quoteattr(node)} {written}/>")
        return node

    def joint(self, node: str = "", moves: str = "", sequential: bool = False, **extra: str) -> str:
        """A step that several people sign."""
        node = self.task(node, moves, **extra)
        self.nodes[-1] = self.nodes[-1].removesuffix("/>") + f">{LOOP.format(str(sequential).lower())}</bpmn:userTask>"
        return node

    def step(self, name: str = "tests.book", node: str = "", waits: bool = False, **parameters: str) -> str:
        node = node or self.name("s")
        inside = "".join(f"<yw:parameter name='{key}' value='{value}'/>" for key, value in parameters.items())
        extension = f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>" if inside else ""
        kind = "reaction" if waits else "step"
        self.nodes.append(f'<bpmn:serviceTask id="{node}" yw:{kind}="{name}">{extension}</bpmn:serviceTask>')
        return node

    def plain(self, kind: str, node: str = "", **attributes: str) -> str:
        node = node or self.name(kind[0])
        written = "".join(f" {_own(key)}={quoteattr(value)}" for key, value in attributes.items())
        self.nodes.append(f'<bpmn:{ELEMENTS[kind]} id="{node}"{written}/>')
        return node

    def terminate(self, node: str = "stop") -> str:
        self.nodes.append(f'<bpmn:endEvent id="{node}"><bpmn:terminateEventDefinition/></bpmn:endEvent>')
        return node

    def timer(self, host: str, node: str = "", interrupting: bool = True, duration: str = "3d") -> str:
        node = node or self.name("b")
        cancels = str(interrupting).lower()
        self.nodes.append(
            f'<bpmn:boundaryEvent id="{node}" attachedToRef="{host}" cancelActivity="{cancels}">'
            f"<bpmn:timerEventDefinition><bpmn:timeDuration>{duration}</bpmn:timeDuration>"
            "</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        )
        return node

    def wait(self, node: str = "w", duration: str = "3d") -> str:
        self.nodes.append(
            f'<bpmn:intermediateCatchEvent id="{node}"><bpmn:timerEventDefinition><bpmn:timeDuration>{duration}'
            "</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
        )
        return node

    def flow(self, source: str, target: str, condition: str = "", name: str = "") -> str:
        flow = name or self.name("f")
        inside = f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>" if condition else ""
        self.flows.append(
            f'<bpmn:sequenceFlow id="{flow}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'
        )
        return flow

    def chain(self, *nodes: str) -> None:
        for source, target in pairwise(nodes):
            self.flow(source, target)

    def variable(self, name: str, kind: str = "text") -> None:
        self.extension += f'<yw:variable name="{name}" type="{kind}"/>'

    def xml(self, oracle: bool = False) -> str:
        extension = f"<bpmn:extensionElements>{self.extension}</bpmn:extensionElements>" if self.extension else ""
        body = "".join((extension, *self.nodes, *self.flows))
        return HEAD + (_scripted(body) if oracle else body) + TAIL


def _own(key: str) -> str:
    return "yw:result" if key == "result" else key


def _scripted(body: str) -> str:
    counted = f"<bpmn:loopCardinality>{SIGNERS}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    body = re.sub(r"(<bpmn:multiInstanceLoopCharacteristics[^>]*)/>", rf"\1>{counted}", body)
    body = body.replace("<bpmn:serviceTask", "<bpmn:scriptTask")
    return body.replace("</bpmn:serviceTask>", "<bpmn:script>pass</bpmn:script></bpmn:scriptTask>")


@dataclass
class Sketcher:
    """Draws a random, well-structured diagram: sequences, choices, parallel blocks, loops, steps, timers."""

    random: Random
    timers: bool = False
    results: bool = False
    """Joint steps of every rule, with a gateway that asks for their result; else only such as hear everybody."""
    joins_in_loops: bool = True
    loops: int = 0
    drawing: Drawing = field(default_factory=Drawing)
    budget: int = 14

    def sketch(self) -> Drawing:
        start, end = self.drawing.plain("start", "start"), self.drawing.plain("end", "end")
        first, last = self.random.choice((self.sequence, self.parallel, self.loop))(0)
        self.drawing.chain(start, first)
        self.drawing.chain(last, end)
        return self.drawing

    def block(self, depth: int) -> tuple[str, str]:
        self.budget -= 1
        shapes = [self.task, self.sequence, self.sequence, self.choice, self.parallel, self.loop, self.step]
        shapes += [self.inclusive, self.joint]
        if self.timers:
            shapes += [self.urged, self.lapsing]
        if self.loops and not self.joins_in_loops:
            shapes = [shape for shape in shapes if shape not in (self.parallel, self.inclusive)]
        if depth > 3 or self.budget <= 0:
            shapes = [self.task]
        return self.random.choice(shapes)(depth)

    def task(self, depth: int) -> tuple[str, str]:
        node = self.drawing.task()
        return node, node

    def step(self, depth: int) -> tuple[str, str]:
        node, task = self.drawing.step(), self.drawing.task()
        self.drawing.chain(task, node)
        return task, node

    def sequence(self, depth: int) -> tuple[str, str]:
        blocks = [self.block(depth + 1) for _ in range(self.random.randint(2, 3))]
        for (_, left), (right, _) in pairwise(blocks):
            self.drawing.chain(left, right)
        return blocks[0][0], blocks[-1][1]

    def choice(self, depth: int) -> tuple[str, str]:
        ways = [f"m{number}" for number in range(self.random.randint(2, 3))]
        asked = self.drawing.task(moves=",".join(ways))
        default = self.drawing.name("f")
        gate = self.drawing.plain("choice", default=default)
        merge = self.drawing.plain("choice")
        self.drawing.chain(asked, gate)
        for way in ways:
            is_default = way == ways[-1]
            condition = "" if is_default else f"{asked} == '{way}'"
            target, last = self.block(depth + 1) if self.random.random() < 0.8 else (merge, "")
            self.drawing.flow(gate, target, condition, default if is_default else "")
            if last:
                self.drawing.chain(last, merge)
        return asked, merge

    def parallel(self, depth: int) -> tuple[str, str]:
        split, join = self.drawing.plain("parallel"), self.drawing.plain("parallel")
        for number in range(self.random.randint(2, 3)):
            if number and self.random.random() < 0.15:
                self.drawing.chain(split, join)
                continue
            first, last = self.block(depth + 1)
            self.drawing.chain(split, first)
            self.drawing.chain(last, join)
        return split, join

    def inclusive(self, depth: int) -> tuple[str, str]:
        """Some of the branches, by what the task before says; none fits: the default."""
        ways = [f"m{number}" for number in range(4)]
        asked, default = self.drawing.task(moves=",".join(ways)), self.drawing.name("f")
        split, join = self.drawing.plain("inclusive", default=default), self.drawing.plain("inclusive")
        self.drawing.chain(asked, split)
        for number in range(self.random.randint(2, 3)):
            words = ", ".join(f"'{way}'" for way in self.random.sample(ways, self.random.randint(2, 3)))
            condition, name = (f"{asked} in ({words})", "") if number else ("", default)
            if self.random.random() < 0.15:
                self.drawing.flow(split, join, condition, name)
                continue
            first, last = self.block(depth + 1) if self.joins_in_loops else self.row(depth)
            self.drawing.flow(split, first, condition, name)
            self.drawing.flow(last, join)
        return asked, join

    def row(self, depth: int) -> tuple[str, str]:
        """A task or two, one after the other."""
        first, last = self.task(depth)[0], self.joint(depth)[0]
        self.drawing.chain(first, last)
        return first, last

    def joint(self, depth: int) -> tuple[str, str]:
        """A step signed by several; with its result asked for, or not."""
        sequential = self.random.random() < 0.4
        if not self.results:
            node = self.drawing.joint(sequential=sequential)
            return node, node
        rule = self.random.choice(
            ({"complete": "all"}, {"complete": "one_veto"}, {"complete": "ratio", "ratio": "2/3"})
        )
        node = self.drawing.joint("", "agree,refuse,abstain", sequential, **rule)
        default, merge = self.drawing.name("f"), self.drawing.plain("choice")
        gate = self.drawing.plain("choice", default=default)
        self.drawing.chain(node, gate)
        self.drawing.flow(gate, merge, f"{node} == 'agree'")
        first, last = self.block(depth + 1)
        self.drawing.flow(gate, first, "", default)
        self.drawing.flow(last, merge)
        return node, merge

    def loop(self, depth: int) -> tuple[str, str]:
        entry, default = self.drawing.plain("choice"), self.drawing.name("f")
        self.loops += 1
        first, last = self.block(depth + 1)
        self.loops -= 1
        asked = self.drawing.task(moves="again,on")
        gate, after = self.drawing.plain("choice", default=default), self.drawing.plain("choice")
        self.drawing.chain(entry, first)
        self.drawing.chain(last, asked)
        self.drawing.chain(asked, gate)
        self.drawing.flow(gate, entry, f"{asked} == 'again'")
        self.drawing.flow(gate, after, "", default)
        return entry, after

    def urged(self, depth: int) -> tuple[str, str]:
        """A task with a reminder that does not interrupt it."""
        node, end = self.drawing.task(), self.drawing.plain("end")
        self.drawing.chain(self.drawing.timer(node, interrupting=False), self.drawing.step(), end)
        return node, node

    def lapsing(self, depth: int) -> tuple[str, str]:
        """A task that silence ends; its timer leads past it or to a task of its own."""
        node, merge = self.drawing.task(), self.drawing.plain("choice")
        timer = self.drawing.timer(node)
        self.drawing.chain(node, merge)
        self.drawing.chain(timer, *((self.drawing.task(),) if self.random.random() < 0.5 else ()), merge)
        return node, merge
