"""Inclusive gateways 包容网关 come in pairs: what a split lets out meets in its one join, by one flow a branch.

So the number of branches is fixed at the split, and the join never has to guess whether more is coming: the branches
that were not taken arrive at once, empty.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import Text
from yiwang.kernel.process.findings import Finding
from yiwang.kernel.process.graph import Flow, Node, NodeKind

MOST = 8
"""Branches of one split: every combination of them is explored."""
ENDS = frozenset({NodeKind.END, NodeKind.TERMINATE})


@dataclass(frozen=True, slots=True)
class Blocks:
    """What reading the pairs of a diagram gave: the flow into the join for each flow out of a split, and the faults."""

    bridges: Mapping[str, str]
    faults: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Paths:
    """Nodes and flows, as tokens go: along the arrows and through timers that end a step."""

    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]

    def following(self, node: str) -> list[str]:
        """The nodes a token may come to next."""
        here = self.nodes[node]
        ending = [timer for timer in here.timers if self.nodes[timer].interrupting]
        return [self.flows[flow].target for flow in here.outgoing] + ending

    def region(self, start: str, join: str) -> list[str]:
        """Nodes reached from `start` before `join`, nearest first."""
        if start == join:
            return []
        seen, queue = {start: None}, [start]
        while queue:
            fresh = [one for one in self.following(queue.pop(0)) if one not in seen and one != join]
            seen.update(dict.fromkeys(fresh))
            queue += fresh
        return list(seen)


def read_blocks(nodes: Mapping[str, Node], flows: Mapping[str, Flow]) -> Blocks:
    """Match every inclusive split with its join."""
    paths = Paths(nodes, flows)
    gates = [node for node in nodes.values() if node.kind is NodeKind.INCLUSIVE]
    bridges: dict[str, str] = {}
    faults: list[Finding] = []
    matched: list[str] = []
    for split in (gate for gate in gates if len(gate.outgoing) > 1):
        join = _nearest(paths, split)
        found = list(_break(paths, split, join))
        faults += found
        matched += [join] if join else []
        bridges |= _bridges(paths, split, join) if join and not found else {}
    faults += [_fault(gate, *MIXED) for gate in gates if len(gate.incoming) > 1 and len(gate.outgoing) > 1]
    faults += [_fault(gate, *UNOPENED) for gate in gates if len(gate.incoming) > 1 and matched.count(gate.id) != 1]
    return Blocks(bridges, tuple(faults))


MIXED = (_("包容网关不能又分又合"), _("分开和汇合各画一个包容网关"))
UNOPENED = (_("包容汇合没有自己的包容分支"), _("每个汇合的包容网关前面要有且只有一个分开的包容网关"))
UNCLOSED = (_("包容分支没有汇合"), _("各条分支要汇合到同一个包容网关"))
CROWDED = (_("包容分支太多"), _("最多 8 条"))


def _nearest(paths: Paths, split: Node) -> str:
    """The inclusive join that every branch reaches first; empty when there is none."""
    reached = [["", *paths.region(paths.flows[flow].target, "")] for flow in split.outgoing]
    common = [
        one
        for one, node in paths.nodes.items()
        if node.kind is NodeKind.INCLUSIVE and len(node.incoming) > 1 and all(one in branch for branch in reached)
    ]
    return min(common, key=lambda one: max(branch.index(one) for branch in reached), default="")


def _break(paths: Paths, split: Node, join: str) -> Iterator[Finding]:
    """Why the block between a split and its join is none."""
    if len(split.outgoing) > MOST:
        yield _fault(split, *CROWDED)
    if not join:
        yield _fault(split, *UNCLOSED)
        return
    regions = [paths.region(paths.flows[flow].target, join) for flow in split.outgoing]
    for flow, region in zip(split.outgoing, regions, strict=True):
        others = {node for other in regions if other is not region for node in other}
        yield from _leaks(paths, split, region, others)
        if len(_entering(paths, flow, region, join)) != 1:
            yield _fault(
                paths.nodes[join],
                _("一条包容分支要从一条连线进入汇合"),
                _("分支里面的岔路先用排他网关汇合，再连到包容汇合"),
            )
    if len(paths.nodes[join].incoming) != len(split.outgoing):
        yield _fault(paths.nodes[join], _("包容汇合的进线和分支对不上"), _("进入汇合的连线和分开的连线要一样多"))


def _leaks(paths: Paths, split: Node, region: list[str], others: set[str]) -> Iterator[Finding]:
    """Places where tokens leave a branch otherwise than into the join, or come in from elsewhere."""
    inside = {split.id, *region}
    for name in region:
        node = paths.nodes[name]
        if node.kind in ENDS or name == split.id or name in others:
            message = _("包容分支在“%(label)s”离开了自己的范围") % {"label": node.label}
            yield _fault(node, message, _("分支里不能结束、不能回到分支前面，也不能和别的分支混在一起"))
        if any(paths.flows[flow].source not in inside for flow in node.incoming):
            message = _("有一条路从外面进了包容分支：“%(label)s”") % {"label": node.label}
            yield _fault(node, message, _("只能从包容网关进入它的分支"))


def _entering(paths: Paths, flow: str, region: Iterable[str], join: str) -> list[str]:
    """Flows by which a branch enters the join."""
    if paths.flows[flow].target == join:
        return [flow]
    inside = set(region)
    return [one for one in paths.nodes[join].incoming if paths.flows[one].source in inside]


def _bridges(paths: Paths, split: Node, join: str) -> dict[str, str]:
    found = {}
    for flow in split.outgoing:
        found[flow] = _entering(paths, flow, paths.region(paths.flows[flow].target, join), join)[0]
    return found


def _fault(node: Node, message: Text, remedy: Text) -> Finding:
    return Finding("bad-inclusive", node.id, message, remedy, node.line)
