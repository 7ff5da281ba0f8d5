from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import Settings

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.files.limits import MIB, Limits
from yiwang.kernel.files.refusals import EmptyFile, FileTooLarge, StorageFull, TypeNotAllowed, WrongContent
from yiwang.kernel.files.staging import staging_folder
from yiwang.kernel.files.tests.samples import PHP, pdf
from yiwang.kernel.files.uploads import SealedUpload


@pytest.fixture(autouse=True)
def door(settings: Settings) -> None:
    settings.FILE_UPLOAD_HANDLERS = ["yiwang.kernel.files.uploads.BoundedUpload"]


def posted(**files: tuple[str, bytes]) -> HttpRequest:
    parts = {field: SimpleUploadedFile(name, data) for field, (name, data) in files.items()}
    request = RequestFactory().post("/", {"words": "填到一半", **parts})
    assert request.POST["words"] == "填到一半"
    return request


def upload(request: HttpRequest, field: str = "file") -> SealedUpload:
    found = request.FILES[field]
    assert isinstance(found, SealedUpload)
    return found


def left() -> list[Path]:
    return list(staging_folder().glob("*"))


def test_a_file_arrives_sealed_and_goes_when_nobody_takes_it() -> None:
    data = pdf()
    request = posted(file=("../林权证.pdf", data))
    taken = upload(request).arrival()
    assert (taken.name, taken.mime, taken.staged.size) == ("林权证.pdf", "application/pdf", len(data))
    assert len(left()) == 1
    assert data[:40] not in left()[0].read_bytes()
    request.close()
    assert not left()


@pytest.mark.parametrize(
    ("name", "data", "refusal"),
    [("a.pdf", b"", EmptyFile), ("a.jpg", PHP, WrongContent), ("a.exe", b"MZ", TypeNotAllowed)],
)
def test_a_refused_file_does_not_break_the_form(name: str, data: bytes, refusal: type[Refusal]) -> None:
    request = posted(file=(name, data), good=("b.pdf", pdf()))
    with pytest.raises(refusal):
        upload(request).arrival()
    assert upload(request, "good").arrival().mime == "application/pdf"
    request.close()
    assert not left()


def test_a_file_that_is_too_large_is_read_past_and_never_kept(settings: Settings) -> None:
    settings.FILES_LIMITS = {"file_bytes": MIB, "image_bytes": MIB}
    request = posted(file=("big.pdf", bytes(5 * MIB)), good=("b.pdf", pdf()))
    assert len(left()) == 1
    with pytest.raises(FileTooLarge):
        upload(request).arrival()
    assert upload(request).size == 5 * MIB
    assert upload(request, "good").arrival().name == "b.pdf"
    request.close()


def test_the_limits_of_the_material_count() -> None:
    request = posted(file=("a.pdf", pdf()))
    with pytest.raises(FileTooLarge):
        upload(request).arrival(Limits(file_bytes=10))
    assert not left()


def test_no_room_is_said_at_the_field(settings: Settings) -> None:
    settings.FILES_RESERVE = 1 << 60
    request = posted(file=("a.pdf", pdf()))
    with pytest.raises(StorageFull):
        upload(request).arrival()
    assert not left()


def test_a_file_may_be_looked_at_without_being_kept() -> None:
    data = pdf()
    request = posted(file=("a.pdf", data))
    with upload(request).plain() as stream:
        assert stream.read() == data
    assert len(upload(request).sha256) == 64
    request.close()
    assert not left()
