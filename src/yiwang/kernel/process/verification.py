"""Explores every marking a diagram can reach before it may be published. Plain values, no tables."""

from collections.abc import Callable, Iterable, Iterator

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import Text
from yiwang.kernel.process.catalogue import step_kind
from yiwang.kernel.process.findings import Finding
from yiwang.kernel.process.graph import Graph, Node, NodeKind
from yiwang.kernel.process.markings import MAX_MARKINGS, Exploration, explore

SIGN = "sign"
Following = Callable[[Node], Iterable[str]]


def verify(graph: Graph) -> list[Finding]:
    """Every fault and warning of a compiled graph; an empty list means it may run."""
    circles = list(_circles(graph))
    if circles:
        return circles
    found = explore(graph)
    return [
        *_markings(graph, found),
        *_unreached(graph, found),
        *_services(graph),
        *_issues(graph),
        *_namings(graph),
        *_moves(graph),
        *_names(graph),
    ]


def _markings(graph: Graph, found: Exploration) -> Iterator[Finding]:
    if found.is_too_large:
        message = _("分支太多，走法超过 %(count)s 种") % {"count": MAX_MARKINGS}
        yield Finding("too-complex", graph.start, message, _("减少并行分支，或者拆成几个流程"))
    for node in sorted(found.stuck):
        message = _("流程会在“%(label)s”卡住：另一条分支的令牌不会来") % {"label": graph.nodes[node].label}
        yield _at(graph, node, "deadlock", message, _("汇合前的分支要用并行网关分开；排他分支请用排他网关汇合"))
    for node in sorted(found.doubled):
        message = _("“%(label)s”会被重复执行：两个令牌到了同一处") % {"label": graph.nodes[node].label}
        yield _at(graph, node, "double-run", message, _("并行分支要先用并行网关汇合，再往下走"))


def _unreached(graph: Graph, found: Exploration) -> Iterator[Finding]:
    if found.is_too_large or found.stuck or found.doubled:
        return
    for node in graph.nodes.values():
        if node.id not in found.visited:
            message = _("“%(label)s”永远走不到") % {"label": node.label}
            yield _at(graph, node.id, "unreachable", message, _("从开始连一条路过来，或者删掉它"))
    for node_id in sorted(found.endless):
        message = _("从“%(label)s”走不到任何结束") % {"label": graph.nodes[node_id].label}
        yield _at(graph, node_id, "no-way-out", message, _("补一条通向结束的路"))


def _circles(graph: Graph) -> Iterator[Finding]:
    """Loops without a person or a timer in them would run for ever."""
    auto = {node.id for node in graph.nodes.values() if node.kind not in (NodeKind.USER, NodeKind.TIMER)}
    rest = {node: {one for one in _next(graph, node) if one in auto} for node in auto}
    while True:
        leaves = {node for node, following in rest.items() if not following}
        if not leaves:
            break
        rest = {node: following - leaves for node, following in rest.items() if node not in leaves}
    for node in sorted(rest):
        message = _("“%(label)s”在一个没有人办理的循环里") % {"label": graph.nodes[node].label}
        yield _at(graph, node, "endless-loop", message, _("循环里至少要有一个人工任务或定时等待"))


def _services(graph: Graph) -> Iterator[Finding]:
    for node in graph.nodes.values():
        if node.service is None:
            continue
        kind = step_kind(node.service.name)
        waits = node.kind is NodeKind.REACTION
        if kind is None or kind.waits != waits:
            message = _("没有登记的自动步骤 %(name)s") % {"name": node.service.name}
            yield _at(
                graph, node.id, "unknown-step", message, _("用已登记的名称；要等外部结果的写 reaction，其他写 step")
            )
            continue
        given = frozenset(node.service.parameters)
        for name in sorted((kind.required - given) | (given - kind.required - kind.optional)):
            message = _("自动步骤的参数 %(name)s 缺少或多余") % {"name": name}
            yield _at(graph, node.id, "bad-parameter", message, _("核对 %(step)s 的参数") % {"step": kind.name})


