"""Reads BPMN 2.0 XML of the verified subset, without entities and network, into a `Graph`."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _
from lxml import etree

from yiwang.kernel.base.refusals import Text
from yiwang.kernel.process.assembly import Assembly
from yiwang.kernel.process.findings import Finding, refuse
from yiwang.kernel.process.graph import Graph
from yiwang.kernel.process.shapes import MODEL, Shape, line_of, read_shape

MAX_BYTES = 512 * 1024
MAX_NODES = 200
NODES = frozenset(
    {
        "startEvent",
        "endEvent",
        "userTask",
        "serviceTask",
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "intermediateCatchEvent",
        "boundaryEvent",
        "sequenceFlow",
    }
)
DRAWN_ONLY = frozenset({"documentation", "extensionElements", "textAnnotation", "association", "laneSet"})
AROUND = frozenset({"{http://www.omg.org/spec/BPMN/20100524/DI}BPMNDiagram", f"{{{MODEL}}}process"})
FORBIDDEN = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def parse_xml(xml: str) -> etree._Element:
    """The root element. Raises DiagramRefused for anything too large, with a document type, or not well-formed."""
    raw = xml.encode()
    if len(raw) > MAX_BYTES:
        _refuse("too-large", _("文件太大"), _("流程图文件不能超过 512 KB"))
    if FORBIDDEN.search(xml):
        _refuse("entities", _("文件里有文档类型或实体声明"), _("去掉 DOCTYPE 和 ENTITY，用设计器重新导出"))
    if "encoding=" in xml[:100] and not re.search(r"encoding=[\"']utf-8[\"']", xml[:100], re.IGNORECASE):
        _refuse("encoding", _("文件编码不是 UTF-8"), _("另存为 UTF-8"))
    return _parse(raw)


def _parse(raw: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        _refuse(
            "xml", _("文件不是正确的 XML：%(error)s") % {"error": error.msg}, _("用设计器重新导出"), error.lineno or 0
        )
        raise


def read_graph(xml: str) -> Graph:
    """Compile a diagram. Raises DiagramRefused listing every element that cannot be executed, by name and line."""
    process = _process_of(parse_xml(xml))
    findings: list[Finding] = []
    shapes = list(_shapes(process, findings))
    if len(shapes) > MAX_NODES * 2:
        _refuse(
            "too-many", _("图太大：%(count)s 个元素") % {"count": len(shapes)}, _("最多 200 个节点，请拆成几个流程")
        )
    assembly = Assembly(process, shapes, findings)
    graph = assembly.build()
    if len(graph.nodes) > MAX_NODES:
        _refuse(
            "too-many",
            _("图太大：%(count)s 个节点") % {"count": len(graph.nodes)},
            _("最多 200 个节点，请拆成几个流程"),
        )
    refuse(findings)
    return graph


def _process_of(root: etree._Element) -> etree._Element:
    if root.tag != f"{{{MODEL}}}definitions":
        _refuse("no-bpmn", _("这不是 BPMN 2.0 文件"), _("根元素应当是 bpmn:definitions"))
    for child in root:
        if child.tag not in AROUND:
            name = etree.QName(child).localname
            _refuse(
                "unknown-element",
                _("不支持 %(name)s") % {"name": name},
                _("去掉它，只画一个流程"),
                line_of(child),
                name,
            )
    found = root.findall(f"{{{MODEL}}}process")
    if len(found) != 1:
        _refuse(
            "no-process", _("要有且只有一个流程，现有 %(count)s 个") % {"count": len(found)}, _("一个文件只画一个流程")
        )
    return found[0]


def _shapes(process: etree._Element, findings: list[Finding]) -> Iterator[Shape]:
    for element in process:
        name = etree.QName(element).localname
        if etree.QName(element).namespace == MODEL and name in NODES:
            yield read_shape(element, findings)
        elif name not in DRAWN_ONLY:
            findings.append(
                Finding(
                    "unknown-element",
                    element.get("id") or name,
                    _("不能执行的元素 %(name)s") % {"name": name},
                    _("只能用人工任务、服务任务、排他网关、并行网关、包容网关、定时事件、开始和结束"),
                    line_of(element),
                )
            )


def _refuse(code: str, message: Text, remedy: Text, line: int = 0, node: str = "") -> None:
    refuse([Finding(code, node, message, remedy, line)])
