import io
import os

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from pytest_django import Settings

from yiwang.kernel.files.refusals import StoredFileDamaged
from yiwang.kernel.files.vault import CHUNK, KEY_BYTES, TAG, ChunkWriter, PlainReader, plain_size, sealed_size

KEY = bytes(range(KEY_BYTES))
HEADER = 24


def sealed(data: bytes, key: bytes = KEY, piece: int = 100_000) -> bytes:
    target = io.BytesIO()
    writer = ChunkWriter(target, key)
    for start in range(0, len(data), piece):
        writer.write(data[start : start + piece])
    assert writer.finish() == len(data)
    return target.getvalue()


def opened(box: bytes, size: int, key: bytes = KEY) -> bytes:
    with PlainReader(io.BytesIO(box), key, size) as reader:
        return reader.read()


def body(box: bytes) -> list[bytes]:
    step = CHUNK + TAG
    return [box[start : start + step] for start in range(HEADER, len(box), step)]


@pytest.fixture(params=["international", "national"], autouse=True)
def suite(request: pytest.FixtureRequest, settings: Settings) -> str:
    """Every promise holds in either suite."""
    settings.CRYPTO_SUITE = name = str(request.param)
    return name


def test_what_one_suite_sealed_opens_under_the_other(suite: str, settings: Settings) -> None:
    data = os.urandom(CHUNK + 77)
    box = sealed(data)
    assert box[4] == {"international": 1, "national": 2}[suite]
    settings.CRYPTO_SUITE = "national" if suite == "international" else "international"
    assert opened(box, len(data)) == data
    for cipher in (0, 3 - box[4], 3, 255):
        with pytest.raises(StoredFileDamaged):
            opened(box[:4] + bytes([cipher]) + box[5:], len(data))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 77])
def test_what_was_sealed_opens_again(size: int) -> None:
    data = os.urandom(size)
    box = sealed(data)
    assert len(box) == sealed_size(size)
    assert plain_size(len(box)) == size
    assert opened(box, size) == data
    assert size < 32 or data[:32] not in box


def test_same_content_is_never_sealed_alike() -> None:
    assert sealed(b"x" * 100) != sealed(b"x" * 100)


@bounds(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2 * CHUNK + 500), st.integers(0, 3000), st.integers(0, 2))
def test_any_part_reads_as_the_whole_does(start: int, length: int, whence: int) -> None:
    data = bytes(range(256)) * ((2 * CHUNK + 512) // 256)
    with PlainReader(io.BytesIO(sealed(data, piece=CHUNK)), KEY, len(data)) as reader:
        place = reader.seek(
            start if whence == os.SEEK_SET else start - len(data) if whence == os.SEEK_END else start, whence
        )
        assert reader.read(length) == data[place : place + length]


@pytest.mark.parametrize(
    "place", [0, 4, 8, 23, HEADER, HEADER + 5, HEADER + CHUNK + TAG - 1, HEADER + CHUNK + TAG + 3, -1]
)
def test_one_changed_byte_is_found(place: int) -> None:
    data = os.urandom(CHUNK + 1000)
    box = bytearray(sealed(data))
    box[place] ^= 1
    with pytest.raises(StoredFileDamaged):
        opened(bytes(box), len(data))


def test_chunks_cannot_be_moved_left_out_or_repeated() -> None:
    data = os.urandom(3 * CHUNK)
    box = sealed(data)
    first, second, third = body(box)
    for chunks in (
        [second, first, third],
        [first, third],
        [first, first, third],
        [first, second],
        [first, second, third, third],
    ):
        forged = box[:HEADER] + b"".join(chunks)
        size = len(chunks) * CHUNK
        with pytest.raises(StoredFileDamaged):
            opened(forged, size)
        with pytest.raises(StoredFileDamaged):
            opened(forged, len(data))


def test_a_cut_at_a_chunk_border_is_found_even_when_the_length_was_changed_with_it() -> None:
    box = sealed(os.urandom(2 * CHUNK))
    with pytest.raises(StoredFileDamaged):
        opened(box[: HEADER + CHUNK + TAG], CHUNK)


def test_chunks_of_another_file_under_the_same_key_do_not_fit() -> None:
    one, other = os.urandom(2 * CHUNK), os.urandom(2 * CHUNK)
    mixed = sealed(one)[: HEADER + CHUNK + TAG] + body(sealed(other))[1]
    with pytest.raises(StoredFileDamaged):
        opened(mixed, 2 * CHUNK)


def test_another_key_does_not_open() -> None:
    with pytest.raises(StoredFileDamaged):
        opened(sealed(b"abc"), 3, bytes(KEY_BYTES))


@pytest.mark.parametrize("size", [0, 10, HEADER, HEADER + TAG - 1, HEADER + CHUNK + 2 * TAG])
def test_impossible_lengths_are_named(size: int) -> None:
    with pytest.raises(StoredFileDamaged):
        plain_size(size)
