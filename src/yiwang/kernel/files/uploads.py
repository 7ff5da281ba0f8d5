"""Django's door for uploaded files: every file goes sealed into staging while it is read, within the limits.

Named in the setting `FILE_UPLOAD_HANDLERS`, so that no surface can forget it. A refused file does not break the form:
the view finds it in `request.FILES` with its refusal and shows that at the field.
"""

import io
from collections.abc import Callable
from typing import IO

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.files.inspection import Arrival, accept
from yiwang.kernel.files.limits import Limits, default_limits
from yiwang.kernel.files.names import clean_name
from yiwang.kernel.files.refusals import DamagedFile
from yiwang.kernel.files.staging import Intake, Staged


class SealedUpload(UploadedFile):
    """A file that arrived: `arrival()` gives it for an action or raises the refusal it met.

    What no action took is thrown away when the request ends.
    """

    def __init__(self, name: str, field: str, size: int, staged: Staged | None, refusal: Refusal | None) -> None:
        super().__init__(None, name, None, size)
        self.field_name = field
        self._staged = staged
        self._refusal = refusal

    def arrival(self, limits: Limits | None = None) -> Arrival:
        """The file, checked against `limits` (those of the material it is for). Raises the refusal it met."""
        if self._refusal is not None or self._staged is None:
            raise self._refusal or DamagedFile()
        return accept(self._staged, str(self.name), limits or default_limits())

    def plain(self) -> IO[bytes]:
        """The plain bytes of a file that is looked at and not kept (hash compare). Raises the refusal it met."""
        if self._refusal is not None or self._staged is None:
            raise self._refusal or DamagedFile()
        return io.BufferedReader(self._staged.open())

    @property
    def sha256(self) -> str:
        """Digest of the plain bytes; empty when the file was refused."""
        return self._staged.sha256 if self._staged else ""

    def close(self) -> None:
        """Throw the bytes away unless an action took them."""
        if self._staged is not None:
            self._staged.discard()


class BoundedUpload(FileUploadHandler):
    """Seals each file as it comes; after the first refusal the rest of that file is read past and forgotten."""

    def new_file(self, *args: object, **kwargs: object) -> None:
        """A new part of the form begins."""
        super().new_file(*args, **kwargs)  # type: ignore[arg-type]
        self._refusal: Refusal | None = None
        self._intake: Intake | None = None
        self._size = 0
        self._guarded(self._begin)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take the next bytes; hands nothing on to other handlers."""
        self._size += len(raw_data)
        if self._refusal is None and self._intake is not None:
            intake = self._intake
            self._guarded(lambda: intake.write(raw_data))

    def file_complete(self, file_size: int) -> SealedUpload:
        """The file ended."""
        staged = self._finished() if self._refusal is None else None
        name = clean_name(str(self.file_name or ""))
        return SealedUpload(name, str(self.field_name), self._size, staged, self._refusal)

    def upload_interrupted(self) -> None:
        """The client went away."""
        if self._intake is not None:
            self._intake.abort()

    def _begin(self) -> None:
        self._intake = Intake(default_limits().largest)

    def _finished(self) -> Staged | None:
        try:
            return self._intake.finish() if self._intake else None
        except Refusal as refusal:
            self._refusal = refusal
            return None

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Refusal as refusal:
            self._refusal = refusal