def _issues(graph: Graph) -> Iterator[Finding]:
    """An issue step may stand only behind a finished signing step, on every path; its timers do not sign."""
    unsigned = _reach(graph, graph.start, lambda node: _next(graph, node.id) if not _signs(node) else node.timers)
    for node in graph.nodes.values():
        kind = step_kind(node.service.name) if node.service else None
        if kind is not None and kind.issues and node.id in unsigned:
            message = _("“%(label)s”前面没有签发环节") % {"label": node.label}
            yield _at(
                graph, node.id, "unsigned-issue", message, _("制证、编号之前，每条路都要经过 act=sign 的人工任务")
            )


def _namings(graph: Graph) -> Iterator[Finding]:
    """Signers named at a step: it must be there, done by one person, on every path to the joint step."""
    for node in graph.nodes.values():
        joint = node.task.joint if node.task else None
        if joint is None or not joint.naming:
            continue
        naming = graph.nodes.get(joint.naming)
        if naming is None or naming.task is None or naming.task.joint is not None or naming.task.unit == "applicant":
            message = _("指定会签人的环节 %(name)s 不存在，或者不是一个人办的") % {"name": joint.naming}
            yield _at(graph, node.id, "bad-signers", message, _("signers 写前面一个工作人员办理的环节编号"))
        elif node.id in _reach(graph, graph.start, _unnamed(graph, joint.naming)):
            message = _("有一条路没有经过“%(step)s”，到“%(label)s”时没有人指定会签人") % {
                "step": naming.label,
                "label": node.label,
            }
            yield _at(graph, node.id, "no-signers", message, _("每条路都要先办完指定会签人的环节"))


def _unnamed(graph: Graph, naming: str) -> Following:
    """The ways on which nobody names signers; a timer that ends the step names none."""
    return lambda node: _next(graph, node.id) if node.id != naming else node.timers


def _moves(graph: Graph) -> Iterator[Finding]:
    """A move no condition asks for leads where every other move leads."""
    for node in graph.nodes.values():
        if node.task is None or len(node.task.moves) < 2:
            continue
        asked = _asked(graph, node.id)
        unused = [key for key in node.task.results if key not in asked]
        if len(unused) > 1:
            message = _("“%(label)s”的操作 %(moves)s 没有条件用到，走的是同一条路") % {
                "label": node.label,
                "moves": "、".join(unused),
            }
            yield _at(graph, node.id, "unused-move", message, _("给排他网关的出线写上条件"), warning=True)
        for word in sorted(asked - set(node.task.results) - set(node.timers)):
            message = _("条件里的 %(word)s 不是“%(label)s”的操作") % {"word": word, "label": node.label}
            yield _at(graph, node.id, "unknown-move", message, _("改成该环节 moves 里的名称"))


def _names(graph: Graph) -> Iterator[Finding]:
    used = {name for flow in graph.flows.values() if flow.condition for name in flow.condition.names}
    for name in graph.variables:
        if name not in used:
            yield Finding(
                "unused-variable", name, _("变量 %(name)s 没有条件用到") % {"name": name}, _("删掉它"), warning=True
            )


def _asked(graph: Graph, node: str) -> set[str]:
    """Texts the conditions compare the last move of `node` with."""
    words: set[str] = set()
    for flow in graph.flows.values():
        if flow.condition is not None and node in flow.condition.names:
            words |= set(_compared(flow.condition.to_json(), node))
    return words


def _compared(tree: object, name: str) -> Iterator[str]:
    if not isinstance(tree, list):
        return
    if ["name", name] in tree and tree[0] in ("==", "!=", "in", "not in"):
        yield from _texts(tree[1:])
    for part in tree[1:]:
        yield from _compared(part, name)


def _texts(parts: Iterable[object]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, list) and part[0] == "value" and isinstance(part[1], str):
            yield part[1]
        elif isinstance(part, list) and part[0] == "list":
            yield from _texts(part[1:])


def _next(graph: Graph, node: str) -> list[str]:
    found = graph.nodes[node]
    return [*(graph.flows[flow].target for flow in found.outgoing), *found.timers]


def _signs(node: Node) -> bool:
    return node.task is not None and node.task.act == SIGN


def _reach(graph: Graph, start: str, following: Following) -> set[str]:
    seen, todo = {start}, [start]
    while todo:
        fresh = [one for one in following(graph.nodes[todo.pop()]) if one not in seen]
        seen.update(fresh)
        todo.extend(fresh)
    return seen


def _at(graph: Graph, node: str, code: str, message: Text, remedy: Text, warning: bool = False) -> Finding:
    return Finding(code, node, message, remedy, graph.nodes[node].line, warning)
