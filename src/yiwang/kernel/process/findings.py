"""What is wrong with a diagram, so that the designer finds the place and knows what to do."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import Text
from yiwang.kernel.process.refusals import DiagramRefused


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault 问题: stable code, the node to mark, its line, what is wrong, what to do."""

    code: str
    node: str
    message: Text
    remedy: Text
    line: int = 0
    warning: bool = False

    def plain(self) -> dict[str, object]:
        """As stored in the facts of a refusal."""
        return {
            "code": self.code,
            "node": self.node,
            "line": self.line,
            "message": str(self.message),
            "remedy": str(self.remedy),
            "warning": self.warning,
        }

    def __str__(self) -> str:
        place = _("第 %(line)s 行 %(node)s") % {"line": self.line, "node": self.node} if self.line else self.node
        return f"{place}：{self.message}" if place else str(self.message)


def refuse(findings: Iterable[Finding]) -> None:
    """Raise DiagramRefused when any finding is more than a warning."""
    listed = list(findings)
    faults = [finding for finding in listed if not finding.warning]
    if faults:
        first = faults[0]
        raise DiagramRefused(
            message=_("流程图不能发布，共 %(count)s 处问题。%(first)s") % {"count": len(faults), "first": first},
            remedy=first.remedy,
            field=first.node,
            facts={"findings": [finding.plain() for finding in listed]},
        )
