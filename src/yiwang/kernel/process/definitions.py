"""Drafts, checks and publishes definitions, and keeps their compiled graphs in memory."""

from hashlib import sha256

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.moments import now
from yiwang.kernel.process.bpmn import read_graph
from yiwang.kernel.process.findings import Finding, refuse
from yiwang.kernel.process.graph import Graph
from yiwang.kernel.process.models import Definition
from yiwang.kernel.process.refusals import DiagramRefused, NotPublished, SecondPersonNeeded
from yiwang.kernel.process.verification import verify

MAX_GRAPHS = 512
_graphs: dict[str, Graph] = {}
_digests: dict[int, str] = {}


def digest_of(xml: str) -> str:
    """The hash by which a diagram is known."""
    return sha256(xml.encode()).hexdigest()


def check_diagram(xml: str) -> list[Finding]:
    """Every fault and warning of a diagram; never raises for a bad one."""
    try:
        graph = read_graph(xml)
    except DiagramRefused as refused:
        return _listed(refused)
    return verify(graph)


def compile_diagram(xml: str) -> Graph:
    """A diagram that may run. Raises DiagramRefused with every finding."""
    graph = read_graph(xml)
    refuse(verify(graph))
    return graph


def draft_definition(*, key: str, xml: str, drafted_by: int) -> Definition:
    """Store a diagram as the next version of `key`; it may still be wrong, publishing checks it.

    Raises DiagramRefused when it cannot even be read.
    """
    graph = read_graph(xml)
    last = Definition.objects.filter(key=key).aggregate(last=Max("version"))["last"] or 0
    return Definition.objects.create(
        key=key, version=last + 1, name=graph.name[:120], xml=xml, sha256=digest_of(xml), drafted_by=drafted_by
    )


def publish_definition(*, definition_id: int, published_by: int) -> Definition:
    """Make a draft executable and immutable; earlier versions stay for the cases pinned to them.

    Raises SecondPersonNeeded, DiagramRefused, NotPublished (it is no draft any more).
    """
    definition = Definition.objects.select_for_update().get(pk=definition_id)
    if definition.status != Definition.Status.DRAFT:
        raise NotPublished(_("这个版本已经发布"), remedy=_("修改请另存新版本"))
    if definition.drafted_by == published_by:
        raise SecondPersonNeeded(_("起草人不能发布自己画的流程"), remedy=_("请另一位有发布权限的人核对后发布"))
    compile_diagram(definition.xml)
    definition.status = Definition.Status.PUBLISHED
    definition.published_by, definition.published_at = published_by, now()
    definition.save(update_fields=["status", "published_by", "published_at"])
    return definition


def ensure_definition(*, key: str, xml: str, drafted_by: int, published_by: int) -> Definition:
    """The published version of `key` with exactly this diagram; drafted and published when there is none."""
    digest = digest_of(xml)
    known = Definition.objects.filter(key=key, sha256=digest, status=Definition.Status.PUBLISHED).first()
    if known is not None:
        return known
    draft = draft_definition(key=key, xml=xml, drafted_by=drafted_by)
    return publish_definition(definition_id=draft.pk, published_by=published_by)


def published_digest(definition_id: int) -> str:
    """The hash of a definition that may run; it never changes, so it is asked once per process. Raises NotPublished."""
    digest = _digests.get(definition_id)
    if digest is None:
        status, digest = Definition.objects.values_list("status", "sha256").get(pk=definition_id)
        if status == Definition.Status.DRAFT:
            raise NotPublished(_("流程还没有发布"), remedy=_("先请另一人核对并发布"))
        transaction.on_commit(lambda: _digests.setdefault(definition_id, digest))
    return digest


def forget() -> None:
    """Drop what is kept of the table; tests that empty it call this."""
    _digests.clear()


def graph_of(definition_id: int, digest: str) -> Graph:
    """The compiled graph of a published definition, read once per process.

    Raises DiagramRefused when the stored diagram no longer has the hash it was published with.
    """
    graph = _graphs.get(digest)
    if graph is None:
        xml = Definition.objects.values_list("xml", flat=True).get(pk=definition_id)
        if digest_of(xml) != digest:
            raise DiagramRefused(_("流程图与发布时不一致"), remedy=_("数据库被改动过，请运行完整性检查"))
        if len(_graphs) >= MAX_GRAPHS:
            _graphs.clear()
        graph = _graphs[digest] = read_graph(xml)
    return graph


def _listed(refused: DiagramRefused) -> list[Finding]:
    stored = refused.facts.get("findings")
    return [Finding(**found) for found in stored] if isinstance(stored, list) else []
