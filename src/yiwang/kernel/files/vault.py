"""The sealed format of one file: a header that names the cipher, then chunks of 1 MiB, each sealed by it.

AES-256-GCM, or SM4-GCM on a node that works in national cryptography 国密; either opens on every node. Every stream has
a key of its own, derived from the file's data key and a random salt in the header. The nonce is the number of the chunk
and a flag on the last one; the last chunk is bound to the length of the whole. So chunks cannot be changed, swapped,
left out, repeated, cut off at the end, or taken from another file.
"""

import io
import os
import struct
from typing import TYPE_CHECKING, BinaryIO, Protocol

from cryptography.exceptions import InvalidTag

from yiwang.kernel.crypto.keyring import current_suite
from yiwang.kernel.crypto.suites import INTERNATIONAL, NATIONAL, Aead, Suite
from yiwang.kernel.files.refusals import StoredFileDamaged

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK = 1 << 20
TAG = 16
KEY_BYTES = 32
MAGIC = b"YWF1"
CIPHERS: dict[int, Suite] = {1: INTERNATIONAL, 2: NATIONAL}
NUMBERS = {suite.name: number for number, suite in CIPHERS.items()}
_PURPOSE = b"yiwang.files.stream"
_HEADER = struct.Struct(">4sB3x16s")
_NONCE = struct.Struct(">QB3x")


class Sink(Protocol):
    """Anything that takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`."""


def _cipher(suite: Suite, key: bytes, salt: bytes) -> Aead:
    return suite.cipher(suite.derive(key, _PURPOSE, suite.key_bytes, salt))


def _bound(header: bytes, total: int | None) -> bytes:
    return header if total is None else header + total.to_bytes(8, "big")


def chunks_of(size: int) -> int:
    """How many chunks `size` plain bytes take; an empty file takes one."""
    return max(1, -(-size // CHUNK))


def sealed_size(size: int) -> int:
    """Bytes on disk of `size` plain bytes."""
    return _HEADER.size + size + TAG * chunks_of(size)


def plain_size(sealed: int) -> int:
    """Plain bytes of a file of `sealed` bytes on disk. Raises StoredFileDamaged when no plain text has this length."""
    body = sealed - _HEADER.size
    size = body - TAG * max(1, -(-body // (CHUNK + TAG)))
    if size < 0 or sealed_size(size) != sealed:
        raise StoredFileDamaged()
    return size


class ChunkWriter:
    """Seals what is written and passes it on; `finish` must be called once, or the stream cannot be opened."""

    def __init__(self, target: Sink, key: bytes) -> None:
        suite = current_suite()
        self._target = target
        self._header = _HEADER.pack(MAGIC, NUMBERS[suite.name], os.urandom(16))
        self._cipher = _cipher(suite, key, self._header[-16:])
        self._rest = bytearray()
        self._number = 0
        self.total = 0
        target.write(self._header)

    def write(self, data: bytes) -> None:
        """Take plain bytes. The last full chunk is held back, since it may be the last one."""
        self.total += len(data)
        self._rest += data
        while len(self._rest) > CHUNK:
            self._seal(bytes(self._rest[:CHUNK]), None)
            del self._rest[:CHUNK]

    def finish(self) -> int:
        """Seal the last chunk; returns the length of the plain text."""
        self._seal(bytes(self._rest), self.total)
        self._rest.clear()
        return self.total

    def _seal(self, plain: bytes, total: int | None) -> None:
        nonce = _NONCE.pack(self._number, total is not None)
        self._target.write(self._cipher.encrypt(nonce, plain, _bound(self._header, total)))
        self._number += 1


class PlainReader(io.RawIOBase):
    """Reads the plain text of a sealed stream, from any place, holding one chunk at a time.

    Every method raises StoredFileDamaged when the stream is not exactly what was sealed.
    """

    def __init__(self, source: BinaryIO, key: bytes, size: int) -> None:
        super().__init__()
        self._source = source
        self.size = size
        self._at = 0
        self._held = (-1, b"")
        self._check_length()
        self._header = source.read(_HEADER.size)
        self._cipher = self._opener(key)

    def _check_length(self) -> None:
        if self._source.seek(0, os.SEEK_END) != sealed_size(self.size):
            raise StoredFileDamaged()
        self._source.seek(0)

    def _opener(self, key: bytes) -> Aead:
        magic, cipher, salt = _HEADER.unpack(self._header)
        if magic != MAGIC or cipher not in CIPHERS:
            raise StoredFileDamaged()
        return _cipher(CIPHERS[cipher], key, bytes(salt))

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always; only the chunks that are asked for are opened."""
        return True

    def tell(self) -> int:
        """Place in the plain text."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move; a place past the end reads as the end."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("seek before the start")
        self._at = base + offset
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` plain bytes, all of them unless the end comes first."""
        stop = self.size if size < 0 else min(self.size, self._at + size)
        parts = []
        while self._at < stop:
            number, offset = divmod(self._at, CHUNK)
            part = self._chunk(number)[offset : offset + stop - self._at]
            parts.append(part)
            self._at += len(part)
        return b"".join(parts)

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill a buffer."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the sealed file too."""
        self._source.close()
        super().close()

    def _chunk(self, number: int) -> bytes:
        if self._held[0] != number:
            self._held = (number, self._opened(number))
        return self._held[1]

    def _opened(self, number: int) -> bytes:
        is_last = number == chunks_of(self.size) - 1
        self._source.seek(_HEADER.size + number * (CHUNK + TAG))
        try:
            total = self.size if is_last else None
            sealed = self._source.read(CHUNK + TAG)
            return self._cipher.decrypt(_NONCE.pack(number, is_last), sealed, _bound(self._header, total))
        except (InvalidTag, ValueError, OSError) as error:
            raise StoredFileDamaged() from error
