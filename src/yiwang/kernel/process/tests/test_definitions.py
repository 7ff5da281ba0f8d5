"""Drafting and publishing, and that only what was published is executed."""

import pytest

from yiwang.kernel.process import services
from yiwang.kernel.process.definitions import draft_definition, graph_of, publish_definition
from yiwang.kernel.process.models import Definition
from yiwang.kernel.process.refusals import (
    DiagramRefused,
    NotPublished,
    SecondPersonNeeded,
)
from yiwang.kernel.process.tests.boards import TestBoard
from yiwang.kernel.process.tests.diagrams import Drawing
from yiwang.kernel.process.tests.permits import permit, started

pytestmark = pytest.mark.django_db


def test_drafts_are_published_by_a_second_person_and_only_once() -> None:
    draft = draft_definition(key="k", xml=permit().xml(), drafted_by=5)
    with pytest.raises(NotPublished):
        services.start(subject_id=1, definition_id=draft.pk, board=TestBoard())
    with pytest.raises(SecondPersonNeeded):
        publish_definition(definition_id=draft.pk, published_by=5)
    publish_definition(definition_id=draft.pk, published_by=6)
    with pytest.raises(NotPublished):
        publish_definition(definition_id=draft.pk, published_by=6)
    assert draft_definition(key="k", xml=permit().xml(), drafted_by=5).version == 2


def test_a_faulty_draft_is_not_published() -> None:
    drawing = Drawing()
    drawing.chain(drawing.plain("start", "start"), drawing.step("tests.issue", "s"), drawing.plain("end", "end"))
    draft = draft_definition(key="k", xml=drawing.xml(), drafted_by=5)
    with pytest.raises(DiagramRefused) as told:
        publish_definition(definition_id=draft.pk, published_by=6)
    assert "unsigned-issue" in str(told.value.facts)
    assert Definition.objects.get(pk=draft.pk).status == Definition.Status.DRAFT


def test_a_definition_changed_in_the_database_is_not_executed() -> None:
    run = started()
    changed = permit().xml().replace("tests.book", "tests.burn")
    Definition.objects.filter(pk=run.definition.pk).update(xml=changed, sha256="0" * 64)
    with pytest.raises(DiagramRefused):
        graph_of(run.definition.pk, "0" * 64)
