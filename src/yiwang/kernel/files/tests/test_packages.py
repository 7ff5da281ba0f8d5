import io
import struct
import zipfile

import pytest

from yiwang.kernel.files.packages import PackageLimits, check_package, read_member
from yiwang.kernel.files.refusals import ArchiveBomb, DamagedFile, UnsafeArchive
from yiwang.kernel.files.tests.samples import package

KIB = 1024


def check(data: bytes, **limits: int) -> frozenset[str]:
    return check_package(io.BytesIO(data), len(data), PackageLimits(**limits))


def nested(levels: int) -> bytes:
    data = package((), {"a.txt": b"x"})
    for _level in range(levels):
        data = package((), {"inner.zip": data})
    return data


def test_an_ordinary_package_passes() -> None:
    assert check(package(["a/b.txt", "图.txt"], {"data.bin": bytes(range(256)) * 40})) == {
        "a/b.txt",
        "图.txt",
        "data.bin",
    }


def test_too_large_too_many_too_dense() -> None:
    dense = package((), {"zeros.bin": bytes(2_000_000)})
    for limits in ({"plain_bytes": 1_000_000}, {"ratio_from": KIB}, {"members": 0}):
        with pytest.raises(ArchiveBomb):
            check(dense, **limits)
    assert check(dense) == {"zeros.bin"}


def test_a_real_bomb_is_stopped_before_it_unfolds() -> None:
    with pytest.raises(ArchiveBomb):
        check(package((), {"zeros.bin": bytes(64 * KIB * KIB)}))


def test_layers() -> None:
    assert "inner.zip" in check(nested(2))
    with pytest.raises(ArchiveBomb):
        check(nested(3))
    with pytest.raises(ArchiveBomb):
        check(package((), {f"n{number}.zip": nested(0) for number in range(30)}))


def test_a_bomb_inside_a_package_is_found() -> None:
    inner = package((), {"zeros.bin": bytes(20_000_000)})
    with pytest.raises(ArchiveBomb):
        check(package(["word/document.xml"], {"sheet.xlsx": inner}), plain_bytes=10_000_000)


def test_overlapping_members_are_found() -> None:
    """Many directory entries may point at the same bytes: more packed bytes than the file has."""
    data = package((), {"a.bin": bytes(range(256)) * 2000}, stored=True)
    start = data.index(b"PK\x01\x02")
    entry, end = data[start : data.index(b"PK\x05\x06")], data[data.index(b"PK\x05\x06") :]
    count = 50
    tail = bytearray(end)
    struct.pack_into("<HHII", tail, 8, count, count, len(entry) * count, start)
    with pytest.raises(ArchiveBomb):
        check(data[:start] + entry * count + bytes(tail))


def test_a_lying_size_is_found() -> None:
    data = bytearray(package((), {"a.bin": bytes(range(256)) * 400}, stored=True))
    place = data.index(b"PK\x01\x02") + 24
    struct.pack_into("<I", data, place, 10)
    with pytest.raises(ArchiveBomb):
        check(bytes(data))


def test_members_are_read_under_a_limit() -> None:
    with zipfile.ZipFile(io.BytesIO(package((), {"a.bin": bytes(100_000)}))) as target:
        assert len(read_member(target, "a.bin", 100_000)) == 100_000
        with pytest.raises(ArchiveBomb):
            read_member(target, "a.bin", 99_999)


@pytest.mark.parametrize("name", ["../up.txt", "a/../../b", "/etc/passwd", "..\\up.txt", "C:/x"])
def test_names_that_lead_outside(name: str) -> None:
    with pytest.raises(UnsafeArchive):
        check(package([name]))


def test_macros_links_and_passwords() -> None:
    with pytest.raises(UnsafeArchive):
        check(package(["word/document.xml", "word/vbaProject.bin"]))
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr(link, "/etc/passwd")
    with pytest.raises(UnsafeArchive):
        check(out.getvalue())
    locked = bytearray(package((), {"a.txt": b"x"}))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UnsafeArchive):
        check(bytes(locked))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"x" * 100, package((), {"a.txt": b"x" * 500})[:-30]])
def test_what_is_no_package(data: bytes) -> None:
    with pytest.raises(DamagedFile):
        check(data)


def test_nested_garbage_is_damage() -> None:
    with pytest.raises(DamagedFile):
        check(package((), {"inner.zip": b"not a zip"}))
