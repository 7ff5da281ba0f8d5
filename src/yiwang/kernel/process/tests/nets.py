"""An independent model of a run: the occurrence net of the diagram, written from the definition of causality.

Places are the arrows of the diagram, events are what happened. An event depends on the tokens it consumed or looked at.
To return to an activation is to delete every event that depends, directly or not, on the token the activation stood
for, together with what those events produced; nothing else. Nothing here knows items, parents or arrivals.
"""

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
YW = "{urn:yiwang:process:1}"
CONDITION = re.compile(r"(\w+) == '(\w+)'")


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
    conditions: dict[str, tuple[str, str]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    entering: dict[str, int] = field(default_factory=dict)
    quiet: set[str] = field(default_factory=set)
    """Timers that do not interrupt."""
    tokens: dict[int, str] = field(default_factory=dict)
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
            if match := CONDITION.match((element.findtext(f"{BPMN}conditionExpression") or "").strip()):
                self.conditions[name] = (match[1], match[2])
            return
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
            if self.tags[node] == "parallelGateway":
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
            if tag == "parallelGateway" and len(here) == self.entering[node]:
                found.append((node, set(here.values())))
            elif tag in ("exclusiveGateway", "serviceTask", "endEvent") and here:
                found.append((node, {min(here.values())}))
        return found

    def _happen(self, node: str, consumed: set[int], looked_at: set[int], move: str = "", source: str = "") -> None:
        self.serial += 1
        event = Event(self.serial, node, consumed, looked_at, set(), move)
        self.events[event.id] = event
        for arrow in self._leaving(source or node):
            self.serial += 1
            self.tokens[self.serial] = arrow
            event.produced.add(self.serial)

    def _leaving(self, node: str) -> list[str]:
        leaving = [name for name, (source, _target) in self.arrows.items() if source == node]
        if self.tags[node] != "exclusiveGateway" or len(leaving) == 1:
            return leaving
        moves = {event.node: event.move for _id, event in sorted(self.events.items()) if event.move}
        for arrow in leaving:
            if arrow in self.conditions and moves.get(self.conditions[arrow][0]) == self.conditions[arrow][1]:
                return [arrow]
        return [self.defaults[node]]
