"""Return 退回 on the tables: carries out what `causality` plans, and rebuilds the values from what survives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import Text
from yiwang.kernel.process.board import Outcome, StepUndo
from yiwang.kernel.process.catalogue import step_kind
from yiwang.kernel.process.causality import Past, Rollback, ancestors, plan_rollback
from yiwang.kernel.process.engine import DONE, OPEN, WAITING, Step
from yiwang.kernel.process.graph import Graph
from yiwang.kernel.process.models import Instance, StepRun, WorkItem
from yiwang.kernel.process.refusals import IrreversiblePassed, NotAnEarlierStep
from yiwang.kernel.process.state import State
from yiwang.kernel.process.tokens import Token

CAUSAL = (OPEN, WAITING, DONE)


@dataclass(frozen=True, slots=True)
class History:
    """Every item and run of an instance that stands, in the order of their ids; questions are no history."""

    items: Sequence[WorkItem]
    runs: Sequence[StepRun]

    def signers(self, item: WorkItem) -> frozenset[int]:
        """The items of everybody who did a step together with this one; of a step of one person, itself."""
        if item.group is None:
            return frozenset({item.pk})
        same = (item.node, item.group)
        return frozenset(one.pk for one in self.items if (one.node, one.group) == same)


def history_of(instance: int) -> History:
    """What stands of an instance; two queries."""
    items = WorkItem.objects.filter(instance=instance, state__in=CAUSAL, asking=0).order_by("pk")
    return History(
        list(items), list(StepRun.objects.filter(instance=instance, state=StepRun.State.DONE).order_by("pk"))
    )


def roll_back(step: Step, target_id: int) -> Outcome:
    """Undo everything the done item `target_id` caused and open its step anew, with the causes it had.

    A joint step is one step: everybody signs anew. Raises NotAnEarlierStep, IrreversiblePassed, and what
    `board.undo_step` raises.
    """
    state, history = step.state, history_of(step.state.instance)
    target = _target(state, history, target_id)
    unwind(step, history, history.signers(target))
    if target.person is not None:
        step.former = {target.node: target.person}
    step.open([(state.graph.nodes[target.node], Token(tuple(target.parents), target.via))])
    return step.finish()


def unwind(step: Step, history: History, targets: frozenset[int], kept: frozenset[int] = frozenset()) -> None:
    """Roll back `targets` and everything they caused; `kept` keep their rows, which the caller opens again.

    Raises IrreversiblePassed.
    """
    items, runs = history.items, history.runs
    plan = plan_rollback(targets, pasts_of(items), pasts_of(runs), step.state.joins)
    _require_reversible(step.state.graph, plan, items, runs)
    step.undone = _undo_runs(step, plan, runs)
    step.rolled = tuple(sorted(plan.items - kept))
    _mark_rolled(step)
    _rebuild(step.state, plan, items, runs)


def return_targets(item_id: int) -> list[WorkItem]:
    """The done steps an open item may be returned to: those that caused it, the latest of each node, oldest first."""
    item = WorkItem.objects.get(pk=item_id)
    done = WorkItem.objects.filter(instance=item.instance_id, state=DONE, asking=0).order_by("pk")
    known = {one.pk: one for one in done}
    parents = {one.pk: one.parents for one in (item, *known.values())}
    latest = {known[one].node: known[one] for one in sorted(ancestors(item.pk, parents)) if one in known}
    return sorted(latest.values(), key=lambda one: one.pk)


def _target(state: State, history: History, target_id: int) -> WorkItem:
    for item in history.items:
        is_done = item.state == DONE and state.live_group(item.node, item.group) is None
        if item.pk == target_id and is_done and state.graph.nodes[item.node].task is not None:
            return item
    raise NotAnEarlierStep(_("只能退回到已经办过的环节"), remedy=_("从列出的环节里选一个"))


def _require_reversible(graph: Graph, plan: Rollback, items: Sequence[WorkItem], runs: Sequence[StepRun]) -> None:
    for item in items:
        task = graph.nodes[item.node].task
        if item.pk in plan.items and item.state == DONE and task is not None and task.irreversible:
            _refuse(graph.nodes[item.node].label, _("按撤销、注销或者变更程序办理"))
    for run in runs:
        kind = step_kind(run.name)
        if run.pk in plan.runs and run.name and (kind is None or not kind.reversible):
            _refuse(graph.nodes[run.node].label, kind.procedure if kind else _("这个自动步骤已不再登记，请联系管理员"))


def _refuse(label: str, procedure: Text) -> None:
    message = _("“%(label)s”已经完成，不能再退回到它前面") % {"label": label}
    raise IrreversiblePassed(message, remedy=procedure, facts={"step": label})


def _undo_runs(step: Step, plan: Rollback, runs: Iterable[StepRun]) -> tuple[str, ...]:
    known = {run.pk: run for run in runs}
    undone = [known[pk] for pk in plan.runs]
    for run in undone:
        service = step.state.graph.nodes[run.node].service
        if service is not None:
            step.board.undo_step(StepUndo(run.pk, run.node, run.name, service.parameters, run.result))
    StepRun.objects.filter(pk__in=plan.runs).update(state=StepRun.State.UNDONE)
    return tuple(run.name for run in undone if run.name)


def _mark_rolled(step: Step) -> None:
    rolled = WorkItem.objects.filter(Q(pk__in=step.rolled) | Q(asker__in=step.rolled, state=OPEN))
    rolled.filter(done=None).update(done=step.at)
    rolled.update(state=WorkItem.State.ROLLED)


def _rebuild(state: State, plan: Rollback, items: Sequence[WorkItem], runs: Sequence[StepRun]) -> None:
    """State after a return is what the surviving history gives, nothing else."""
    state.joins = plan.joins
    for item in items:
        if item.pk in plan.items and item.state != DONE:
            state.close(item.node)
    kept = [item for item in items if item.pk not in plan.items and item.state == DONE]
    stayed = [run for run in runs if run.pk not in plan.runs]
    state.values = _values(state, kept, stayed)
    state.doers = _doers(state.graph, sorted(kept, key=lambda item: item.turn))
    gone = {(item.node, item.group) for item in items if item.pk in plan.items}
    state.groups = {node: group for node, group in state.groups.items() if (node, group["number"]) not in gone}
    state.ends = list(dict.fromkeys(run.node for run in stayed if not run.name))


def _values(state: State, items: Iterable[WorkItem], runs: Iterable[StepRun]) -> dict[str, object]:
    given = Instance.objects.values_list("given", flat=True).get(pk=state.instance)
    learned = [(item.turn, 0, item.pk, {**item.values, **_move(state.graph, item)}) for item in items]
    learned += [(run.turn, 1, run.pk, run.values) for run in runs]
    values: dict[str, object] = dict(given)
    for _turn, _rank, _pk, found in sorted(learned, key=lambda one: one[:3]):
        values.update(found)
    return values


def _move(graph: Graph, item: WorkItem) -> dict[str, object]:
    """The value of a step is its last move; a joint step's result stands among the values of its last item."""
    return {item.node: item.move} if graph.nodes[item.node].task is not None and item.group is None else {}


def _doers(graph: Graph, items: Iterable[WorkItem]) -> dict[str, int | list[int]]:
    """Who did the steps that are marked *separate*, the latest time they were done."""
    found: dict[str, tuple[int | None, list[int]]] = {}
    for item in items:
        if item.node in graph.watched and item.person and item.move not in graph.nodes[item.node].timers:
            group, persons = found.get(item.node, (None, []))
            same = item.group is not None and group == item.group
            found[item.node] = (item.group, [*persons, item.person] if same else [item.person])
    return {node: persons[0] if group is None else sorted(persons) for node, (group, persons) in found.items()}


def pasts_of(rows: Iterable[WorkItem | StepRun]) -> list[Past]:
    """The rows as far as causes are concerned."""
    return [Past(row.pk, row.parents, row.via) for row in rows]
