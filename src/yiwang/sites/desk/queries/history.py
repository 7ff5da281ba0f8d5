"""What happened to a case: opinions, papers to the applicant, the chain of the ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import Text
from yiwang.kernel.cases.models import Notice, Opinion
from yiwang.kernel.ledger.models import Entry, Subject
from yiwang.kernel.ledger.queries import entries_of
from yiwang.kernel.ledger.verification import verify_chain
from yiwang.kernel.org.models import Account
from yiwang.kernel.process.graph import Graph

RETURNED, WITHDRAWN, HANDED = "退回", "撤回", "转办"
HASH_SHOWN = 12
UNTOLD = frozenset({"move", "manner", "decided", "due", "type", "sha256", "digest"})
VERBS: Mapping[str, Text] = {
    "case.opened": _("提交申请"),
    "case.accepted": _("受理"),
    "case.step_decided": _("办理环节"),
    "case.step_returned": _("退回"),
    "case.item_transferred": _("转办"),
    "case.item_claimed": _("领办"),
    "case.opinion_asked": _("加签，征求意见"),
    "case.opinion_given": _("提出加签意见"),
    "case.question_taken_back": _("收回加签"),
    "case.step_withdrawn": _("撤回"),
    "case.item_handed_over": _("离岗移交"),
    "case.finding_judged": _("判断核验项"),
    "case.corrections_requested": _("一次性告知补正"),
    "case.supplemented": _("申请人补正"),
    "case.refused": _("不予受理"),
    "case.granted": _("准予许可"),
    "case.denied": _("不予许可"),
    "case.suspended": _("中止"),
    "case.resumed": _("恢复"),
    "case.extended": _("延长期限"),
    "case.withdrawn": _("申请人撤回"),
    "case.closed": _("办结"),
    "case.reexamined": _("重新审查受理"),
    "process.timer_fired": _("期限到，系统办理"),
    "process.reaction_finished": _("系统步骤完成"),
    "file.attached": _("添加文件"),
    "file.detached": _("移除文件"),
}


@dataclass(frozen=True, slots=True)
class OpinionLine:
    """What a person said at a step; set in Kai, so that a reader sees who speaks."""

    icon: str
    name: str
    post: str
    step: str
    label: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A paper to the applicant, with everything it says."""

    kind: str
    title: str
    name: str
    at: datetime
    items: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry of the chain in words."""

    seq: int
    verb: str
    title: Text
    who: str
    at: datetime
    facts: str
    hash: str
    is_milestone: bool


@dataclass(frozen=True, slots=True)
class Log:
    """The whole chain of a case and whether it is whole: `trouble` names the first break."""

    lines: tuple[LogLine, ...]
    trouble: str
    head: str


def opinions_of(subject: int) -> tuple[OpinionLine, ...]:
    """Every opinion, latest first."""
    rows = Opinion.objects.filter(subject=subject).order_by("-at", "-pk")
    return tuple(_opinion(row) for row in rows)


def _opinion(row: Opinion) -> OpinionLine:
    icon = "undo" if row.label in (RETURNED, WITHDRAWN) else "send" if row.label.startswith(HANDED) else "check"
    icon = "users" if row.move in ("ask", "opinion") else icon
    return OpinionLine(icon, row.name, row.post, row.step, row.label, row.text, row.at)


def notices_of(subject: int) -> tuple[NoticeLine, ...]:
    """Every paper, latest first."""
    return tuple(_notice(row) for row in Notice.objects.filter(subject=subject).order_by("-at", "-pk"))


def _notice(row: Notice) -> NoticeLine:
    body = row.body
    items = tuple(str(item) for item in body.get("items", ()))
    words = str(body.get("words") or body.get("reason") or "")
    return NoticeLine(row.kind, row.get_kind_display(), row.name, row.at, items, words)


def log_of(subject: Subject, graph: Graph) -> Log:
    """The ledger of one case, checked link by link; two queries."""
    entries = list(entries_of(subject.pk))
    finding = next(iter(verify_chain(subject, entries)), None)
    names = _names(entry.author for entry in entries)
    lines = tuple(_line(entry, names, graph) for entry in reversed(entries))
    return Log(lines, str(finding) if finding else "", bytes(subject.head).hex())


def _names(accounts: Iterable[int]) -> dict[int, str]:
    rows = Account.objects.filter(pk__in=set(accounts)).select_related("person", "party")
    return {row.pk: row.person.name if row.person else row.party.name if row.party else row.username for row in rows}


def _line(entry: Entry, names: Mapping[int, str], graph: Graph) -> LogLine:
    who = str(_("系统")) if entry.author == 0 else names.get(entry.author, "")
    title = VERBS.get(entry.verb, entry.verb)
    shown = bytes(entry.hash).hex()[:HASH_SHOWN]
    return LogLine(
        entry.seq, entry.verb, title, who, entry.at, _told(entry, graph), shown, entry.verb.startswith("case.")
    )


def _told(entry: Entry, graph: Graph) -> str:
    """The facts of an entry in words: steps left and entered by name, plain texts as they are."""
    facts = entry.facts
    left = [_moved(graph, move) for move in _pairs(facts.get("left"))]
    entered = [_label(graph, str(pair[1])) for pair in _pairs(facts.get("entered"))]
    texts = [str(value) for key, value in facts.items() if isinstance(value, str) and key not in UNTOLD and value]
    arrow = [f"→ {'、'.join(entered)}"] if entered else []
    return "　".join([*left, *arrow, *texts])


def _pairs(value: object) -> list[list[object]]:
    return [pair for pair in value if isinstance(pair, list) and len(pair) > 1] if isinstance(value, list) else []


def _moved(graph: Graph, move: list[object]) -> str:
    node, key = str(move[1]), str(move[2]) if len(move) > 2 else ""
    task = graph.nodes[node].task if node in graph.nodes else None
    label = task.moves.get(key, key) if task else key
    return f"{_label(graph, node)}：{label}" if label else _label(graph, node)


def _label(graph: Graph, node: str) -> str:
    return graph.nodes[node].label if node in graph.nodes else node
