"""Who signs a joint step 会签: the list is made when the step opens, and fixed from then on."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.process.board import Assignment, Board
from yiwang.kernel.process.graph import Graph, Joint, Node, Signers
from yiwang.kernel.process.refusals import NoSigners, SamePersonRefused, SignersNotAsked, TooManySigners
from yiwang.kernel.process.state import Group, State
from yiwang.kernel.process.tokens import Token

MOST = 50
"""Signers of one step."""
NAMED = "{}.signers"
"""Under which the persons named at a step stand among the values; no expression can read it, it holds a dot."""


def name_signers(graph: Graph, node: str, named: Sequence[int]) -> dict[str, object]:
    """What is kept of the persons named at a step; whoever names nobody takes earlier names back.

    Raises SignersNotAsked at a step where none are named.
    """
    if named and node not in graph.naming:
        raise SignersNotAsked(field="signers")
    return {NAMED.format(node): list(dict.fromkeys(named))} if node in graph.naming else {}


def signers_of(state: State, board: Board, node: Node, joint: Joint) -> list[Assignment]:
    """Who signs a step that opens now, nobody twice.

    Those who did a step marked *separate* are left out when a rule finds the signers, and refused when they were
    named. Raises NoSigners, TooManySigners, SamePersonRefused.
    """
    stored = state.values.get(NAMED.format(joint.naming))
    named = [one for one in stored if isinstance(one, int)] if isinstance(stored, list) else []
    barred = _barred(state, node)
    found = _once(board.signers(node, named))
    if joint.signers is Signers.NAMED:
        _refuse_barred(node, [one.person for one in found if one.person in barred], board)
    fitting = [one for one in found if one.person is None or one.person not in barred]
    _require_some(node, joint, fitting)
    return fitting


def open_group(state: State, node: Node, signers: Sequence[Assignment], token: Token, due: datetime | None) -> Group:
    """Begin a joint sign at a node."""
    group: Group = {
        "number": state.turn + 1,
        "size": len(signers),
        "signed": [],
        "todo": [],
        "due": due.isoformat() if due else "",
        "token": token.arrival(),
        "is_over": False,
    }
    state.groups[node.id] = group
    return group


def _barred(state: State, node: Node) -> frozenset[int]:
    separate = node.task.separate if node.task else frozenset()
    return frozenset(person for other in separate for person in state.did(other))


def _once(found: Iterable[Assignment]) -> list[Assignment]:
    seen: set[int] = set()
    kept = []
    for one in found:
        if one.person is None or one.person not in seen:
            kept.append(one)
        seen |= {one.person} if one.person is not None else set()
    return kept


def _refuse_barred(node: Node, persons: Sequence[int | None], board: Board) -> None:
    names = "、".join(board.name(person) for person in persons if person is not None)
    if names:
        message = _("%(names)s 已经办过须由不同人办理的环节，不能会签“%(label)s”") % {
            "names": names,
            "label": node.label,
        }
        raise SamePersonRefused(message, remedy=_("请指定别的人会签"), field="signers")


def _require_some(node: Node, joint: Joint, signers: Sequence[Assignment]) -> None:
    if not signers:
        remedy = (
            _("请在指定会签人时至少选一人")
            if joint.signers is Signers.NAMED
            else _("请管理员在单位里设好会签的岗位和人员")
        )
        raise NoSigners(_("“%(label)s”没有人会签") % {"label": node.label}, remedy=remedy, field="signers")
    if len(signers) > MOST:
        words = {"label": node.label, "count": len(signers), "most": MOST}
        raise TooManySigners(
            _("“%(label)s”有 %(count)s 人会签，最多 %(most)s 人") % words,
            remedy=_("请减少会签的人或岗位"),
            field="signers",
        )
