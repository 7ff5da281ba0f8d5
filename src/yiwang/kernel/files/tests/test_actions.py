from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from yiwang.kernel.base.refusals import InvalidInput, NotFound, NotPermitted, Refusal
from yiwang.kernel.files.actions import add_to_draft, add_to_subject, judge_blob, remove_from_draft, remove_from_subject
from yiwang.kernel.files.limits import Limits
from yiwang.kernel.files.models import Attachment, Blob
from yiwang.kernel.files.queries import of_draft, of_subject, readable_by
from yiwang.kernel.files.refusals import FileTooLarge, FileWithheld, StoredFileDamaged, TooManyFiles
from yiwang.kernel.files.scanning import Verdict
from yiwang.kernel.files.served import Span, serve
from yiwang.kernel.files.services import bind, open_stream, path_of, store
from yiwang.kernel.files.staging import staging_folder
from yiwang.kernel.files.tests.conftest import OWNER, READER, STRANGER
from yiwang.kernel.files.tests.samples import arrival, pdf, staged
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.ledger.models import Entry, Subject
from yiwang.kernel.org.actors import ANONYMOUS, SYSTEM, Actor

pytestmark = pytest.mark.django_db(transaction=True)


def put(actor: Actor = OWNER, data: bytes = b"", name: str = "a.pdf", **more: object) -> Attachment:
    fields: dict[str, object] = {"draft": "d1", "slot": "right_paper", "unit": 5, "limits": Limits()} | more
    return add_to_draft(actor=actor, arrival=arrival(data or pdf(), name), **fields)  # type: ignore[arg-type]


def on_disk(store: Path) -> list[Path]:
    return [path for path in store.rglob("*") if path.is_file()]


def refused(kind: type[Refusal], act: Callable[[], object], store: Path) -> None:
    """The act is refused, and neither tables nor disk know of it."""
    before = (Attachment.objects.count(), Blob.objects.count(), Entry.objects.count(), on_disk(store))
    with pytest.raises(kind):
        act()
    assert (Attachment.objects.count(), Blob.objects.count(), Entry.objects.count(), on_disk(store)) == before


def test_a_draft_is_its_owners_alone(store: Path) -> None:
    first, second = put(), put(data=pdf(2), name="b.pdf")
    assert [file.name for file in of_draft(OWNER, "d1")] == ["a.pdf", "b.pdf"]
    assert (first.position, second.position) == (0, 1)
    assert readable_by(OWNER, first.pk).pk == first.pk
    for other in (READER, ANONYMOUS):
        assert not of_draft(other, "d1").exists()
        with pytest.raises(NotFound):
            readable_by(other, first.pk)
        refused(NotFound, partial(remove_from_draft, actor=other, attachment=first.pk), store)
    refused(NotPermitted, lambda: put(ANONYMOUS), store)


def test_the_bytes_are_sealed_on_disk_and_come_back(store: Path) -> None:
    data = pdf()
    file = put(data=data)
    (path,) = on_disk(store)
    assert path == path_of(file.blob)
    assert data[:64] not in path.read_bytes()
    with open_stream(file.blob) as stream:
        assert stream.read() == data
    assert b"".join(serve(file).pieces(Span(5, 25))) == data[5:25]


def test_content_is_kept_once_per_unit_and_never_shared_across_units(store: Path) -> None:
    data = pdf()
    one, two, other = put(data=data), put(data=data, name="again.pdf"), put(data=data, unit=6)
    assert one.blob_id == two.blob_id
    assert one.blob_id != other.blob_id
    assert one.blob.sha256 == other.blob.sha256
    assert len(on_disk(store)) == 2
    assert not list(staging_folder().glob("*"))


def test_a_lost_file_is_mended_by_the_next_upload(store: Path) -> None:
    data = pdf()
    file = put(data=data)
    path_of(file.blob).write_bytes(b"cut")
    with pytest.raises(StoredFileDamaged):
        open_stream(file.blob)
    again = put(data=data)
    with open_stream(again.blob) as stream:
        assert stream.read() == data


def test_a_blob_moved_to_another_row_does_not_open() -> None:
    file = put()
    Blob.objects.filter(pk=file.blob_id).update(unit=6)
    with pytest.raises(StoredFileDamaged):
        open_stream(Blob.objects.get(pk=file.blob_id))


def test_limits_of_a_draft(store: Path) -> None:
    data = pdf()
    put(data=data)
    refused(TooManyFiles, lambda: put(data=pdf(2), limits=Limits(count=1)), store)
    refused(FileTooLarge, lambda: put(data=pdf(2), limits=Limits(total_bytes=len(data) + 100)), store)
    assert put(data=pdf(2), draft="d2", limits=Limits(count=1)).draft == "d2"


