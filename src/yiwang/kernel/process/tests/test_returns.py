"""Random runs with returns on the tables against an independent model of causality (`nets`)."""

from dataclasses import dataclass, field
from random import Random

import pytest

from yiwang.kernel.base.moments import as_of
from yiwang.kernel.process import services
from yiwang.kernel.process.definitions import check_diagram, graph_of
from yiwang.kernel.process.models import Instance, WorkItem
from yiwang.kernel.process.tests.boards import Run, publish
from yiwang.kernel.process.tests.diagrams import Drawing, Sketcher
from yiwang.kernel.process.tests.nets import Net
from yiwang.kernel.process.withdrawal import withdrawable

pytestmark = pytest.mark.django_db
RUNS = {"sqlite": 1000, "postgresql": 240}
PARTS = 4
MAX_RETURNS = 8


@dataclass
class Twin:
    """The engine and the model, driven by the same moves and compared after each."""

    random: Random
    drawing: Drawing
    run: Run
    net: Net
    tokens: dict[int, int] = field(default_factory=dict)
    """Token of the model by item of the engine."""
    live: dict[str, int] = field(default_factory=dict)
    items: list[WorkItem] = field(default_factory=list)
    returns: int = 0
    withdrawn: int = 0

    def compare(self) -> None:
        opened = self.net.open()
        rows = WorkItem.objects.filter(subject=self.run.subject, state=WorkItem.State.OPEN).order_by("-order")
        self.items = list(rows)
        live = self.live = {item.node: item.pk for item in self.items}
        assert sorted(live) == sorted(opened), self.drawing.xml()
        self.tokens.update({item.pk: opened[item.node] for item in self.items})
        instance = self.run.instance()
        assert self.arrived(instance) == self.net.waiting(), self.drawing.xml()
        self.compare_votes(instance, opened)
        assert len(self.run.board.booked) == self.net.booked()
        assert (instance.status == Instance.Status.ENDED) == (not live)
        assert sorted(instance.marking.get("live", [])) == sorted(live)

    def arrived(self, instance: Instance) -> dict[str, set[str]]:
        """Flows with a token in front of each join; branches that were not taken hold none."""
        joins = instance.marking.get("joins", {}).items()
        found = {join: {flow for flow, arrival in flows.items() if not arrival.get("skipped")} for join, flows in joins}
        return {join: flows for join, flows in found.items() if flows}

    def compare_votes(self, instance: Instance, opened: dict[str, int]) -> None:
        for node, group in instance.marking.get("groups", {}).items():
            if not group["is_over"]:
                cast = {person: move for _item, person, move in group["signed"]}
                assert cast == self.net.votes.get(opened[node], {}), self.drawing.xml()

    def done(self) -> list[int]:
        found = WorkItem.objects.filter(subject=self.run.subject, state=WorkItem.State.DONE).order_by("pk")
        live = self.net.live()
        items = [item for item in found.values_list("pk", flat=True) if self.tokens[item] not in live]
        assert {self.tokens[item] for item in items} == set(self.net.completed())
        return items

    def step(self) -> None:
        armed, chance = self.net.armed(), self.random.random()
        done = self.done() if self.returns < MAX_RETURNS and chance < 0.35 else []
        if done and chance < 0.15:
            self.withdraw()
        elif done:
            self.back(self.random.choice(done))
        elif armed and chance > 0.85:
            self.fire(*self.random.choice(armed))
        else:
            node = self.random.choice(sorted(self.net.open()))
            self.take(node, self.random.choice(self.drawing.moves[node]))

    def take(self, node: str, move: str) -> None:
        if node not in self.net.joints:
            self.run.take_item(self.live[node], move)
            self.net.take(node, move)
            return
        item = self.random.choice([one for one in self.items if one.node == node])
        self.run.take_item(item.pk, move, item.person)
        self.net.sign(node, item.person or 0, move)

    def withdraw(self) -> None:
        """Whoever did a last step takes it back; nobody has read anything here."""
        instance = self.run.instance()
        graph = graph_of(instance.definition_id, instance.digest)
        items = list(WorkItem.objects.filter(instance=instance).order_by("pk"))
        offered = [one for person in (1, 2, 3) for one in withdrawable(graph, items, person)]
        if not offered or instance.status != Instance.Status.RUNNING:
            return
        item = self.random.choice(offered)
        self.returns += 1
        self.withdrawn += 1
        self.run.withdraw(item.pk, item.person)
        if item.group is None:
            self.net.back(self.tokens[item.pk])
        else:
            self.net.strike(self.tokens[item.pk], item.person or 0)

    def back(self, item: int) -> None:
        self.returns += 1
        self.run.back(item)
        self.net.back(self.tokens[item])

    def fire(self, timer: str, host: str) -> None:
        item = self.live[host]
        due = next(alarm.at for alarm in reversed(self.run.board.alarms) if (alarm.item, alarm.timer) == (item, timer))
        with as_of(due):
            services.fire_timer(subject_id=self.run.subject, item_id=item, timer=timer, board=self.run.board)
        self.net.fire(timer)

    def finish(self) -> None:
        """From anywhere the process can be brought to its end; the last move of a step always leads on."""
        for _step in range(200):
            opened = sorted(self.net.open())
            if not opened:
                return
            moves = self.drawing.moves[opened[0]]
            self.take(opened[0], moves[0] if opened[0] in self.net.joints else moves[-1])
            self.compare()
        pytest.fail(f"does not end: {self.drawing.xml()}")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_returns_leave_what_causality_says(part: int, engine: str) -> None:
    runs = RUNS[engine] // PARTS
    twins = [_one_run(Random(part * 10_000 + seed)) for seed in range(runs)]
    assert sum(twin.returns for twin in twins) > runs
    assert sum(twin.withdrawn for twin in twins) > runs // 25
    assert sum(bool(twin.net.joints) for twin in twins) > runs // 20
    assert sum("inclusiveGateway" in twin.net.tags.values() for twin in twins) > runs // 20


def _one_run(random: Random) -> Twin:
    drawing = Sketcher(random, timers=True, results=True, budget=10).sketch()
    xml = drawing.xml()
    faults = {finding.code for finding in check_diagram(xml) if not finding.warning}
    assert not faults, xml
    run = Run(publish(xml))
    run.start()
    twin = Twin(random, drawing, run, Net(xml))
    twin.compare()
    for _step in range(random.randint(6, 16)):
        if not twin.net.open():
            break
        twin.step()
        twin.compare()
    twin.finish()
    return twin
