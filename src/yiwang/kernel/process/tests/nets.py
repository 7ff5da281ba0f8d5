"""An independent model of a run: the occurrence net of the diagram, written from the definition of causality.

Places are the arrows of the diagram, events are what happened. An event depends on the tokens it consumed or looked at.
To return to an activation is to delete every event that depends, directly or not, on the token the activation stood
for, together with what those events produced; nothing else. Nothing here knows items, parents or arrivals.

A token carries the inclusive splits it stands behind, each with the number of its siblings: their join takes that many.
Votes lie on the token of a joint step until they decide it.
"""

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
YW = "{urn:yiwang:process:1}"
CONDITION = re.compile(r"(\w+) (?:==|in) ")
WORD = re.compile(r"'(\w+)'")
GATES = ("parallelGateway", "inclusiveGateway")


@dataclass
class Event:
    """Something that happened at a node."""

    id: int
    node: str
    consumed: set[int]
    looked_at: set[int]
    produced: set[int]
    move: str = ""


@dataclass
class Net:
    """Structure of the diagram and everything that happened and was not deleted."""

    xml: str
    tags: dict[str, str] = field(default_factory=dict)
    arrows: dict[str, tuple[str, str]] = field(default_factory=dict)
    conditions: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    joints: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Rule and ratio of joint steps."""
    signers: int = 3
    defaults: dict[str, str] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    entering: dict[str, int] = field(default_factory=dict)
    quiet: set[str] = field(default_factory=set)
    """Timers that do not interrupt."""
    tokens: dict[int, str] = field(default_factory=dict)
    blocks: dict[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    votes: dict[int, dict[int, str]] = field(default_factory=dict)
    events: dict[int, Event] = field(default_factory=dict)
    serial: int = 0

    def __post_init__(self) -> None:
        process = ET.fromstring(self.xml).find(f"{BPMN}process")
        assert process is not None
        for element in process:
            self._read(element, element.tag.removeprefix(BPMN), element.get("id") or "")
        for _source, target in self.arrows.values():
            self.entering[target] = self.entering.get(target, 0) + 1
        self._happen("start", set(), set())
        self.settle()

    def _read(self, element: ET.Element, tag: str, name: str) -> None:
        if tag == "sequenceFlow":
            self.arrows[name] = (element.get("sourceRef") or "", element.get("targetRef") or "")
            text = (element.findtext(f"{BPMN}conditionExpression") or "").strip()
            if match := CONDITION.match(text):
                self.conditions[name] = (match[1], frozenset(WORD.findall(text)))
            return
        if element.find(f"{BPMN}multiInstanceLoopCharacteristics") is not None:
            self.joints[name] = (element.get(f"{YW}complete") or "all", element.get(f"{YW}ratio") or "1/1")
        self.tags[name] = "reaction" if element.get(f"{YW}reaction") else tag
        self.defaults[name] = element.get("default") or ""
        if tag == "boundaryEvent":
            self.hosts[name] = element.get("attachedToRef") or ""
            if element.get("cancelActivity") == "false":
                self.quiet.add(name)

    def live(self) -> dict[int, str]:
        """Tokens nobody consumed."""
        gone = {token for event in self.events.values() for token in event.consumed}
        return {token: place for token, place in self.tokens.items() if token not in gone}

    def open(self) -> dict[str, int]:
        """Steps that wait for a person, with their token; no step has two."""
        found: dict[str, int] = {}
        for token, place in self.live().items():
            node = self.arrows[place][1]
            if self.tags[node] == "userTask":
                assert node not in found, f"two tokens at {node}"
                found[node] = token
        return found

    def waiting(self) -> dict[str, set[str]]:
        """Arrows with a token in front of each join."""
        found: dict[str, set[str]] = {}
        for place in self.live().values():
            node = self.arrows[place][1]
            if self.tags[node] in GATES:
                found.setdefault(node, set()).add(place)
        return found

    def completed(self) -> dict[int, str]:
        """Tokens of finished activations and the step each stood for."""
        return {
            token: event.node
            for event in self.events.values()
            for token in event.consumed
            if self.tags[event.node] == "userTask" and event.move
        }

    def booked(self) -> int:
        """Service tasks that ran and stand."""
        return sum(self.tags[event.node] == "serviceTask" for event in self.events.values())

    def take(self, node: str, move: str) -> None:
        """A person finishes a step."""
        self._happen(node, {self.open()[node]}, set(), move)
        self.settle()

    def sign(self, node: str, signer: int, move: str) -> None:
        """One of the signers of a joint step."""
        token = self.open()[node]
        cast = self.votes.setdefault(token, {})
        cast[signer] = move
        if result := self._result(node, list(cast.values())):
            self._happen(node, {token}, set(), result)
            self.settle()

    def _result(self, node: str, cast: list[str]) -> str:
        rule, ratio = self.joints[node]
        over, under = (int(part) for part in ratio.split("/"))
        yes, left = sum(vote in ("agree", "done") for vote in cast), self.signers - len(cast)
        good = "agree" if "done" not in cast else "done"
        if rule == "ratio" and yes * under >= self.signers * over:
            return good
        if rule == "ratio" and (yes + left) * under < self.signers * over:
            return "refuse"
        if rule == "one_veto" and "refuse" in cast:
            return "refuse"
        if left:
            return ""
        return good if yes == self.signers or (rule == "one_veto" and yes) else "refuse"

    def strike(self, token: int, signer: int) -> None:
        """A signer takes his vote back, also the one that decided."""
        cast = {one: vote for one, vote in self.votes[token].items() if one != signer}
        if token not in self.live():
            self.back(token)
        self.votes[token] = cast

    def armed(self) -> list[tuple[str, str]]:
        """Timers that may fire, with their steps: on an open step, not yet fired."""
        opened = self.open()
        fired = {(event.node, token) for event in self.events.values() for token in event.looked_at}
        return [
            (timer, host) for timer, host in self.hosts.items() if host in opened and (timer, opened[host]) not in fired
        ]

    def fire(self, timer: str) -> None:
        """A timer of an open step fires."""
        host = self.hosts[timer]
        token = self.open()[host]
        if timer in self.quiet:
            self._happen(timer, set(), {token})
        else:
            self._happen(host, {token}, set(), timer, source=timer)
        self.settle()

    def back(self, token: int) -> None:
        """Return to the activation `token` stood for."""
        doomed = {token}
        while True:
            hit = [event for event in self.events.values() if doomed & (event.consumed | event.looked_at)]
            if not hit:
                break
            for event in hit:
                doomed |= event.produced
                del self.events[event.id]
        for gone in doomed:
            self.votes.pop(gone, None)
        for gone in doomed - {token}:
            del self.tokens[gone]
        assert not self._enabled(), "a return must not set anything in motion"

    def settle(self) -> None:
        """Everything that needs no person happens."""
        while enabled := self._enabled():
            node, consumed = enabled[0]
            self._happen(node, consumed, set())

    def _enabled(self) -> list[tuple[str, set[int]]]:
        live = self.live()
        found = []
        for node in dict.fromkeys(self.arrows[place][1] for place in live.values()):
            tag, here = (
                self.tags[node],
                {place: token for token, place in live.items() if self.arrows[place][1] == node},
            )
            if tag in GATES and len(here) == self._expected(node, here):
                found.append((node, set(here.values())))
            elif tag in ("exclusiveGateway", "serviceTask", "endEvent") and here:
                found.append((node, {min(here.values())}))
        return found

    def _expected(self, node: str, here: dict[str, int]) -> int:
        """How many tokens a gateway waits for; one that only opens takes what comes."""
        if self.tags[node] == "parallelGateway" or self.entering[node] == 1:
            return self.entering[node]
        blocks = {self.blocks[token][-1] for token in here.values()}
        assert len(blocks) == 1, f"tokens of two blocks at {node}"
        return min(blocks)[1]

    def _happen(self, node: str, consumed: set[int], looked_at: set[int], move: str = "", source: str = "") -> None:
        self.serial += 1
        event = Event(self.serial, node, consumed, looked_at, set(), move)
        self.events[event.id] = event
        leaving = self._leaving(source or node)
        behind = self._behind(event, len(leaving))
        for arrow in leaving:
            self.serial += 1
            self.tokens[self.serial] = arrow
            self.blocks[self.serial] = behind
            event.produced.add(self.serial)

    def _behind(self, event: Event, leaving: int) -> tuple[tuple[int, int], ...]:
        """The inclusive splits the tokens of an event stand behind."""
        before = self.blocks[min(event.consumed | event.looked_at)] if event.consumed | event.looked_at else ()
        if self.tags[event.node] != "inclusiveGateway":
            return before
        return before[:-1] if self.entering[event.node] > 1 else (*before, (event.id, leaving))

    def _leaving(self, node: str) -> list[str]:
        leaving = [name for name, (source, _target) in self.arrows.items() if source == node]
        if self.tags[node] not in ("exclusiveGateway", "inclusiveGateway") or len(leaving) == 1:
            return leaving
        moves = {event.node: event.move for _id, event in sorted(self.events.items()) if event.move}
        conditions = {arrow: self.conditions[arrow] for arrow in leaving if arrow in self.conditions}
        holding = [arrow for arrow, (step, words) in conditions.items() if moves.get(step) in words]
        if self.tags[node] == "exclusiveGateway":
            holding = holding[:1]
        return holding or [self.defaults[node]]
