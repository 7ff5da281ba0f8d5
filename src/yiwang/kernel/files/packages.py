"""Guard against packages (ZIP, DOCX, XLSX, OFD) that unfold to too much or hold what is never taken.

The central directory is judged before anything is unpacked, and members are read under a limit, since it may lie.
"""

import io
import stat
import zipfile
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from yiwang.kernel.files.names import ending_of
from yiwang.kernel.files.refusals import ArchiveBomb, DamagedFile, UnsafeArchive

MIB = 1 << 20
NESTED = frozenset({"zip", "docx", "xlsx", "pptx", "ofd", "jar", "kmz"})
PIECE = 64 * 1024


@dataclass(frozen=True)
class PackageLimits:
    """What a package may unfold to, all layers together."""

    members: int = 3000
    plain_bytes: int = 300 * MIB
    ratio: int = 100
    ratio_from: int = 16 * MIB
    nested: int = 20
    nested_bytes: int = 50 * MIB
    depth: int = 2


@dataclass
class _Tally:
    members: int = 0
    plain_bytes: int = 0
    nested: int = 0


def check_package(stream: IO[bytes], size: int, limits: PackageLimits = PackageLimits()) -> frozenset[str]:
    """Names of the members of an acceptable package of `size` bytes.

    Raises ArchiveBomb, UnsafeArchive or DamagedFile; memory used is bounded by `nested_bytes`.
    """
    return _Guard(limits).layer(stream, size, 0)


class _Guard:
    def __init__(self, limits: PackageLimits) -> None:
        self._limits = limits
        self._tally = _Tally()

    def layer(self, stream: IO[bytes], size: int, depth: int) -> frozenset[str]:
        try:
            with zipfile.ZipFile(stream) as package:
                return self._members(package, size, depth)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, ValueError) as error:
            raise DamagedFile() from error

    def _members(self, package: zipfile.ZipFile, size: int, depth: int) -> frozenset[str]:
        members = package.infolist()
        for member in members:
            _check_member(member)
        self._count(members, size)
        for member in members:
            if ending_of(member.filename) in NESTED:
                self._unfold(package, member, depth + 1)
        return frozenset(member.filename for member in members)

    def _count(self, members: list[zipfile.ZipInfo], size: int) -> None:
        packed = sum(member.compress_size for member in members)
        plain = sum(member.file_size for member in members)
        self._tally.members += len(members)
        self._tally.plain_bytes += plain
        _require(self._tally.members <= self._limits.members)
        _require(self._tally.plain_bytes <= self._limits.plain_bytes)
        _require(packed <= size)
        _require(plain <= self._limits.ratio_from or plain <= size * self._limits.ratio)

    def _unfold(self, package: zipfile.ZipFile, member: zipfile.ZipInfo, depth: int) -> None:
        self._tally.nested += 1
        _require(depth <= self._limits.depth and self._tally.nested <= self._limits.nested)
        inner = read_member(package, member.filename, self._limits.nested_bytes)
        self.layer(io.BytesIO(inner), len(inner), depth)


def read_member(package: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """The plain bytes of one member. Raises ArchiveBomb once `limit` is passed, whatever the directory says."""
    parts: list[bytes] = []
    with package.open(name) as member:
        while piece := member.read(PIECE):
            parts.append(piece)
            limit -= len(piece)
            _require(limit >= 0)
    return b"".join(parts)


def _require(holds: bool) -> None:
    if not holds:
        raise ArchiveBomb()


def _check_member(member: zipfile.ZipInfo) -> None:
    if member.flag_bits & 1:
        raise UnsafeArchive(_("压缩包加了密码，无法检查"))
    if _leads_outside(member.filename) or stat.S_ISLNK(member.external_attr >> 16):
        raise UnsafeArchive(_("压缩包里的文件名指向包外"))
    if member.filename.lower().endswith("vbaproject.bin"):
        raise UnsafeArchive(_("文件里带有宏程序"))
    _require(member.compress_size <= member.file_size + member.file_size // 50 + 1024)


def _leads_outside(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or parts[0] == "" or ":" in parts[0]
