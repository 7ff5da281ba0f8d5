import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from yiwang.kernel.base.moments import as_of, now
from yiwang.kernel.files.actions import add_to_draft, remove_from_draft
from yiwang.kernel.files.limits import Limits
from yiwang.kernel.files.models import Attachment, Blob
from yiwang.kernel.files.previews import preview
from yiwang.kernel.files.services import bind, open_stream, store
from yiwang.kernel.files.sweeping import sweep
from yiwang.kernel.files.tests.conftest import OWNER
from yiwang.kernel.files.tests.samples import arrival, pdf, staged
from yiwang.kernel.ledger.models import Subject

pytestmark = pytest.mark.django_db(transaction=True)


def put(data: bytes, draft: str = "d1") -> Attachment:
    return add_to_draft(actor=OWNER, arrival=arrival(data, "a.pdf"), draft=draft, slot="x", unit=5, limits=Limits())


def on_disk(store: Path) -> int:
    return sum(path.is_file() for path in store.rglob("*"))


def age(store: Path, days: float) -> None:
    moment = (now() - timedelta(days=days)).timestamp()
    for path in store.rglob("*"):
        if path.is_file():
            os.utime(path, (moment, moment))


def test_staged_leftovers_go_after_a_day(store: Path) -> None:
    staged(b"x")
    assert sweep() == 0
    age(store, 2)
    assert sweep() == 1
    assert on_disk(store) == 0


def test_a_file_without_a_row_goes_and_others_stay(store: Path) -> None:
    kept = put(pdf())
    with transaction.atomic():
        store_step(pdf(2))
        transaction.set_rollback(True)
    age(store, 2)
    assert on_disk(store) == 2
    assert sweep() == 1
    with open_stream(kept.blob) as stream:
        assert stream.read() == pdf()


def store_step(data: bytes) -> Blob:
    return store(staged(data), unit=5, mime="application/pdf")


def test_removed_files_go_with_their_previews_after_a_week(store: Path) -> None:
    file = put(pdf())
    preview(file.blob, width=240)
    assert on_disk(store) == 2
    remove_from_draft(actor=OWNER, attachment=file.pk)
    with as_of(now() + timedelta(days=6)):
        sweep()
    assert Attachment.objects.count() == 1
    with as_of(now() + timedelta(days=8)):
        sweep()
    assert (Attachment.objects.count(), Blob.objects.count(), on_disk(store)) == (0, 0, 0)


def test_drafts_left_lying_go_after_half_a_year_and_bound_files_never(store: Path, subject: Subject) -> None:
    put(pdf(), "bound")
    put(pdf(2), "left")
    with transaction.atomic():
        bind(owner=OWNER.account, draft="bound", subject=subject)
        file = Attachment.objects.get(subject=subject)
    age(store, 200)
    with as_of(now() + timedelta(days=181)):
        sweep()
    assert [row.pk for row in Attachment.objects.all()] == [file.pk]
    assert on_disk(store) == 1


def test_bytes_used_again_meanwhile_stay(store: Path) -> None:
    file = put(pdf())
    Attachment.objects.all().delete()
    with as_of(now() + timedelta(days=3)):
        store_step(pdf())
        sweep()
    assert Blob.objects.get().pk == file.blob_id
    assert on_disk(store) == 1