def test_removing_twice_is_removing_once() -> None:
    file = put()
    remove_from_draft(actor=OWNER, attachment=file.pk)
    first = Attachment.objects.get(pk=file.pk).removed
    remove_from_draft(actor=OWNER, attachment=file.pk)
    assert Attachment.objects.get(pk=file.pk).removed == first
    assert not of_draft(OWNER, "d1").exists()
    with pytest.raises(NotFound):
        readable_by(OWNER, file.pk)


def test_binding_hands_the_draft_over(subject: Subject) -> None:
    kept, gone, elsewhere = put(), put(data=pdf(2)), put(data=pdf(3), draft="d2")
    remove_from_draft(actor=OWNER, attachment=gone.pk)
    with transaction.atomic():
        assert bind(owner=OWNER.account, draft="d1", subject=subject) == 1
        bound = list(Attachment.objects.filter(subject=subject).order_by("slot", "position", "pk"))
    assert [file.pk for file in bound] == [kept.pk]
    assert [file.pk for file in of_subject(READER, subject.pk)] == [kept.pk]
    assert not of_draft(OWNER, "d1").exists()
    assert [file.pk for file in of_draft(OWNER, "d2")] == [elsewhere.pk]
    assert readable_by(READER, kept.pk).subject_id == subject.pk
    with pytest.raises(NotFound):
        readable_by(STRANGER, kept.pk)
    with transaction.atomic():
        assert bind(owner=OWNER.account, draft="d1", subject=subject) == 0


def test_a_subject_takes_files_from_those_who_may(subject: Subject, store: Path) -> None:
    file = add_to_subject(actor=OWNER, arrival=arrival(pdf(), "a.pdf"), subject=subject.pk, slot="site")
    (entry,) = Entry.objects.filter(subject=subject)
    assert entry.verb == "file.attached"
    assert entry.facts == {"file": file.pk, "slot": "site", "sha256": file.blob.sha256}
    assert file.blob.unit == subject.unit
    data = pdf(2)

    def add(actor: Actor) -> None:
        add_to_subject(actor=actor, arrival=arrival(data, "b.pdf"), subject=subject.pk, slot="site")

    for actor, kind in ((READER, NotPermitted), (STRANGER, NotFound), (ANONYMOUS, NotFound)):
        refused(kind, partial(add, actor), store)


def test_taking_a_file_back_needs_a_reason_that_stays(subject: Subject, store: Path) -> None:
    file = add_to_subject(actor=OWNER, arrival=arrival(pdf(), "a.pdf"), subject=subject.pk, slot="site")
    refused(InvalidInput, lambda: remove_from_subject(actor=OWNER, attachment=file.pk, reason="  "), store)
    refused(NotPermitted, lambda: remove_from_subject(actor=READER, attachment=file.pk, reason="x"), store)
    remove_from_subject(actor=OWNER, attachment=file.pk, reason="传错了")
    row = Attachment.objects.get(pk=file.pk)
    assert (row.removed_reason, row.removed_by, row.blob_id) == ("传错了", OWNER.account, file.blob_id)
    assert not of_subject(OWNER, subject.pk).exists()
    assert list(Entry.objects.values_list("verb", flat=True)) == ["file.attached", "file.detached"]
    refused(NotFound, lambda: remove_from_subject(actor=OWNER, attachment=file.pk, reason="x"), store)


class Never:
    """A scanner that is down."""

    def scan(self, stream: object) -> Verdict:
        raise OSError


def test_with_a_scanner_a_file_waits_for_its_verdict(settings: Settings) -> None:
    settings.FILES_SCANNER = f"{__name__}.Never"
    blob = put().blob
    assert blob.state == Blob.State.QUARANTINED
    assert Job.objects.filter(kind="files.scan", ref=blob.pk).count() == 1
    with pytest.raises(FileWithheld):
        open_stream(blob)
    judge_blob(actor=SYSTEM, blob=blob.pk, verdict=Verdict(is_clean=False, name="EICAR"))
    judge_blob(actor=SYSTEM, blob=blob.pk, verdict=Verdict(is_clean=True))
    blob.refresh_from_db()
    assert (blob.state, blob.verdict) == (Blob.State.INFECTED, "EICAR")


def test_a_failed_transaction_leaves_no_row() -> None:
    with transaction.atomic():
        store(staged(pdf()), unit=5, mime="application/pdf")
        transaction.set_rollback(True)
    assert not Blob.objects.exists()
