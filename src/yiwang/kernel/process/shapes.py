"""One element of the diagram as written: attributes, children and texts, with every unknown part reported."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _
from lxml import etree

from yiwang.kernel.base.refusals import Text
from yiwang.kernel.process.findings import Finding
from yiwang.kernel.process.graph import Limit, Variable

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
YW = "urn:yiwang:process:1"
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}\Z")
NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\Z")
LIMIT = re.compile(r"(?P<amount>[1-9][0-9]{0,3})(?P<unit>wd|d|h|min)\Z")
ISO = re.compile(r"P(?:(?P<d>[1-9][0-9]{0,3})D|T(?P<h>[1-9][0-9]{0,3})H|T(?P<min>[1-9][0-9]{0,3})M)\Z")
ATTRIBUTES = {
    "userTask": frozenset({"role", "unit", "form", "moves", "limit", "clock", "basis", "act"})
    | frozenset({"separate", "certified", "reread", "irreversible"})
    | frozenset({"signers", "complete", "ratio", "consult"}),
    "serviceTask": frozenset({"step", "reaction"}),
    "endEvent": frozenset({"result"}),
    "boundaryEvent": frozenset({"basis"}),
    "intermediateCatchEvent": frozenset({"basis"}),
}
LOOP = "multiInstanceLoopCharacteristics"
CHILDREN = {
    "userTask": frozenset({LOOP}),
    "endEvent": frozenset({"terminateEventDefinition"}),
    "boundaryEvent": frozenset({"timerEventDefinition"}),
    "intermediateCatchEvent": frozenset({"timerEventDefinition"}),
    "sequenceFlow": frozenset({"conditionExpression"}),
}
LOOPING = frozenset({"id", "isSequential"})
EVERYWHERE = frozenset({"incoming", "outgoing", "documentation", "extensionElements"})
VARIABLE_TYPES = frozenset({"text", "number", "boolean"})


@dataclass(frozen=True, slots=True)
class Shape:
    """An element of the process with what it says, not yet connected."""

    id: str
    tag: str
    name: str
    line: int
    plain: Mapping[str, str]
    extra: Mapping[str, str]
    parts: frozenset[str]
    parameters: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    """The condition of a flow or the duration of a timer."""
    loop: str = ""
    """`parallel` or `sequential` for a step that several people do."""


def read_shape(element: etree._Element, findings: list[Finding]) -> Shape:
    """Read one element; unknown attributes and children go to `findings`."""
    tag = etree.QName(element).localname
    parts = _parts(element, tag, findings)
    shape = Shape(
        id=element.get("id") or "",
        tag=tag,
        name=" ".join((element.get("name") or "").split())[:60],
        line=line_of(element),
        plain={key: value for key, value in _attributes(element) if not key.startswith("{")},
        extra=_extra(element, tag, findings),
        parts=parts,
        parameters=_parameters(element, findings),
        text=_text(element, findings),
        loop=_loop(element, findings),
    )
    if not IDENTIFIER.match(shape.id):
        findings.append(
            fault(shape, "bad-id", _("编号不合规"), _("编号用字母开头，只含字母、数字和下划线，最多 60 个"))
        )
    return shape


def line_of(element: etree._Element) -> int:
    """The line an element starts on; 0 when the parser does not know."""
    return int(getattr(element, "sourceline", None) or 0)


def fault(shape: Shape, code: str, message: Text, remedy: Text, warning: bool = False) -> Finding:
    """A finding at this element."""
    return Finding(code, shape.id or shape.tag, message, remedy, shape.line, warning)


def read_limit(text: str) -> tuple[int, str] | None:
    """`5wd`, `3d`, `4h`, `30min`, or ISO `P3D`, `PT4H`, `PT30M`; None for anything else."""
    bare = text.strip().strip("'\"")
    if match := LIMIT.match(bare):
        return int(match["amount"]), match["unit"]
    if match := ISO.match(bare):
        return next((int(match[unit]), unit) for unit in ("d", "h", "min") if match[unit])
    return None


def limit_of(shape: Shape, text: str, findings: list[Finding]) -> Limit | None:
    """The limit written in `text`, with clock and basis of the element."""
    read = read_limit(text)
    clock = shape.extra.get("clock", "")
    if read is None or clock not in ("", "promise"):
        findings.append(
            fault(
                shape,
                "bad-limit",
                _("时限写法不对"),
                _("写成 5wd（工作日）、3d（天）、4h（小时）或 30min（分钟）；clock 只能是 promise"),
            )
        )
        return None
    return Limit(*read, promise=clock == "promise", basis=shape.extra.get("basis", ""))


def read_variables(process: etree._Element, findings: list[Finding]) -> dict[str, Variable]:
    """Variables declared in the extension elements of the process."""
    found: dict[str, Variable] = {}
    for element in process.findall(f"{{{MODEL}}}extensionElements/{{{YW}}}variable"):
        name, kind = element.get("name") or "", element.get("type") or "text"
        if not IDENTIFIER.match(name) or kind not in VARIABLE_TYPES or name in found:
            place = Finding(
                "bad-variable", name, _("变量声明不对"), _("名称不能重复，类型只能是 text、number、boolean")
            )
            findings.append(place)
        found[name] = Variable(name, kind, element.get("label") or "")
    return found


def _attributes(element: etree._Element) -> list[tuple[str, str]]:
    return [(str(key), str(value)) for key, value in element.attrib.items()]


def _extra(element: etree._Element, tag: str, findings: list[Finding]) -> dict[str, str]:
    known = ATTRIBUTES.get(tag, frozenset())
    found: dict[str, str] = {}
    for key, value in _attributes(element):
        space, _brace, name = key.rpartition("}")
        if space == "{" + YW and name in known:
            found[name] = value.strip()
        elif space and not space.startswith("{http://www.w3.org/"):
            findings.append(_unknown(element, "unknown-attribute", name))
    return found


def _parts(element: etree._Element, tag: str, findings: list[Finding]) -> frozenset[str]:
    permitted = EVERYWHERE | CHILDREN.get(tag, frozenset())
    names = {str(etree.QName(child).localname) for child in element}
    findings.extend(_unknown(element, "unknown-element", name) for name in sorted(names - permitted))
    return frozenset(names)


def _parameters(element: etree._Element, findings: list[Finding]) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in element.iterfind(f"{{{MODEL}}}extensionElements/*"):
        name = child.get("name") or ""
        if child.tag != f"{{{YW}}}parameter" or not IDENTIFIER.match(name) or name in found:
            findings.append(_unknown(element, "unknown-element", str(etree.QName(child).localname)))
        found[name] = (child.get("value") or "").strip()
    return found


def _text(element: etree._Element, findings: list[Finding]) -> str:
    condition = element.find(f"{{{MODEL}}}conditionExpression")
    if condition is not None:
        return (condition.text or "").strip()
    timer = element.find(f"{{{MODEL}}}timerEventDefinition")
    if timer is None:
        return ""
    others = [child for child in timer if child.tag != f"{{{MODEL}}}timeDuration"]
    findings.extend(_unknown(element, "unknown-element", str(etree.QName(child).localname)) for child in others)
    return (timer.findtext(f"{{{MODEL}}}timeDuration") or "").strip()


def _loop(element: etree._Element, findings: list[Finding]) -> str:
    loop = element.find(f"{{{MODEL}}}{LOOP}")
    if loop is None:
        return ""
    strange = [str(etree.QName(child).localname) for child in loop] + [key for key in loop.attrib if key not in LOOPING]
    findings.extend(_unknown(element, "unknown-element", str(name)) for name in strange)
    return "sequential" if loop.get("isSequential") == "true" else "parallel"


def _unknown(element: etree._Element, code: str, name: str) -> Finding:
    remedy = _("去掉它；能用的写法见流程说明")
    message = _("不认识的写法 %(name)s") % {"name": name}
    return Finding(code, element.get("id") or str(etree.QName(element).localname), message, remedy, line_of(element))
