"""Joint sign 会签: how it is written on a step, and when it is decided. Plain values in and out."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.process.findings import Finding
from yiwang.kernel.process.graph import Joint, Rule, Signers
from yiwang.kernel.process.shapes import IDENTIFIER, Shape, fault

ACTS = frozenset({"check", "judge", "review", "approve", "sign", "inform", "handle"})
"""Acts that several people may do together; an application is received, corrected and handed over by one."""
WORDS = frozenset({"signers", "complete", "ratio"})
SHARE = re.compile(r"(?P<over>[1-9][0-9]?)/(?P<under>[1-9][0-9]?)\Z")


def read_joint(shape: Shape, findings: list[Finding]) -> Joint | None:
    """What a user task says of its signers; None for a step of one person. Faults go to `findings`."""
    said = shape.extra
    if not shape.loop:
        if WORDS & said.keys():
            findings.append(
                fault(shape, "bad-joint", _("写了会签规则，却没有设为会签"), _("给任务加上多实例标记，或去掉会签规则"))
            )
        return None
    who, _colon, naming = said.get("signers", Signers.HOLDERS).partition(":")
    rule, share = said.get("complete", Rule.ALL), _share(said.get("ratio", ""))
    findings += _faults(shape, rule, who, naming, share)
    return Joint(
        rule=Rule(rule) if rule in list(Rule) else Rule.ALL,
        signers=Signers(who) if who in list(Signers) else Signers.HOLDERS,
        sequential=shape.loop == "sequential",
        share=share or Fraction(1),
        naming=naming.strip(),
    )


def _share(text: str) -> Fraction | None:
    match = SHARE.match(text)
    found = Fraction(int(match["over"]), int(match["under"])) if match else None
    return found if found is not None and found <= 1 else None


def _faults(shape: Shape, rule: str, who: str, naming: str, share: Fraction | None) -> list[Finding]:
    said = shape.extra
    found = []
    if rule not in list(Rule) or (rule == Rule.RATIO) != (share is not None) or (said.get("ratio") and share is None):
        found.append(
            fault(
                shape,
                "bad-joint",
                _("会签的完成规则写法不对"),
                _("complete 写 all、one_veto 或 ratio；ratio 再写同意的比例，例如 2/3，不超过 1"),
            )
        )
    if who not in list(Signers) or (who == Signers.NAMED) != bool(IDENTIFIER.match(naming)):
        found.append(
            fault(
                shape,
                "bad-signers",
                _("会签人的写法不对"),
                _("signers 写 posts（各岗位）、holders（岗位上的每个人）或 named:环节编号（由那一步指定）"),
            )
        )
    return found + _unfit(shape, rule)


def _unfit(shape: Shape, rule: str) -> list[Finding]:
    said, found = shape.extra, []
    if said.get("act", "handle") not in ACTS or said.get("unit") == "applicant" or said.get("form"):
        found.append(
            fault(
                shape,
                "joint-act",
                _("这个环节不能会签"),
                _("收件、补正、送达、申请人办的和填表的环节由一个人办；会签放在审查、审批、签发等环节"),
            )
        )
    if rule != Rule.ALL and len([word for word in said.get("moves", "").split(",") if word.strip()]) < 2:
        found.append(
            fault(shape, "joint-moves", _("会签要写同意和不同意两种操作"), _("moves 第一个是同意，第二个是不同意"))
        )
    return found


def needed(joint: Joint, size: int) -> int:
    """How many agreements of `size` signers `RATIO` asks for, rounded up."""
    return ceil(joint.share * size)


def outcome(joint: Joint, moves: Mapping[str, str], size: int, votes: Sequence[str]) -> str:
    """The move a joint step ends with after these votes of `size` signers; empty while it is open."""
    yes, no = (*moves, *moves)[:2]
    agreed, left = votes.count(yes), size - len(votes)
    if joint.rule is Rule.VETO and no in votes:
        return no
    if joint.rule is Rule.RATIO:
        wanted = needed(joint, size)
        return yes if agreed >= wanted else no if agreed + left < wanted else ""
    if left:
        return ""
    is_agreed = agreed == size if joint.rule is Rule.ALL else agreed > 0
    return yes if is_agreed else no
