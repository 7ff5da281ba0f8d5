"""Differential test: on random diagrams without returns the open steps are those of SpiffWorkflow.

Joins inside loops are left out: SpiffWorkflow 3.2 counts arrivals of the earlier round there and fires the join while
a branch is still open. So are gateways between an inclusive split and its join: it fires that join while a branch
waits behind an exclusive gateway. The independent model of `test_returns.py` judges those.
"""

from random import Random

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from yiwang.kernel.process.definitions import check_diagram
from yiwang.kernel.process.models import Instance, WorkItem
from yiwang.kernel.process.tests.boards import Run, publish
from yiwang.kernel.process.tests.diagrams import Drawing, Sketcher

pytestmark = pytest.mark.django_db
MAX_STEPS = 60


class Oracle:
    """The same diagram in SpiffWorkflow."""

    def __init__(self, drawing: Drawing) -> None:
        parser = BpmnParser()
        parser.add_bpmn_str(drawing.xml(oracle=True).encode(), filename="test")
        self.workflow = BpmnWorkflow(parser.get_spec("p"))
        self.workflow.do_engine_steps()

    def ready(self) -> list[Task]:
        return [task for task in self.workflow.get_tasks(state=TaskState.READY) if task.task_spec.manual]

    def nodes(self) -> list[str]:
        """The steps that wait, a joint one as often as signers are waited for."""
        return sorted(task.task_spec.bpmn_id for task in self.ready())

    def take(self, node: str, move: str) -> None:
        task = next(task for task in self.ready() if task.task_spec.bpmn_id == node)
        task.data[node] = move
        task.run()
        self.workflow.do_engine_steps()


@pytest.mark.parametrize("decade", range(10))
def test_open_steps_agree_with_the_oracle(decade: int) -> None:
    steps = sum(_agrees(Random(decade * 1000 + seed)) for seed in range(55))
    assert steps > 200


def _agrees(random: Random) -> int:
    drawing = Sketcher(random, joins_in_loops=False).sketch()
    assert not [finding for finding in check_diagram(drawing.xml()) if not finding.warning]
    run, oracle = Run(publish(drawing.xml())), Oracle(drawing)
    run.start()
    for step in range(MAX_STEPS):
        live = list(WorkItem.objects.filter(subject=run.subject, state=WorkItem.State.OPEN).order_by("node", "pk"))
        assert [item.node for item in live] == oracle.nodes(), drawing.xml()
        if not live:
            assert run.instance().status == Instance.Status.ENDED
            assert oracle.workflow.completed
            return step
        item = random.choice(live)
        move = random.choice(drawing.moves[item.node])
        run.take_item(item.pk, move, item.person)
        oracle.take(item.node, move)
    return MAX_STEPS
