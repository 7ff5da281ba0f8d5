from dataclasses import replace
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from yiwang.kernel.access.principals import of_party
from yiwang.kernel.access.services import grant
from yiwang.kernel.base.moments import now
from yiwang.kernel.base.refusals import NotFound
from yiwang.kernel.files.limits import Limits
from yiwang.kernel.files.models import Attachment, Blob
from yiwang.kernel.files.services import open_stream
from yiwang.kernel.files.staging import stage, staging_folder
from yiwang.kernel.ledger.models import Entry, Subject
from yiwang.kernel.ledger.services import create_subject
from yiwang.kernel.org.actors import ANONYMOUS, SYSTEM, Actor
from yiwang.kernel.outputs.actions import keep_document
from yiwang.kernel.outputs.definition import OutputSpec
from yiwang.kernel.outputs.models import Document
from yiwang.kernel.outputs.queries import Likeness, documents_of, matches, matches_bytes
from yiwang.kernel.outputs.services import Marks, Rendered, render
from yiwang.kernel.outputs.tests.conftest import NUMBER, Facts

pytestmark = pytest.mark.django_db(transaction=True)
HOLDER = Actor(account=9, name="王玥珺", party=3)


@pytest.fixture
def subject() -> Subject:
    with transaction.atomic():
        made = create_subject("register:probe", unit=5)
        grant(made, [of_party(3)], state=0, at=now())
    return made


@pytest.fixture
def rendered(outputs: dict[str, OutputSpec], facts: Facts, marks: Marks) -> Rendered:
    return render(outputs["certificate"], facts, marks)


def kept(subject: Subject, rendered: Rendered) -> Document:
    staged = stage([rendered.pdf], Limits())
    return keep_document(actor=SYSTEM, subject=subject.pk, rendered=rendered, staged=staged, slot="certificate")


def test_a_document_is_kept_with_its_digests_and_recorded(subject: Subject, rendered: Rendered) -> None:
    document = kept(subject, rendered)
    assert (document.version, document.number, document.pages) == (1, NUMBER, 1)
    assert (document.sha256, document.sm3) == (rendered.sha256, rendered.sm3)
    assert document.attachment.name == f"林木采伐许可证{NUMBER}.pdf"
    with open_stream(document.attachment.blob) as stream:
        assert stream.read() == rendered.pdf
    (entry,) = Entry.objects.filter(subject=subject)
    assert entry.verb == "output.made"
    assert entry.facts["sm3"] == rendered.sm3


def test_made_twice_is_made_once(subject: Subject, rendered: Rendered) -> None:
    first, again = kept(subject, rendered), kept(subject, rendered)
    assert first.pk == again.pk
    assert (Document.objects.count(), Attachment.objects.count(), Blob.objects.count()) == (1, 1, 1)
    assert Entry.objects.filter(subject=subject).count() == 1
    assert not list(staging_folder().glob("*"))


def test_other_data_are_another_version_and_the_first_is_then_replaced(
    subject: Subject, rendered: Rendered, outputs: dict[str, OutputSpec], facts: Facts, marks: Marks
) -> None:
    first = kept(subject, rendered)
    newer = render(outputs["certificate"], facts, replace(marks, code="ANOTHERCODE2"))
    second = kept(subject, newer)
    assert (first.version, second.version) == (1, 2)
    compare = partial(matches_bytes, subject=subject.pk, key="certificate")
    assert compare(newer.pdf).likeness is Likeness.CURRENT
    assert compare(rendered.pdf).likeness is Likeness.REPLACED
    assert matches(rendered.sha256.upper(), subject=subject.pk, key="certificate").document == first
    assert compare(rendered.pdf + b" ").likeness is Likeness.UNKNOWN
    assert matches(newer.sha256, subject=subject.pk + 1, key="certificate").likeness is Likeness.UNKNOWN
    assert [row.pk for row in documents_of(HOLDER, subject.pk)] == [second.pk, first.pk]
    assert not documents_of(ANONYMOUS, subject.pk).exists()


def test_nothing_is_kept_for_a_subject_that_is_not_there(rendered: Rendered) -> None:
    with pytest.raises(NotFound):
        keep_document(
            actor=SYSTEM, subject=404, rendered=rendered, staged=stage([rendered.pdf], Limits()), slot="certificate"
        )
    assert (Document.objects.count(), Blob.objects.count()) == (0, 0)
    assert not list(staging_folder().glob("*"))


def test_a_version_exists_once(subject: Subject, rendered: Rendered) -> None:
    document = kept(subject, rendered)
    blob = document.attachment.blob
    other = Attachment.objects.create(owner=1, subject=subject, slot="x", name="x", blob=blob, by=1)
    with pytest.raises(IntegrityError):
        Document.objects.create(
            subject=subject, key="certificate", version=1, title="x", attachment=other, pages=1, sha256="", sm3=""
        )
